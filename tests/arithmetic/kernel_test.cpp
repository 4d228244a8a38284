// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/kernel.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/each_target.h"

namespace razorsim {
namespace {

struct Matrix {
  std::int64_t rows;
  std::int64_t cols;
  std::vector<std::int16_t> data;

  Matrix(std::int64_t rows_, std::int64_t cols_, int smallest, int largest, unsigned seed)
      : rows(rows_), cols(cols_), data(static_cast<std::size_t>(rows_ * cols_)) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> pick(smallest, largest);
    for (auto& each : data) each = static_cast<std::int16_t>(pick(random));
  }
  [[nodiscard]] MatrixView<const std::int16_t> view() const { return {data.data(), rows, cols}; }
};

/// Codes of `low`..`high` times a power of two up to 2^`most` that each `group` of a row shares.
Matrix razored(std::int64_t rows, std::int64_t cols, int low, int high, int most, unsigned seed,
               std::int64_t group = 16) {
  Matrix made(rows, cols, low, high, seed);
  std::mt19937 random(seed + 1);
  for (std::int64_t row = 0; row < rows; ++row) {
    unsigned shift = 0;
    for (std::int64_t col = 0; col < cols; ++col) {
      if (col % group == 0) shift = random() % (static_cast<unsigned>(most) + 1);
      auto& element = made.data[static_cast<std::size_t>(row * cols + col)];
      element = static_cast<std::int16_t>(element * (1 << shift));
    }
  }
  return made;
}

struct Output {
  std::int64_t rows;
  std::int64_t cols;
  std::vector<std::int64_t> data;

  Output(std::int64_t rows_, std::int64_t cols_, std::int64_t fill = -77)
      : rows(rows_), cols(cols_), data(static_cast<std::size_t>(rows_ * cols_), fill) {}
  [[nodiscard]] MatrixView<std::int64_t> view() { return {data.data(), rows, cols}; }
};

Output plain_product(const Matrix& a, const Matrix& w) {
  Output c(a.rows, w.rows);
  multiply_plain(a.view(), w.view(), c.view());
  return c;
}

/// Operands packed as the best instruction set of this machine wants them, which the others take
/// too.
template <class Packed>
Packed packed_for_the_best(const Matrix& matrix, KernelTarget then) {
  use_kernel_target(KernelTarget::automatic);
  Packed packed(matrix.view());
  use_kernel_target(then);
  return packed;
}

class Kernel : public testing::OnEachTarget {};

TEST_P(Kernel, EqualsTheDefinitionForEveryOperandWidth) {
  struct Width {
    int low, high;
  };
  const Width widths[] = {{-7, 7},     {-8, 7},         {-127, 127},    {-128, 127},
                          {-128, 128}, {-32767, 32767}, {-32768, 32767}};
  unsigned seed = 1;
  for (const Width& left : widths) {
    for (const Width& right : widths) {
      const Matrix a(9, 531, left.low, left.high, ++seed);
      const Matrix w(37, 531, right.low, right.high, ++seed);
      Output c(9, 37);
      multiply(PackedLeft(a.view()), PackedRight(w.view()), c.view());
      EXPECT_EQ(c.data, plain_product(a, w).data) << left.low << " x " << right.low;
    }
  }
}

TEST_P(Kernel, IsExactAtTheExtremesOfEveryWidth) {
  // All elements at one end: the largest sums there are, of both signs.
  for (const int left : {7, 127, -128, 28672, 32767, -32768}) {
    for (const int right : {-8, 112, 127, -128, 32767, -32768}) {
      const Matrix a(5, 1100, left, left, 1);
      const Matrix w(18, 1100, right, right, 1);
      Output c(5, 18);
      multiply(PackedLeft(a.view()), PackedRight(w.view()), c.view());
      EXPECT_THAT(c.data, ::testing::Each(std::int64_t{1100} * left * right))
          << left << " x " << right;
    }
  }
}

TEST_P(Kernel, TakesRaggedShapes) {
  unsigned seed = 100;
  for (const std::int64_t m : {1, 2, 3, 4, 5, 7, 8, 11, 16, 131}) {
    for (const std::int64_t n : {1, 15, 16, 17, 33, 48, 64, 65, 210}) {
      const std::int64_t k = 1 + (m * 37 + n * 91) % 600;
      const Matrix a(m, k, -30000, 30000, ++seed);
      const Matrix w(n, k, -112, 112, ++seed);
      Output c(m, n);
      multiply(PackedLeft(a.view()), PackedRight(w.view()), c.view());
      ASSERT_EQ(c.data, plain_product(a, w).data) << m << " x " << n << " x " << k;
    }
  }
}

TEST_P(Kernel, TilesOfAnyRangesAddUpToTheWhole) {
  std::mt19937 random(5);
  for (const int largest : {127, 32767}) {  // the direct and the split path
    const Matrix a(40, 700, -32767, 32767, 7);
    const Matrix w(53, 700, -largest, largest, 8);
    const PackedLeft left(a.view());
    const PackedRight right(w.view());
    const Output whole = plain_product(a, w);
    for (int trial = 0; trial < 12; ++trial) {
      const auto cut = [&](std::int64_t size) {
        return 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(size));
      };
      const std::int64_t dm = cut(40);
      const std::int64_t dn = cut(53);
      const std::int64_t dk = trial % 3 == 0 ? 256 : cut(300);
      Output c(40, 53);
      for (std::int64_t k = 0; k < 700; k += dk) {
        for (std::int64_t m = 0; m < 40; m += dm) {
          for (std::int64_t n = 0; n < 53; n += dn) {
            const IndexRange rows{m, std::min(m + dm, a.rows)};
            const IndexRange cols{n, std::min(n + dn, w.rows)};
            multiply(left, rows, right, cols, {k, std::min(k + dk, a.cols)},
                     c.view().block(m, n, rows.size(), cols.size()), k > 0);
          }
        }
      }
      ASSERT_EQ(c.data, whole.data) << "tiles of " << dm << " x " << dn << " x " << dk;
    }
  }
}

