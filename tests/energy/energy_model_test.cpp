// SPDX-License-Identifier: Apache-2.0
#include "models/energy/energy_model.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "tests/energy/example_table.h"

namespace razorsim {
namespace {

using ::testing::HasSubstr;

// A 16 x 16 x 16 product on dot-16 units: 4096 products, 256 group ends, one shift each.
ActivityCounters example_activity() {
  ActivityCounters activity;
  activity.time = Picoseconds(1'000'000);
  activity.array = {.products = 4096, .group_ends = 256, .shifts = 256};
  activity.vector_unit = {.additions = 10, .multiplications = 20, .exponentials = 3};
  activity.razor_groups = 7;
  activity.weight_buffer.read = {.codes = Bits(1600), .flags = Bits(100), .scales = Bits(300)};
  activity.weight_buffer.written = {.codes = Bits(1600), .flags = Bits(400), .scales = Bits(0)};
  activity.activation_buffer.read = {.codes = Bits(1000), .flags = Bits(0), .scales = Bits(0)};
  activity.dram = {.activate = Picojoules(500),
                   .read = Picojoules(2000),
                   .write = Picojoules(0),
                   .refresh = Picojoules(30),
                   .standby = Picojoules(70),
                   .bits_read = {.codes = Bits(900), .flags = Bits(60), .scales = Bits(40)},
                   .bits_written = {}};
  return activity;
}

TEST(EnergyModel, EachComponentByHand) {
  const EnergyBreakdown energy =
      energy_of(example_activity(), example_inventory(), example_table());
  EXPECT_DOUBLE_EQ(energy.multipliers.nominal, 4096 * 0.1);
  EXPECT_DOUBLE_EQ(energy.multipliers.low, 4096 * 0.05);
  EXPECT_DOUBLE_EQ(energy.multipliers.high, 4096 * 0.2);
  EXPECT_DOUBLE_EQ(energy.accumulate_shift.nominal, 4096 * 0.02 + 256 * 0.4 + 256 * 0.8);
  EXPECT_DOUBLE_EQ(energy.razor_unit.nominal, 7 * 5);
  EXPECT_DOUBLE_EQ(energy.vector_unit.nominal, 10 * 1 + 20 * 4 + 3 * 40);
  // Banks of 16 KiB with 64 bits: 2 pJ a read, 1 pJ a write, so 1/32 and 1/64 pJ a bit.
  EXPECT_NEAR(energy.weight_buffer.nominal, 1600 / 32.0 + 1600 / 64.0, 1e-9);
  EXPECT_NEAR(energy.activation_buffer.nominal, 1000 * 8.0 / 128, 1e-9);
  EXPECT_EQ(energy.output_buffer, Estimate{});
  EXPECT_DOUBLE_EQ(energy.dram_activate.nominal, 500);
  EXPECT_DOUBLE_EQ(energy.dram_read.nominal, 1800);
  EXPECT_DOUBLE_EQ(energy.dram_refresh.nominal, 30);
  EXPECT_DOUBLE_EQ(energy.dram_standby.nominal, 70);
  EXPECT_DOUBLE_EQ(energy.dram_io.nominal, 900 * 6);
  EXPECT_DOUBLE_EQ(energy.dram_io.high, 900 * 10);
  EXPECT_NEAR(energy.flags_and_scales.nominal, 400 / 32.0 + 400 / 64.0 + 200 + 100 * 6, 1e-9);
  // 16 units x (16 x 14 + 150) + 2 razor units x 1000 + 8 lanes x 5000 = 47984 um2 at 10 nW;
  // buffers 4 x 0.25 + 1 mW.
  EXPECT_NEAR(energy.leakage.nominal, (47984 * 10e-6 + 2) * 1e6 * 1e-3, 1e-6);
}

TEST(EnergyModel, ComponentsSumToTheTotal) {
  const EnergyBreakdown energy =
      energy_of(example_activity(), example_inventory(), example_table());
  Estimate sum;
  int components = 0;
  for_each_field<EnergyBreakdown>([&](const auto& each) {
    sum += energy.*each.member;
    ++components;
  });
  EXPECT_EQ(components, 17);
  EXPECT_EQ(sum, energy.total());
  EXPECT_TRUE(energy.total().ordered());
}

// Nothing is lost when flags and scales are told apart: with every bit a code the total is the
// same.
TEST(EnergyModel, FlagsAndScalesAreAShareAndNotAnExtra) {
  ActivityCounters plain = example_activity();
  for (BitSplit* split :
       {&plain.weight_buffer.read, &plain.weight_buffer.written, &plain.dram.bits_read}) {
    *split = {.codes = split->total(), .flags = Bits(0), .scales = Bits(0)};
  }
  const EnergyBreakdown apart = energy_of(example_activity(), example_inventory(), example_table());
  const EnergyBreakdown together = energy_of(plain, example_inventory(), example_table());
  EXPECT_NEAR(apart.total().nominal, together.total().nominal, 1e-9 * together.total().nominal);
  EXPECT_EQ(together.flags_and_scales, Estimate{});
}

TEST(EnergyModel, EnergyIsAdditiveOverOperations) {
  ActivityCounters twice = example_activity();
  add_fields(twice, example_activity());
  const double one =
      energy_of(example_activity(), example_inventory(), example_table()).total().nominal;
  EXPECT_NEAR(energy_of(twice, example_inventory(), example_table()).total().nominal, 2 * one,
              1e-9 * one);
}

TEST(EnergyModel, NothingHappenedCostsNothing) {
  EXPECT_EQ(energy_of({}, example_inventory(), example_table()).total(), Estimate{});
}

TEST(EnergyModel, MixedNodesAreRefused) {
  TechnologyTable table = example_table();
  table.sram.points.front().node_nm = 22;
  EXPECT_THROW((void)energy_of(example_activity(), example_inventory(), table), ConfigError);
  EXPECT_THROW((void)area_of(example_inventory(), table), ConfigError);
}

TEST(EnergyModel, ActivityOfWhatTheMachineLacksIsADefect) {
  ActivityCounters activity = example_activity();
  activity.side_array.products = 1;
  EXPECT_THROW((void)energy_of(activity, example_inventory(), example_table()), Defect);
  activity = example_activity();
  activity.output_buffer.read.codes = Bits(8);
  EXPECT_THROW((void)energy_of(activity, example_inventory(), example_table()), Defect);
}

TEST(EnergyModel, OperandStatisticsScaleTheWholeUnit) {
  TechnologyTable table = example_table();
  table.units[0].data = {.constant = 0.25,
                         .toggle_activation = 0.2,
                         .toggle_weight = 0.1,
                         .zero_activation = -0.1,
                         .zero_weight = -0.05,
                         .floor = 0.3,
                         .source = "example"};
  ActivityCounters activity;
  activity.array = {.products = 1000,
                    .group_ends = 50,
                    .shifts = 50,
                    .described = 1000,
                    .zero_activations = 200,
                    .zero_weights = 100,
                    .toggles_activation = 2000,
                    .toggles_weight = 1500};
  // 0.25 + 0.2 x 2 + 0.1 x 1.5 - 0.1 x 0.2 - 0.05 x 0.1
  const double factor = 0.775;
  EnergyBreakdown energy = energy_of(activity, example_inventory(), table);
  EXPECT_DOUBLE_EQ(energy.multipliers.nominal, factor * 1000 * 0.1);
  EXPECT_DOUBLE_EQ(energy.accumulate_shift.nominal, factor * (1000 * 0.02 + 50 * 0.4 + 50 * 0.8));
  // A held, all-zero stream is bounded by the clock.
  activity.array.toggles_activation = activity.array.toggles_weight = 0;
  EXPECT_DOUBLE_EQ(energy_of(activity, example_inventory(), table).multipliers.nominal,
                   0.3 * 1000 * 0.1);
  // Products without statistics cost what the table says.
  activity.array.products = 2000;
  EXPECT_DOUBLE_EQ(energy_of(activity, example_inventory(), table).multipliers.nominal,
                   (1000 + 300) * 0.1);
}

TEST(EnergyModel, ADotUnitWorksInBeatsThatAreNotAllZero) {
  TechnologyTable table = example_table();
  table.units[0].data = {.constant = 0.25, .any_activation = 0.5, .floor = 0.25};
  ActivityCounters activity;
  activity.array = {.products = 1000, .described = 1000, .zero_activations = 900};
  const auto factor = [&] {
    return energy_of(activity, example_inventory(), table).multipliers.nominal / (1000 * 0.1);
  };
  // 16 lanes: 0.9 ^ 16 = 0.185302 of the beats are all zero.
  EXPECT_NEAR(factor(), 0.25 + 0.5 * (1 - 0.185302), 1e-6);
  activity.array.zero_activations = 0;
  EXPECT_DOUBLE_EQ(factor(), 0.75);
  activity.array.zero_activations = 1000;
  EXPECT_DOUBLE_EQ(factor(), 0.25);
  // Products of which nothing is known cost the table's value beside them.
  activity.array.zero_activations = 250;
  activity.array.described = 500;
  EXPECT_NEAR(factor(), 0.5 + 0.5 * (0.25 + 0.5 * (1 - std::pow(0.5, 16))), 1e-12);
}

TEST(EnergyModel, DotUnitArea) {
  const AreaBreakdown area = area_of(example_inventory(), example_table());
  EXPECT_DOUBLE_EQ(area.multipliers.nominal, 16 * 16 * 10);
  EXPECT_DOUBLE_EQ(area.accumulate_shift.nominal, 16 * (16 * 4 + 50 + 100));
  EXPECT_DOUBLE_EQ(area.razor_unit.nominal, 2000);
  EXPECT_DOUBLE_EQ(area.vector_unit.nominal, 40000);
  EXPECT_NEAR(area.weight_buffer.nominal, 128000, 1e-6);
  EXPECT_DOUBLE_EQ(area.total().nominal, area.logic().nominal + area.weight_buffer.nominal +
                                             area.activation_buffer.nominal);
}

// 20 rows end a group every 16 cycles: ceil(20 / 16) = 2 shift units a column, an accumulator an
// output.
TEST(EnergyModel, LeanElementsShareShiftUnitsOfTheColumn) {
  Inventory machine = example_inventory();
  machine.array = {.unit = "sdr_lean",
                   .rows = 20,
                   .columns = 3,
                   .lanes = 1,
                   .group = 16,
                   .accumulator_bits = 32};
  const AreaBreakdown area = area_of(machine, example_table());
  EXPECT_DOUBLE_EQ(area.accumulate_shift.nominal, 60 * 8 + 3 * 2 * 50 + 60 * 100);
}

// Where an operand stays, a partial sum leaves each shift unit, and a column has one accumulator.
TEST(EnergyModel, PartialSumsMoveToOneAccumulatorAColumn) {
  Inventory machine = example_inventory();
  machine.array = {.unit = "sdr_lean",
                   .rows = 20,
                   .columns = 3,
                   .lanes = 1,
                   .group = 16,
                   .accumulator_bits = 32,
                   .operand_stays = true};
  const AreaBreakdown lean = area_of(machine, example_table());
  EXPECT_DOUBLE_EQ(lean.accumulate_shift.nominal, 60 * 8 + 3 * 2 * 50 + (3 * 2 + 3) * 100);
  machine = example_inventory();
  machine.array.operand_stays = true;  // 4 x 4 dot units
  const AreaBreakdown dot = area_of(machine, example_table());
  EXPECT_DOUBLE_EQ(dot.accumulate_shift.nominal, 16 * (16 * 4 + 50 + 100) + 4 * 100);
}

TEST(EnergyModel, SecondRegistersOfOperandsThatStayAreCharged) {
  Inventory machine = example_inventory();
  machine.array.operand_stays = true;
  const AreaBreakdown before = area_of(machine, example_table());
  machine.array.second_register_bits = 16 * (16 * 4 + 3);
  const AreaBreakdown area = area_of(machine, example_table());
  EXPECT_DOUBLE_EQ(area.multipliers.nominal - before.multipliers.nominal, 16 * 67 * 3);
  EXPECT_DOUBLE_EQ(area.accumulate_shift.nominal, before.accumulate_shift.nominal);

  ActivityCounters activity;
  activity.array.register_writes = 1000;
  EXPECT_DOUBLE_EQ(energy_of(activity, machine, example_table()).multipliers.nominal, 10);
  TechnologyTable without = example_table();
  without.register_bit = {};
  EXPECT_EQ(remarks_on(machine, without).size(), remarks_on(machine, example_table()).size() + 1);
}

TEST(EnergyModel, SeveralGroupsInAUnitNeedAShifterEach) {
  Inventory machine = example_inventory();
  machine.array.lanes = 64;
  const AreaBreakdown area = area_of(machine, example_table());
  EXPECT_DOUBLE_EQ(area.accumulate_shift.nominal, 16 * (64 * 4 + 4 * 50 + 4 * 100));
}

TEST(EnergyModel, IntegerUnitsHaveOneAccumulatorWhateverTheLanes) {
  Inventory machine = example_inventory();
  machine.array = {
      .unit = "int8", .rows = 2, .columns = 2, .lanes = 64, .group = 1, .accumulator_bits = 32};
  EXPECT_DOUBLE_EQ(area_of(machine, example_table()).accumulate_shift.nominal, 4 * (64 * 9 + 100));
}

TEST(EnergyModel, RemarksNameWhatIsNotMeasured) {
  Inventory machine = example_inventory();
  EXPECT_TRUE(remarks_on(machine, example_table()).empty());
  machine.array.lanes = 32;
  machine.output_buffer = {.size = Bytes(4096), .banks = 1, .port = Bits(64)};
  TechnologyTable table = example_table();
  table.units[0].derived = true;
  const std::vector<std::string> remarks = remarks_on(machine, table);
  ASSERT_EQ(remarks.size(), 3);
  EXPECT_THAT(remarks[0], HasSubstr("32 lanes"));
  EXPECT_THAT(remarks[1], HasSubstr("derived"));
  EXPECT_THAT(remarks[2], HasSubstr("output_buffer"));
}

}  // namespace
}  // namespace razorsim
