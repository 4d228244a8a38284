// SPDX-License-Identifier: Apache-2.0
// What an event costs at one technology node: plain data, filled from configs/technology/*.json.
// Every figure names its source; a table whose parts belong to different nodes is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "models/base/fields.h"
#include "models/energy/estimate.h"

namespace razorsim {

/// Where a processing element keeps its shifter and its wide accumulator.
enum class UnitStructure { dot, lean, full };
template <>
inline constexpr auto enum_names<UnitStructure> = std::to_array<EnumName<UnitStructure>>({
    {UnitStructure::dot, "dot",
     "`lanes` multipliers, one adder tree, one shifter and accumulator a unit"},
    {UnitStructure::lean, "lean",
     "scalar PE with a group sum; shift units and wide accumulators at the column"},
    {UnitStructure::full, "full", "scalar PE with its own shifter and wide accumulator"},
});

/// Energy of one event of a piece of logic and the area of one such piece.
struct LogicCost {
  Estimate energy_pj{};
  Estimate area_um2;

  bool operator==(const LogicCost&) const = default;
};
template <>
inline constexpr auto fields<LogicCost> = field_table<LogicCost>(
    field("energy_pj", &LogicCost::energy_pj, "pJ", any_value, "energy of one event"),
    field("area_um2", &LogicCost::area_um2, "um2", any_value, "area of one instance"));

/// How a unit's energy depends on its operands, relative to its figures in the table, a product:
///   max(floor, constant + toggles_a + toggles_w + zeros_a + zeros_w + any_a, each mean times its
///   coefficient)
/// where any_a = 1 - zeros_a ^ lanes is the share of beats in which tree, shifter and accumulator
/// have something to do, were zeros independent. Fitted to gate-level runs of real operands; the
/// default makes every product cost the same.
struct DataModel {
  double constant = 1;
  double toggle_activation = 0;
  double toggle_weight = 0;
  double zero_activation = 0;
  double zero_weight = 0;
  double any_activation = 0;
  double floor = 0;
  double largest_error = 0;
  std::string source{};

  bool operator==(const DataModel&) const = default;
};
template <>
inline constexpr auto fields<DataModel> = field_table<DataModel>(
    field("constant", &DataModel::constant, "ratio", any_value,
          "share that does not depend on the operands"),
    field("toggle_activation", &DataModel::toggle_activation, "ratio/bit", any_value,
          "a bit of Hamming distance between successive activation codes"),
    field("toggle_weight", &DataModel::toggle_weight, "ratio/bit", any_value,
          "a bit of Hamming distance between successive weight codes"),
    field("zero_activation", &DataModel::zero_activation, "ratio", any_value,
          "a product whose activation code is zero"),
    field("zero_weight", &DataModel::zero_weight, "ratio", any_value,
          "a product whose weight code is zero"),
    field("any_activation", &DataModel::any_activation, "ratio", any_value,
          "a product in a beat whose activation codes are not all zero"),
    field("floor", &DataModel::floor, "ratio", between(0, 1),
          "least that clock and leakage leave, which bounds the fit"),
    field("largest_error", &DataModel::largest_error, "ratio", non_negative,
          "largest error of a layer that was not fitted, against gates"),
    field("source", &DataModel::source, "", any_value, "what it was fitted to"));

/// What a unit's ratio to the anchor, an INT8 MAC, is uncertain by, relative to it. The anchor's
/// own bounds stand in the figures; they are every unit's alike.
struct RatioSpread {
  Estimate energy{1, 1, 1};
  Estimate area{1, 1, 1};

  bool operator==(const RatioSpread&) const = default;
};
template <>
inline constexpr auto fields<RatioSpread> = field_table<RatioSpread>(
    field("energy", &RatioSpread::energy, "ratio", any_value,
          "energy between libraries and rules: low, 1, high"),
    field("area", &RatioSpread::area, "ratio", any_value, "area likewise"));

/// One arithmetic unit. `multiply` and `add` are a lane's (an event is one MAC); `shift` is a shift
/// unit's (an event is one group end); `accumulate` is a wide accumulator's (an event is one
/// addition).
struct UnitTechnology {
  std::string name{};
  UnitStructure structure = UnitStructure::dot;
  int lanes = 16;
  int group = 16;
  int accumulator_bits = 32;
  double node_nm = 45;
  LogicCost multiply{};
  LogicCost add{};
  LogicCost shift{};
  LogicCost accumulate{};
  RatioSpread ratio{};
  DataModel data{};
  bool derived = false;
  std::string source{};