TEST_P(Kernel, TakesRazoredOperandsOfEveryWidth) {
  // Right operands of 2^20 elements and more are packed as nibbles, if they can be.
  struct Right {
    std::int64_t rows;
    int low, high, most;
    Packing packing;
  };
  const Right rights[] = {
      {1000, -7, 7, 4, Packing::nibbles}, {1000, -8, 7, 4, Packing::nibbles},
      {1000, -8, 7, 0, Packing::nibbles}, {1000, -15, 15, 0, Packing::quads},
      {100, -7, 7, 4, Packing::quads},    {50, -32767, 32767, 0, Packing::words}};
  struct Left {
    int low, high, most;
    std::int64_t group;
    Packing packing;
  };
  const Left lefts[] = {{-7, 7, 12, 16, Packing::bytes},
                        {-128, 127, 8, 16, Packing::bytes},
                        {-127, 127, 0, 16, Packing::bytes},
                        {-7, 7, 12, 8, Packing::words}};
  constexpr std::int64_t k = 1059;  // blocks and a group that are not whole
  use_kernel_target(KernelTarget::automatic);
  const bool by_vnni = kernel_target_name() == "AVX-512 VNNI";
  unsigned seed = 1;
  for (const Right& right : rights) {
    const Matrix w = razored(right.rows, k, right.low, right.high, right.most, ++seed);
    const auto packed_right = packed_for_the_best<PackedRight>(w, GetParam());
    if (by_vnni) {
      ASSERT_EQ(packed_right.packing(), right.packing);
    }
    for (const Left& left : lefts) {
      for (const std::int64_t m : {1, 2, 3, 5, 8, 11}) {
        const Matrix a = razored(m, k, left.low, left.high, left.most, ++seed, left.group);
        const auto packed_left = packed_for_the_best<PackedLeft>(a, GetParam());
        if (by_vnni) {
          ASSERT_EQ(packed_left.packing(), left.packing);
        }
        Output c(m, right.rows);
        multiply(packed_left, packed_right, c.view());
        ASSERT_EQ(c.data, plain_product(a, w).data)
            << m << " rows, " << left.low << " << " << left.most << " x " << right.low << " << "
            << right.most;
      }
    }
  }
}

