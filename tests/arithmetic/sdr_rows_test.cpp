// SPDX-License-Identifier: Apache-2.0
// Rows of scalar elements side by side in vectors against the datapath's definition.
#include "models/arithmetic/sdr_rows.h"

#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/arithmetic/kernel.h"
#include "tests/support/each_target.h"

namespace razorsim {
namespace {

constexpr std::int64_t cols = 45;  // no multiple of any vector

/// Registers of one row of shift units, filled at random.
template <class Sum>
struct Shifters {
  RowRegisters<std::int16_t> sums{1, cols};
  ShiftRows moving{1, cols};
  RowRegisters<std::uint8_t> held{1, cols};
  RowRegisters<Sum> from{1, cols};
  RowRegisters<Sum> to{1, cols};

  Shifters(std::mt19937& random, std::int64_t largest_from) {
    for (std::int64_t col = 0; col < cols; ++col) {
      moving.shift();
      moving.row(0)[0] = static_cast<std::int8_t>(random() % 13);
      held.at(0, col) = static_cast<std::uint8_t>(random() % 5);
      sums.at(0, col) = static_cast<std::int16_t>(static_cast<int>(random() % 2049) - 1024);
      const auto value = static_cast<std::int64_t>(random() % (2 * largest_from + 1));
      from.at(0, col) = static_cast<Sum>(value - largest_from);
    }
  }

  [[nodiscard]] RowShift<Sum> row() {
    return {sums.row(0), moving.row(0), held.row(0), from.row(0), to.row(0)};
  }
  /// The accumulator of column `col` after the clock; counts where it did not fit.
  [[nodiscard]] std::int64_t expected(std::int64_t col, const datapath::Accumulator& form,
                                      std::int64_t& overflows) {
    std::int64_t sum = from.at(0, col);
    const int distance = moving.row(0)[col] + held.at(0, col);
    if (form.add(sum, datapath::barrel_shift(sums.at(0, col), distance))) ++overflows;
    return sum;
  }
};

class SdrRows : public testing::OnEachTarget {};

TEST_P(SdrRows, WideRowsAddAsTheAccumulatorDoes) {
  std::mt19937 random(3);
  for (const AccumulatorOverflow overflow :
       {AccumulatorOverflow::saturate, AccumulatorOverflow::wrap}) {
    for (const int bits : {20, 24, 28, 32, 40, 62, 63, 64}) {
      const datapath::Accumulator form{bits, overflow};
      Shifters<std::int64_t> shifters(random, std::int64_t{1} << 18);
      std::int64_t expected_overflows = 0;
      const std::int64_t overflows = shift_rows({shifters.row()}, cols, form);
      for (std::int64_t col = 0; col < cols; ++col)
        EXPECT_EQ(shifters.to.at(0, col), shifters.expected(col, form, expected_overflows));
      EXPECT_EQ(overflows, expected_overflows);
      EXPECT_EQ(overflows > 0, bits <= 24);
    }
  }
}

TEST_P(SdrRows, NarrowRowsAddWhatWideOnesDo) {
  std::mt19937 random(5);
  const datapath::Accumulator form{32, AccumulatorOverflow::saturate};
  ASSERT_TRUE(fits_narrow(31, 16, 16, form));
  for (int i = 0; i < 20; ++i) {
    // 30 additions went before.
    Shifters<std::int32_t> shifters(random, std::int64_t{30} * 1024 << 16);
    shift_rows({shifters.row()}, cols);
    std::int64_t overflows = 0;
    for (std::int64_t col = 0; col < cols; ++col)
      EXPECT_EQ(shifters.to.at(0, col), shifters.expected(col, form, overflows));
    EXPECT_EQ(overflows, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(EachTarget, SdrRows,
                         ::testing::Values(KernelTarget::automatic, KernelTarget::avx512,
                                           KernelTarget::avx2, KernelTarget::sse4));

TEST(FitsNarrow, UpToTheLastSumThatFits) {
  const datapath::Accumulator wide{40, AccumulatorOverflow::saturate};
  // 64 * 2^16 = 2^22 an addition: 511 stay below 2^31, 512 reach it.
  EXPECT_TRUE(fits_narrow(511, 1, 16, wide));
  EXPECT_FALSE(fits_narrow(512, 1, 16, wide));
  EXPECT_TRUE(fits_narrow(1, 511, 16, wide));
  EXPECT_FALSE(fits_narrow(1, 512, 16, wide));
  EXPECT_TRUE(fits_narrow(1, 1, 24, wide));
  EXPECT_FALSE(fits_narrow(1, 1, 25, wide));
  EXPECT_FALSE(fits_narrow(1, 1, 63, wide));
  // 24 bits hold 2^23 - 1: one addition of 2^22, not two.
  const datapath::Accumulator short_one{24, AccumulatorOverflow::saturate};
  EXPECT_TRUE(fits_narrow(1, 1, 16, short_one));
  EXPECT_FALSE(fits_narrow(2, 1, 16, short_one));
}

TEST(ShiftRows, CodesMoveOnForAsLongAsOneLikes) {
  ShiftRows rows(2, 3);
  for (int clock = 0; clock < 3000; ++clock) {
    rows.shift();
    for (std::int64_t row = 0; row < 2; ++row)
      rows.row(row)[0] = static_cast<std::int8_t>((clock + row) % 100);
    for (int col = 0; col < 3; ++col) {
      for (std::int64_t row = 0; row < 2; ++row) {
        const auto entered = clock - col;
        ASSERT_EQ(rows.row(row)[col], entered < 0 ? 0 : (entered + row) % 100);
      }
    }
  }
}

}  // namespace
}  // namespace razorsim
