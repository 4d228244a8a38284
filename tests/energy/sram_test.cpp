// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sram.h"

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "tests/energy/example_table.h"

namespace razorsim {
namespace {

BufferShape bank(std::int64_t kib, std::int64_t bits) {
  return {.size = Bytes(kib * 1024), .banks = 1, .port = Bits(bits)};
}

TEST(Sram, GridPointsAreReturnedAsTheyAre) {
  const SramCost cost = sram_cost(example_table().sram, bank(64, 128));
  EXPECT_DOUBLE_EQ(cost.read_pj_per_bit, 8.0 / 128);
  EXPECT_DOUBLE_EQ(cost.write_pj_per_bit, 4.0 / 128);
  EXPECT_DOUBLE_EQ(cost.leakage_mw, 1);
  EXPECT_DOUBLE_EQ(cost.area_um2, 128000);
  EXPECT_FALSE(cost.extrapolated);
}

TEST(Sram, PowerLawsAreExactBetweenPoints) {
  const SramCost cost = sram_cost(example_table().sram, bank(32, 96));
  EXPECT_NEAR(cost.read_pj_per_bit, std::sqrt(2.0) / 32, 1e-12);
  EXPECT_NEAR(cost.area_um2, 64000, 1e-7);
  EXPECT_FALSE(cost.extrapolated);
}

TEST(Sram, GrowsWithSize) {
  const SramTable table = example_table().sram;
  double last = 0;
  for (std::int64_t kib = 16; kib <= 256; ++kib) {
    const double read = sram_cost(table, bank(kib, 64)).read_pj_per_bit;
    EXPECT_GT(read, last) << kib;
    last = read;
  }
}

TEST(Sram, BanksDivideTheCapacityAndAddTheirAreaAndLeakage) {
  const SramTable table = example_table().sram;
  const SramCost one = sram_cost(table, bank(16, 64));
  const SramCost four = sram_cost(table, {.size = Bytes(64 * 1024), .banks = 4, .port = Bits(64)});
  EXPECT_DOUBLE_EQ(four.read_pj_per_bit, one.read_pj_per_bit);
  EXPECT_DOUBLE_EQ(four.area_um2, 4 * one.area_um2);
  EXPECT_DOUBLE_EQ(four.leakage_mw, 4 * one.leakage_mw);
}

TEST(Sram, WidePortIsMacrosSideBySide) {
  const SramTable table = example_table().sram;
  EXPECT_EQ(sram_cost(table, bank(64, 512)),
            sram_cost(table, {.size = Bytes(64 * 1024), .banks = 4, .port = Bits(128)}));
}

TEST(Sram, BeyondTheGridIsFlaggedAndFarBeyondRefused) {
  const SramTable table = example_table().sram;
  const SramCost small = sram_cost(table, bank(4, 64));
  EXPECT_TRUE(small.extrapolated);
  EXPECT_NEAR(small.read_pj_per_bit, 0.5 / 32, 1e-12);  // the slope at the edge, carried on
  EXPECT_NO_THROW((void)sram_cost(table, bank(2, 64)));
  EXPECT_THROW((void)sram_cost(table, bank(1, 64)), ConfigError);
  EXPECT_NO_THROW((void)sram_cost(table, bank(2048, 64)));
  EXPECT_THROW((void)sram_cost(table, bank(2049, 64)), ConfigError);
}

TEST(Sram, NoBufferCostsNothing) {
  EXPECT_EQ(sram_cost(example_table().sram, bank(0, 64)), SramCost{});
}

TEST(Sram, EmptyTableIsRefused) {
  EXPECT_THROW((void)sram_cost(SramTable{}, bank(64, 64)), ConfigError);
}

}  // namespace
}  // namespace razorsim