TEST_P(Kernel, TilesOfRazoredOperandsAddUpToTheWhole) {
  const Matrix razored_rows = razored(19, 1100, -7, 7, 12, 3);
  const Matrix words(19, 1100, -30000, 30000, 3);
  std::mt19937 random(9);
  // Bytes and nibbles, beside bytes and words.
  const std::pair<std::int64_t, const Matrix*> cases[] = {
      {53, &razored_rows}, {1000, &razored_rows}, {1000, &words}};
  for (const auto& [n, a] : cases) {
    const auto left = packed_for_the_best<PackedLeft>(*a, GetParam());
    const Matrix w = razored(n, 1100, -7, 7, 4, 4);
    const auto right = packed_for_the_best<PackedRight>(w, GetParam());
    const Output whole = plain_product(*a, w);
    for (const std::int64_t dk : {16, 48, 256, 272, 37}) {  // whole groups, and cut ones
      const std::int64_t dm = 1 + static_cast<std::int64_t>(random() % 19);
      const std::int64_t dn = 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
      Output c(19, n);
      for (std::int64_t at = 0; at < 1100; at += dk) {
        for (std::int64_t m = 0; m < 19; m += dm) {
          for (std::int64_t col = 0; col < n; col += dn) {
            const IndexRange rows{m, std::min<std::int64_t>(m + dm, 19)};
            const IndexRange cols{col, std::min(col + dn, n)};
            multiply(left, rows, right, cols, {at, std::min<std::int64_t>(at + dk, 1100)},
                     c.view().block(m, col, rows.size(), cols.size()), at > 0);
          }
        }
      }
      ASSERT_EQ(c.data, whole.data) << "tiles of " << dm << " x " << dn << " x " << dk;
    }
  }
}

TEST_P(Kernel, TakesWhatRazoringHasFound) {
  constexpr std::int64_t k = 1059;  // blocks and a group that are not whole
  constexpr std::int64_t groups = 67;
  const Matrix codes(11, k, -128, 127, 1);
  Matrix a = codes;
  std::mt19937 random(2);
  std::vector<std::uint8_t> flags(11 * groups);
  for (auto& flag : flags) flag = static_cast<std::uint8_t>(random() % 9);
  for (std::int64_t i = 0; i < 11 * k; ++i) {
    const auto flag = flags[static_cast<std::size_t>(i / k * groups + i % k / kernel_group)];
    a.data[static_cast<std::size_t>(i)] =
        static_cast<std::int16_t>(a.data[static_cast<std::size_t>(i)] * (1 << flag));
  }
  const Matrix w = razored(100, k, -7, 7, 4, 3);
  const PackedLeft left(a.view(), codes.view(), flags.data());
  EXPECT_EQ(left.largest(), PackedLeft(a.view()).largest());
  Output c(11, 100);
  multiply(left, PackedRight(w.view()), c.view());
  EXPECT_EQ(c.data, plain_product(a, w).data);
}

TEST_P(Kernel, SumsOfWholeRowsNeedNotFit32Bits) {
  // Two large elements and, far behind, a small one: 65535 times 2^15 fits, 65536 times does not.
  for (const std::int16_t last : {0, 1, 2}) {
    for (const std::int64_t m : {1, 9}) {
      Matrix a(m, 1300, 0, 0, 1);
      for (std::int64_t row = 0; row < m; ++row) {
        a.data[static_cast<std::size_t>(row * 1300 + 3)] = 32767;
        a.data[static_cast<std::size_t>(row * 1300 + 700)] = -32768;
        a.data[static_cast<std::size_t>(row * 1300 + 1299)] = last;
      }
      EXPECT_EQ(PackedLeft(a.view()).heaviest_row(), 65535 + last);
      Matrix w(20, 1300, -32768, -32768, 1);
      for (std::size_t i = 0; i < w.data.size(); ++i) w.data[i] = i % 1300 < 500 ? -32768 : 32767;
      Output c(m, 20);
      multiply(PackedLeft(a.view()), PackedRight(w.view()), c.view());
      EXPECT_EQ(c.data, plain_product(a, w).data) << m << " rows that end with " << last;
    }
  }
}

TEST_P(Kernel, TakesRazoredRowsBesideBytesPackedForWords) {
  const Matrix a = razored(11, 600, -7, 7, 12, 3);
  const Matrix w = razored(53, 600, -7, 7, 4, 4);
  Output c(11, 53);
  multiply(PackedLeft(a.view()), PackedRight(w.view(), Packing::bytes), c.view());
  EXPECT_EQ(c.data, plain_product(a, w).data);
}

TEST_P(Kernel, HeadsInOneRoomArePackedAsOneOperand) {
  use_kernel_target(KernelTarget::automatic);
  const bool by_vnni = kernel_target_name() == "AVX-512 VNNI";
  for (const std::int64_t k : {128, 136, 300}) {  // the last block is cut after its last group
    PackedRoom room(std::int64_t{1} << 20);
    std::vector<Matrix> heads;
    std::vector<PackedRight> packed;
    for (unsigned head = 0; head < 5; ++head) {
      heads.push_back(razored(53 + head, k, -7, 7, 4, head));
      packed.emplace_back(heads.back().view(), Packing::nibbles, &room);
      if (by_vnni) {
        ASSERT_EQ(packed.back().packing(), Packing::nibbles);
      }
    }
    use_kernel_target(GetParam());
    for (const std::int64_t m : {1, 3, 9}) {
      for (const Matrix& a : {razored(m, k, -7, 7, 12, 3), Matrix(m, k, -32768, 32767, 3)}) {
        for (std::size_t head = 0; head < heads.size(); ++head) {
          Output c(m, heads[head].rows);
          multiply(PackedLeft(a.view()), packed[head], c.view());
          ASSERT_EQ(c.data, plain_product(a, heads[head]).data) << m << " rows of " << k;
        }
      }
    }
    use_kernel_target(KernelTarget::automatic);
  }
}

