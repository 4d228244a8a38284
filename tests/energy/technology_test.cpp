// SPDX-License-Identifier: Apache-2.0
#include "models/energy/technology.h"

#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "sim/config/load.h"
#include "tests/energy/example_table.h"

namespace razorsim {
namespace {

using ::testing::HasSubstr;

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder =
      std::filesystem::path(RAZORSIM_TEST_SOURCE_DIR) / "configs/technology";
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    if (each.path().extension() == ".json") files.push_back(each.path());
  }
  return files;
}

TEST(Technology, EveryShippedTableLoadsAndIsConsistent) {
  ASSERT_FALSE(shipped().empty());
  for (const auto& file : shipped()) {
    SCOPED_TRACE(file);
    const auto table = load<TechnologyTable>(file.string());
    EXPECT_NO_THROW(check(table));
    EXPECT_EQ(table.name, file.stem());
    for (const UnitTechnology& unit : table.units) EXPECT_FALSE(unit.source.empty()) << unit.name;
    for (const InterfaceTechnology& each : table.dram_interfaces)
      EXPECT_FALSE(each.source.empty()) << each.name;
    EXPECT_FALSE(table.vector_unit.source.empty());
    EXPECT_FALSE(table.sram.source.empty());
  }
}

TEST(Technology, ShippedTablesKnowEveryUnitAndInterface) {
  for (const auto& file : shipped()) {
    SCOPED_TRACE(file);
    const auto table = load<TechnologyTable>(file.string());
    for (const char* name : {"sdr_dot", "sdr_lean", "sdr_full", "int8", "int16x8", "int4"}) {
      EXPECT_NO_THROW((void)unit_of(table, name, 16, 40)) << name;
    }
    for (const char* name : {"DDR4", "LPDDR5", "HBM2"})
      EXPECT_NO_THROW((void)interface_of(table, name)) << name;
  }
}

// Measured on gates, osu018 and sky130, with another flow than ours: SDR base 8 against INT8,
// dot-16, saves 65 to 70 % of the area and 55 to 65 % of the energy a MAC.
TEST(Technology, ShippedSavingsAgreeWithGateLevel) {
  const auto table =
      load<TechnologyTable>(RAZORSIM_TEST_SOURCE_DIR "/configs/technology/45nm.json");
  const auto per_mac = [&](const char* name, Estimate LogicCost::*what) {
    const UnitTechnology unit = unit_of(table, name, 16, 32);
    const double shared = (unit.shift.*what).nominal + (unit.accumulate.*what).nominal;
    return (unit.multiply.*what).nominal + (unit.add.*what).nominal + shared / 16;
  };
  const double area =
      1 - per_mac("sdr_dot", &LogicCost::area_um2) / per_mac("int8", &LogicCost::area_um2);
  const double energy =
      1 - per_mac("sdr_dot", &LogicCost::energy_pj) / per_mac("int8", &LogicCost::energy_pj);
  EXPECT_GE(area, 0.65);
  EXPECT_LE(area, 0.70);
  EXPECT_GE(energy, 0.55);
  EXPECT_LE(energy, 0.65);
}

TEST(Technology, UnitIsTheNearestInLanesThenInAccumulator) {
  TechnologyTable table = example_table();
  UnitTechnology wide = table.units[0];
  wide.lanes = 64;
  table.units.push_back(wide);
  UnitTechnology precise = table.units[0];
  precise.accumulator_bits = 40;
  precise.accumulate = cost(1.6, 120);
  table.units.push_back(precise);
  EXPECT_EQ(unit_of(table, "sdr_dot", 8, 32).lanes, 16);
  EXPECT_EQ(unit_of(table, "sdr_dot", 32, 32).lanes, 16);  // a tie
  EXPECT_EQ(unit_of(table, "sdr_dot", 33, 32).lanes, 64);
  EXPECT_DOUBLE_EQ(unit_of(table, "sdr_dot", 16, 48).accumulate.energy_pj.nominal, 1.6 * 48 / 40);
  EXPECT_DOUBLE_EQ(unit_of(table, "sdr_dot", 16, 48).multiply.energy_pj.nominal, 0.1);
}

TEST(Technology, UnknownNamesAreRefusedWithTheNearest) {
  const TechnologyTable table = example_table();
  try {
    (void)unit_of(table, "sdr_dto", 16, 32);
    FAIL() << "no unit of that name";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("sdr_dot"));
  }
  EXPECT_THROW((void)interface_of(table, "DDR9"), ConfigError);
  EXPECT_THROW((void)razor_unit_of(TechnologyTable{}, 16), ConfigError);
}

TEST(Technology, RazorUnitScalesWithTheElements) {
  const RazorTechnology unit = razor_unit_of(example_table(), 32);
  EXPECT_DOUBLE_EQ(unit.energy_pj.nominal, 10);
  EXPECT_DOUBLE_EQ(unit.area_um2.nominal, 2000);
}

struct Fault {
  const char* path;
  std::function<void(TechnologyTable&)> make;
};

TEST(Technology, EachInconsistencyIsNamed) {
  const std::vector<Fault> faults = {
      {"technology.units[1].node_nm", [](TechnologyTable& t) { t.units[1].node_nm = 32; }},
      {"technology.sram.points[3].node_nm",
       [](TechnologyTable& t) { t.sram.points[3].node_nm = 22; }},
      {"technology.razor_units[0].node_nm",
       [](TechnologyTable& t) { t.razor_units[0].node_nm = 40; }},
      {"technology.vector_unit.node_nm", [](TechnologyTable& t) { t.vector_unit.node_nm = 7; }},
      {"technology.units[0].multiply.energy_pj",
       [](TechnologyTable& t) { t.units[0].multiply.energy_pj.low = 1; }},
      {"technology.dram_interfaces[0].io_pj_per_bit",
       [](TechnologyTable& t) { t.dram_interfaces[0].io_pj_per_bit.high = 5; }},
      {"technology.sram.spread", [](TechnologyTable& t) { t.sram.spread.high = 0.5; }},
      {"technology.sram.points", [](TechnologyTable& t) { t.sram.points.pop_back(); }},
      {"technology.sram.points[2]", [](TechnologyTable& t) { t.sram.points[2].area_um2 = 0; }},
      {"technology.units[3]", [](TechnologyTable& t) { t.units.push_back(t.units[0]); }},
  };
  EXPECT_NO_THROW(check(example_table()));
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.path);
    TechnologyTable table = example_table();
    fault.make(table);
    try {
      check(table);
      FAIL() << "accepted";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.problems().front().path, fault.path);
    }
  }
}

TEST(Technology, AllProblemsAreReportedAtOnce) {
  TechnologyTable table = example_table();
  for (UnitTechnology& unit : table.units) unit.node_nm = 28;
  EXPECT_EQ(physical_problems(table).size(), table.units.size());
}

}  // namespace
}  // namespace razorsim
