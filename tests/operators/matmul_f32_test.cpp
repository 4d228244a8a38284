// SPDX-License-Identifier: Apache-2.0
#include "models/operators/matmul_f32.h"

#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

std::vector<float> numbers(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& each : out) each = static_cast<float>(static_cast<std::int32_t>(generator())) * 1e-9F;
  return out;
}

using Shape = std::tuple<int, int, int>;
class MatmulF32 : public testing::TestWithParam<Shape> {};

// Equal in every bit, not within a tolerance: the order of the sum is the promise.
TEST_P(MatmulF32, EqualsTheChainOfRoundedSumsForAnyNumberOfThreads) {
  const auto [m, k, n] = GetParam();
  const auto a = numbers(std::int64_t{m} * k, 1);
  const auto w = numbers(std::int64_t{n} * k, 2);
  std::vector<float> transposed(w.size());
  std::vector<float> expected(static_cast<std::size_t>(m) * static_cast<std::size_t>(n));
  for (int row = 0; row < m; ++row) {
    for (int col = 0; col < n; ++col) {
      volatile float sum = 0;  // the compiler may neither fuse nor reorder
      for (int i = 0; i < k; ++i) {
        volatile float product =
            a[static_cast<std::size_t>(row * k + i)] * w[static_cast<std::size_t>(col * k + i)];
        sum = sum + product;
      }
      expected[static_cast<std::size_t>(row * n + col)] = sum;
    }
  }
  for (int col = 0; col < n; ++col) {
    for (int i = 0; i < k; ++i)
      transposed[static_cast<std::size_t>(i * n + col)] = w[static_cast<std::size_t>(col * k + i)];
  }
  for (const int threads : {1, 2, 3}) {
    std::vector<float> out(expected.size(), -1);
    matmul_f32({a.data(), m, k}, {w.data(), n, k}, {out.data(), m, n}, threads);
    ASSERT_EQ(out, expected);
    std::ranges::fill(out, -1.0F);
    matmul_f32_untransposed({a.data(), m, k}, {transposed.data(), k, n}, {out.data(), m, n},
                            threads);
    ASSERT_EQ(out, expected);
  }
}

TEST(MatmulF32, OfAPackedOperandMayLeaveOutTheRest) {
  constexpr std::int64_t m = 9;
  constexpr std::int64_t k = 33;
  constexpr std::int64_t n = 150;
  const auto a = numbers(m * k, 1);
  const auto w = numbers(n * k, 2);
  std::vector<float> whole(m * n);
  matmul_f32({a.data(), m, k}, {w.data(), n, k}, {whole.data(), m, n});
  std::vector<float> turned(w.size());
  for (std::int64_t i = 0; i < n * k; ++i)
    turned[static_cast<std::size_t>(i % k * n + i / k)] = w[static_cast<std::size_t>(i)];
  const PackedF32 from_rows = PackedF32::transposed({w.data(), n, k});
  const PackedF32 from_columns = PackedF32::plain({turned.data(), k, n});
  for (const PackedF32* packed : {&from_rows, &from_columns}) {
    std::vector<float> out(m * n, -1);
    matmul_f32({a.data(), m, k}, *packed, {out.data(), m, n});
    EXPECT_EQ(out, whole);
    std::vector<float> few(m * 70, -1);
    matmul_f32({a.data(), m, k}, *packed, {few.data(), m, 70});
    for (std::int64_t i = 0; i < m * 70; ++i)
      ASSERT_EQ(few[static_cast<std::size_t>(i)],
                whole[static_cast<std::size_t>(i / 70 * n + i % 70)]);
  }
  // Zeros at the end of k add nothing.
  auto cut = a;
  for (std::int64_t i = 0; i < m * k; ++i) {
    if (i % k >= 20) cut[static_cast<std::size_t>(i)] = 0;
  }
  std::vector<float> all_k(m * n);
  std::vector<float> few_k(m * n, -1);
  matmul_f32({cut.data(), m, k}, from_rows, {all_k.data(), m, n});
  matmul_f32(MatrixView<const float>(cut.data(), m, 20, k), from_rows, {few_k.data(), m, n});
  EXPECT_EQ(few_k, all_k);
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatmulF32,
                         testing::Values(Shape{1, 1, 1}, Shape{1, 576, 49}, Shape{3, 7, 5},
                                         Shape{4, 64, 64}, Shape{5, 65, 130}, Shape{9, 33, 191},
                                         Shape{2, 0, 3}, Shape{0, 4, 4}));

TEST(MatmulF32, WritesOnlyItsWindow) {
  const auto a = numbers(6, 3);
  std::vector<float> out(4 * 10, 7.0F);
  matmul_f32({a.data(), 2, 3}, {a.data(), 2, 3}, MatrixView<float>(out.data() + 11, 2, 2, 10));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool inside = i == 11 || i == 12 || i == 21 || i == 22;
    EXPECT_EQ(out[i] == 7.0F, !inside) << i;
  }
}

TEST(MatmulF32, RefusesShapesThatDoNotMatch) {
  const auto a = numbers(6, 3);
  std::vector<float> out(4);
  EXPECT_THROW(matmul_f32({a.data(), 2, 3}, {a.data(), 3, 2}, {out.data(), 2, 2}), Defect);
  EXPECT_THROW(matmul_f32_untransposed({a.data(), 2, 3}, {a.data(), 2, 3}, {out.data(), 2, 2}),
               Defect);
}

}  // namespace
}  // namespace razorsim