TEST_P(Kernel, WhatLiesBesideTheSumsChangesNone) {
  const Matrix a = razored(19, 600, -7, 7, 12, 3);
  const Matrix w = razored(53, 600, -7, 7, 4, 4);
  const std::vector<float> beside(19 * 53);
  Output c(19, 53);
  multiply(PackedLeft(a.view()), {0, 19}, PackedRight(w.view()), {0, 53}, {0, 600}, c.view(), false,
           3, {beside.data(), 19, 53});
  EXPECT_EQ(c.data, plain_product(a, w).data);
}

TEST_P(Kernel, TakesRazoredOperandsAtTheirExtremes) {
  // -128 << 8 is the least word there is; its sums with nibbles at -8 << 4 are the largest.
  for (const int left : {-32768, 32512, 28672}) {
    for (const int right : {-128, 112}) {
      const Matrix a(5, 1100, left, left, 1);
      const Matrix w(1000, 1100, right, right, 1);
      Output c(5, 1000);
      multiply(PackedLeft(a.view()), PackedRight(w.view()), c.view());
      EXPECT_THAT(c.data, ::testing::Each(std::int64_t{1100} * left * right))
          << left << " x " << right;
    }
  }
}

TEST_P(Kernel, EmptyRangeOfKIsZeroOrLeavesTheSums) {
  const Matrix a(3, 20, -9, 9, 1);
  const Matrix w(4, 20, -9, 9, 2);
  const PackedLeft left(a.view());
  const PackedRight right(w.view());
  Output c(3, 4);
  multiply(left, {0, 3}, right, {0, 4}, {7, 7}, c.view(), true);
  EXPECT_THAT(c.data, ::testing::Each(-77));
  multiply(left, {0, 3}, right, {0, 4}, {7, 7}, c.view(), false);
  EXPECT_THAT(c.data, ::testing::Each(0));
}

TEST_P(Kernel, ThreadsDoNotChangeTheResult) {
  const Matrix a(70, 1024, -28672, 28672, 3);
  const Matrix w(500, 1024, -112, 112, 4);
  const PackedLeft left(a.view());
  const PackedRight right(w.view());
  Output one(70, 500);
  multiply(left, right, one.view(), 1);
  for (const int threads : {2, 3, 8, 64}) {
    Output c(70, 500);
    multiply(left, right, c.view(), threads);
    ASSERT_EQ(c.data, one.data) << threads << " threads";
  }
}

std::string name_of_target(const ::testing::TestParamInfo<KernelTarget>& info) {
  const char* const names[] = {"automatic", "vnni512", "avx512", "avx2", "sse4", "plain"};
  return names[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(EachTarget, Kernel,
                         ::testing::Values(KernelTarget::automatic, KernelTarget::vnni512,
                                           KernelTarget::avx512, KernelTarget::avx2,
                                           KernelTarget::sse4, KernelTarget::plain),
                         name_of_target);

TEST(PackedRight, HoldsNarrowElementsInOneByte) {
  const Matrix narrow(3, 5, -128, 127, 1);
  EXPECT_EQ(PackedRight(narrow.view(), Packing::bytes).packing(), Packing::bytes);
  const Matrix wide(3, 5, 128, 128, 1);
  EXPECT_EQ(PackedRight(wide.view()).packing(), Packing::words);
  EXPECT_EQ(PackedRight(wide.view()).largest(), 128);
}

TEST(PackedRight, ReadsAStridedView) {
  const Matrix a(4, 40, -99, 99, 1);
  const Matrix w(6, 40, -99, 99, 2);
  const auto left = a.view().block(1, 3, 2, 30);
  const auto right = w.view().block(2, 3, 4, 30);
  Output expected(2, 4);
  multiply_plain(left, right, expected.view());
  Output c(2, 4);
  multiply(PackedLeft(left), PackedRight(right), c.view());
  EXPECT_EQ(c.data, expected.data);
}

}  // namespace
}  // namespace razorsim