  bool operator==(const UnitTechnology&) const = default;
};
template <>
inline constexpr auto fields<UnitTechnology> = field_table<UnitTechnology>(
    field("name", &UnitTechnology::name, "", any_value,
          "name of a unit of units.def, e.g. sdr_dot"),
    field("structure", &UnitTechnology::structure, "", any_value,
          "where shifter and accumulator are"),
    field("lanes", &UnitTechnology::lanes, "", between(1, 4096),
          "lanes of the unit the figures were found for"),
    field("group", &UnitTechnology::group, "elements", between(1, 4096),
          "group length the figures were found for; 1 where there is none"),
    field("accumulator_bits", &UnitTechnology::accumulator_bits, "bit", between(8, 64),
          "accumulator width the figures were found for"),
    field("node_nm", &UnitTechnology::node_nm, "nm", between(1, 1000),
          "technology node of the figures"),
    field("multiply", &UnitTechnology::multiply, "", any_value,
          "one multiplier with its operand registers, a MAC"),
    field("add", &UnitTechnology::add, "", any_value,
          "one lane's share of the adder tree or group sum, a MAC"),
    field("shift", &UnitTechnology::shift, "", any_value,
          "flag adder and barrel shifter, a group end; zero where there is none"),
    field("accumulate", &UnitTechnology::accumulate, "", any_value,
          "wide accumulator with its register, an accumulation"),
    field("ratio", &UnitTechnology::ratio, "", any_value,
          "bounds of its ratio to the anchor, which is every unit's"),
    field("data", &UnitTechnology::data, "", any_value, "how energy depends on the operands"),
    field("derived", &UnitTechnology::derived, "", any_value,
          "true: by docs/energy.md's rule from the anchor, not measured"),
    field("source", &UnitTechnology::source, "", any_value, "where the figures come from"));

/// One SRAM macro of the buffer table: one read-write port.
struct SramPoint {
  double size_kib = 0;
  int port_bits = 0;
  double node_nm = 45;
  double read_pj = 0;
  double write_pj = 0;
  double leakage_mw = 0;
  double access_ns = 0;
  double area_um2 = 0;

  bool operator==(const SramPoint&) const = default;
};
template <>
inline constexpr auto fields<SramPoint> = field_table<SramPoint>(
    field("size_kib", &SramPoint::size_kib, "KiB", at_least(0.001), "capacity"),
    field("port_bits", &SramPoint::port_bits, "bit", between(1, 65536), "width of the port"),
    field("node_nm", &SramPoint::node_nm, "nm", between(1, 1000), "technology node"),
    field("read_pj", &SramPoint::read_pj, "pJ", non_negative,
          "energy of one read of the whole port"),
    field("write_pj", &SramPoint::write_pj, "pJ", non_negative,
          "energy of one write of the whole port"),
    field("leakage_mw", &SramPoint::leakage_mw, "mW", non_negative, "leakage of the macro"),
    field("access_ns", &SramPoint::access_ns, "ns", non_negative, "access time"),
    field("area_um2", &SramPoint::area_um2, "um2", non_negative, "height times width"));

/// The buffer table: a full grid of sizes and port widths, all of one cell type.
struct SramTable {
  std::string cell_type{};
  Estimate spread{1, 1, 1};
  std::vector<SramPoint> points{};
  std::string source{};

  bool operator==(const SramTable&) const = default;
};
template <>
inline constexpr auto fields<SramTable> = field_table<SramTable>(
    field("cell_type", &SramTable::cell_type, "", any_value,
          "transistors of cells and periphery, in CACTI's words"),
    field("spread", &SramTable::spread, "ratio", any_value,
          "energy relative to the points: low, 1, high"),
    field("points", &SramTable::points, "", any_value, "a full grid of sizes and port widths"),
    field("source", &SramTable::source, "", any_value, "where the points come from"));

/// Elementary operations of the vector unit, in FP32; one lane has one of each datapath.
struct VectorTechnology {
  double node_nm = 45;
  Estimate add_pj{};
  Estimate multiply_pj{};
  Estimate compare_pj{};
  Estimate divide_pj{};
  Estimate square_root_pj{};
  Estimate exponential_pj{};
  Estimate convert_pj{};
  Estimate lane_area_um2;
  std::string source{};

  bool operator==(const VectorTechnology&) const = default;
};
template <>
inline constexpr auto fields<VectorTechnology> = field_table<VectorTechnology>(
    field("node_nm", &VectorTechnology::node_nm, "nm", between(1, 1000), "technology node"),
    field("add_pj", &VectorTechnology::add_pj, "pJ", any_value, "one FP32 addition"),
    field("multiply_pj", &VectorTechnology::multiply_pj, "pJ", any_value,
          "one FP32 multiplication"),
    field("compare_pj", &VectorTechnology::compare_pj, "pJ", any_value,
          "one FP32 comparison or maximum"),
    field("divide_pj", &VectorTechnology::divide_pj, "pJ", any_value, "one FP32 division"),
    field("square_root_pj", &VectorTechnology::square_root_pj, "pJ", any_value,
          "one FP32 square root"),
    field("exponential_pj", &VectorTechnology::exponential_pj, "pJ", any_value,
          "one FP32 exponential"),
    field("convert_pj", &VectorTechnology::convert_pj, "pJ", any_value,
          "one conversion between integer and FP32"),
    field("lane_area_um2", &VectorTechnology::lane_area_um2, "um2", any_value,
          "one lane with all its datapaths"),
    field("source", &VectorTechnology::source, "", any_value, "where the figures come from"));

/// The razor unit, by group length: OR tree, leading one, shift and round of a whole group at once.
struct RazorTechnology {
  int group = 16;
  double node_nm = 45;
  Estimate energy_pj{};
  Estimate area_um2;
  bool derived = false;
  std::string source{};

