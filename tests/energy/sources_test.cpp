// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sources.h"

#include <gtest/gtest.h>

#include "tests/energy/example_table.h"

namespace razorsim {
namespace {

ActivityCounters example_activity() {
  ActivityCounters activity;
  activity.time = Picoseconds(1'000'000);
  activity.array = {.products = 4096, .group_ends = 256, .shifts = 256};
  activity.vector_unit = {.additions = 10, .multiplications = 20};
  activity.razor_groups = 7;
  activity.weight_buffer.read = {.codes = Bits(1600), .flags = Bits(100), .scales = Bits(300)};
  activity.dram = {.activate = Picojoules(500),
                   .read = Picojoules(2000),
                   .write = Picojoules(0),
                   .refresh = Picojoules(30),
                   .standby = Picojoules(70),
                   .bits_read = {.codes = Bits(900), .flags = Bits(60), .scales = Bits(40)},
                   .bits_written = {}};
  return activity;
}

TechnologyTable table_with_spreads() {
  TechnologyTable table = example_table();
  table.dram_spread = {0.5, 1, 1};
  for (UnitTechnology& unit : table.units) unit.ratio = {{0.9, 1, 1.25}, {0.8, 1, 1.1}};
  return table;
}

TEST(Sources, SumToTheTotalThatTheComponentsSumTo) {
  const TechnologyTable table = table_with_spreads();
  const SourcedTotal energy = sources_of_energy(example_activity(), example_inventory(), table);
  const EnergyBreakdown parts = energy_of(example_activity(), example_inventory(), table);
  EXPECT_NEAR(energy.nominal(), parts.total().nominal, 1e-9 * parts.total().nominal);
  EXPECT_NEAR(energy.dram_io.nominal, 1000 * 6, 1e-9);  // flags and scales included
  EXPECT_DOUBLE_EQ(energy.dram.low, 2600 * 0.5);
  // The anchor's bounds without those of the unit's ratio, and the other way round.
  const double array = (parts.multipliers + parts.accumulate_shift).nominal;
  EXPECT_NEAR(energy.arithmetic.high, 2 * array + 35, 1e-9);
  EXPECT_NEAR(energy.unit.high, 1.25 * array, 1e-9);
  const AreaBreakdown area = area_of(example_inventory(), table);
  EXPECT_NEAR(sources_of_area(example_inventory(), table).nominal(), area.total().nominal,
              1e-9 * area.total().nominal);
}

TEST(Sources, ARatioOfTheSameMachineIsOneWhateverTheSourcesSay) {
  const SourcedTotal energy =
      sources_of_energy(example_activity(), example_inventory(), table_with_spreads());
  const Estimate ratio = ratio_of(energy, energy, true);
  EXPECT_DOUBLE_EQ(ratio.low, 1);
  EXPECT_DOUBLE_EQ(ratio.nominal, 1);
  EXPECT_DOUBLE_EQ(ratio.high, 1);
}

TEST(Sources, ASharedSourceCancelsAndUnitsDoNot) {
  // 8 against 4 of the same source: 2, however wrong the source is.
  SourcedTotal a, b;
  a.sram = {4, 8, 40};
  b.sram = {2, 4, 20};
  EXPECT_EQ(ratio_of(a, b, false), exactly(2));
  EXPECT_TRUE(is_certain(ratio_of(a, b, false)));
  // 10 against 9 of arrays whose ratios to the anchor are 10 % unsure each: no ranking.
  SourcedTotal c, d;
  c.arithmetic = exactly(10);
  c.unit = {9, 10, 11};
  d.arithmetic = exactly(9);
  d.unit = {8.1, 9, 9.9};
  const Estimate apart = ratio_of(c, d, false);
  EXPECT_DOUBLE_EQ(apart.low, 9 / 9.9);
  EXPECT_DOUBLE_EQ(apart.high, 11 / 8.1);
  EXPECT_FALSE(is_certain(apart));
  // Of one unit they err together.
  const Estimate together = ratio_of(c, d, true);
  EXPECT_DOUBLE_EQ(together.low, 10.0 / 9);
  EXPECT_DOUBLE_EQ(together.high, 10.0 / 9);
}

TEST(Sources, ADifferentMixOfSourcesWidensTheRatio) {
  // All SRAM against all DRAM I/O: the bounds of each against the other's.
  SourcedTotal a, b;
  a.sram = {1, 2, 3};
  b.dram_io = {1, 1, 4};
  const Estimate ratio = ratio_of(a, b, true);
  EXPECT_DOUBLE_EQ(ratio.low, 1.0 / 4);
  EXPECT_DOUBLE_EQ(ratio.nominal, 2);
  EXPECT_DOUBLE_EQ(ratio.high, 3);
}

TEST(Sources, NothingHasNoRatio) { EXPECT_EQ(ratio_of({}, {}, false), Estimate{}); }

}  // namespace
}  // namespace razorsim
