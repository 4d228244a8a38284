// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rms_norm.h"

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

std::vector<float> numbers(std::size_t count, unsigned seed, float spread) {
  std::mt19937 generator(seed);
  std::vector<float> out(count);
  for (float& each : out)
    each = (static_cast<float>(generator() >> 8) / 8388608.0F - 1.0F) * spread;
  return out;
}

// A chain of n rounded additions of positive numbers errs by less than n/2 units of the last place.
TEST(RmsNorm, AgreesWithExactArithmetic) {
  const std::size_t n = 576;
  const auto x = numbers(3 * n, 1, 20);
  const auto weight = numbers(n, 2, 3);
  std::vector<float> out(x.size());
  rms_norm({x.data(), 3, 576}, weight, 1e-5F, {out.data(), 3, 576});
  for (std::size_t row = 0; row < 3; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(x[row * n + i]) * x[row * n + i];
    const double root = std::sqrt(sum / n + 1e-5);
    for (std::size_t i = 0; i < n; ++i) {
      const double expected = x[row * n + i] / root * weight[i];
      ASSERT_NEAR(out[row * n + i], expected, std::fabs(expected) * (n / 4 + 4) * 0x1p-24);
    }
  }
}

TEST(RmsNorm, WorksInPlaceAndOnWindows) {
  auto x = numbers(40, 3, 1);
  const auto weight = numbers(6, 4, 1);
  std::vector<float> out(12);
  const MatrixView<float> window(x.data() + 3, 2, 6, 20);
  rms_norm(window, weight, 0.1F, {out.data(), 2, 6});
  rms_norm(window, weight, 0.1F, window);
  for (std::int64_t row = 0; row < 2; ++row) {
    for (std::int64_t col = 0; col < 6; ++col)
      EXPECT_EQ(window(row, col), out[static_cast<std::size_t>(row * 6 + col)]);
  }
  EXPECT_THROW(rms_norm(window, {weight.data(), 5}, 0.1F, window), Defect);
}

TEST(RmsNorm, ARowOfZerosStaysZero) {
  const std::vector<float> x(4);
  const std::vector<float> weight(4, 2);
  std::vector<float> out(4, 7);
  rms_norm({x.data(), 1, 4}, weight, 1e-6F, {out.data(), 1, 4});
  EXPECT_EQ(out, x);
}

// Bits written down once: another machine, compiler or library must make the same ones.
TEST(RmsNorm, BitsAreTheSameOnEveryMachine) {
  const auto x = numbers(4 * 250, 11, 9);
  const auto weight = numbers(250, 12, 2);
  std::vector<float> out(x.size());
  rms_norm({x.data(), 4, 250}, weight, 1e-5F, {out.data(), 4, 250});
  std::uint64_t hash = 14695981039346656037ULL;
  for (const float each : out)
    hash = (hash ^ std::bit_cast<std::uint32_t>(each)) * 1099511628211ULL;
  EXPECT_EQ(hash, 14244967769301743961ULL);
}

}  // namespace
}  // namespace razorsim