  bool operator==(const RazorTechnology&) const = default;
};
template <>
inline constexpr auto fields<RazorTechnology> = field_table<RazorTechnology>(
    field("group", &RazorTechnology::group, "elements", between(1, 4096),
          "elements encoded at once"),
    field("node_nm", &RazorTechnology::node_nm, "nm", between(1, 1000), "technology node"),
    field("energy_pj", &RazorTechnology::energy_pj, "pJ", any_value, "encoding one group"),
    field("area_um2", &RazorTechnology::area_um2, "um2", any_value,
          "a unit that encodes one group a cycle"),
    field("derived", &RazorTechnology::derived, "", any_value,
          "true: by docs/energy.md's rule, not measured"),
    field("source", &RazorTechnology::source, "", any_value, "where the figures come from"));

/// Off-chip signalling, both ends. A property of the interface, so it has no node of ours.
struct InterfaceTechnology {
  std::string name{};
  Estimate io_pj_per_bit{};
  std::string source{};

  bool operator==(const InterfaceTechnology&) const = default;
};
template <>
inline constexpr auto fields<InterfaceTechnology> = field_table<InterfaceTechnology>(
    field("name", &InterfaceTechnology::name, "", any_value, "standard of the device, e.g. DDR4"),
    field("io_pj_per_bit", &InterfaceTechnology::io_pj_per_bit, "pJ/bit", any_value,
          "drivers, termination and receivers of a data bit"),
    field("source", &InterfaceTechnology::source, "", any_value, "where the figures come from"));

struct TechnologyTable {
  std::string name = "45nm";
  std::string source{};
  double node_nm = 45;
  double voltage_v = 0.9;
  double nand2_um2 = 1;
  Estimate logic_leakage_nw_per_um2;
  LogicCost register_bit{};
  std::vector<UnitTechnology> units{};
  std::vector<RazorTechnology> razor_units{};
  VectorTechnology vector_unit{};
  SramTable sram{};
  Estimate dram_spread{1, 1, 1};
  std::vector<InterfaceTechnology> dram_interfaces{};
  std::string scaling{};

  bool operator==(const TechnologyTable&) const = default;
};
template <>
inline constexpr auto fields<TechnologyTable> = field_table<TechnologyTable>(
    field("name", &TechnologyTable::name, "", any_value, "the table's name"),
    field("source", &TechnologyTable::source, "", any_value,
          "what the table is and where it comes from"),
    field("node_nm", &TechnologyTable::node_nm, "nm", between(1, 1000),
          "technology node; every part must be of this node"),
    field("voltage_v", &TechnologyTable::voltage_v, "V", between(0.1, 10),
          "supply of the logic figures"),
    field("nand2_um2", &TechnologyTable::nand2_um2, "um2", at_least(1e-6),
          "area of a NAND2, the unit of gate equivalents"),
    field("logic_leakage_nw_per_um2", &TechnologyTable::logic_leakage_nw_per_um2, "nW/um2",
          any_value, "leakage of logic"),
    field("register_bit", &TechnologyTable::register_bit, "", any_value,
          "a bit of a register that no unit's figures hold, a clock in which it is written"),
    field("units", &TechnologyTable::units, "", any_value, "arithmetic units"),
    field("razor_units", &TechnologyTable::razor_units, "", any_value,
          "razor units by group length"),
    field("vector_unit", &TechnologyTable::vector_unit, "", any_value, "vector unit"),
    field("sram", &TechnologyTable::sram, "", any_value, "on-chip buffers"),
    field("dram_spread", &TechnologyTable::dram_spread, "ratio", any_value,
          "energy of DRAM commands and background relative to the device's currents: low, 1, high"),
    field("dram_interfaces", &TechnologyTable::dram_interfaces, "", any_value,
          "off-chip signalling by standard"),
    field("scaling", &TechnologyTable::scaling, "", any_value,
          "how logic figures were scaled from another node, said in every result; empty where they "
          "were not"));

/// What is wrong with a table: mixed nodes, bounds out of order, a hole in the SRAM grid, a name
/// twice.
[[nodiscard]] std::vector<Problem> physical_problems(const TechnologyTable& table);

/// Throws ConfigError where physical_problems() finds any.
void check(const TechnologyTable& table);

/// The entry of unit `name` whose lanes are nearest to `lanes` by ratio (the smaller on a tie), and
/// of those the one with the nearest accumulator; its shifter and accumulator are scaled with the
/// width. Costs a lane are taken over as they are. Throws ConfigError with the nearest name.
[[nodiscard]] UnitTechnology unit_of(const TechnologyTable& table, std::string_view name, int lanes,
                                     int accumulator_bits);

/// Throws ConfigError when the table has no such interface.
[[nodiscard]] const InterfaceTechnology& interface_of(const TechnologyTable& table,
                                                      std::string_view name);

/// Energy and area of a razor unit for groups of `group`: the nearest entry, scaled with the
/// elements.
[[nodiscard]] RazorTechnology razor_unit_of(const TechnologyTable& table, int group);

}  // namespace razorsim
