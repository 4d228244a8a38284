// SPDX-License-Identifier: Apache-2.0
// A result as it is written: the keys of result.json and the columns of operations.csv. Made from a
// RunResult by report_of; docs/results.md is generated from these tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/energy/energy_model.h"
#include "sim/config/shape.h"
#include "sim/result/run_result.h"
#include "sim/result/step_report.h"

namespace razorsim {

/// The nominal figures of a breakdown as plain numbers, so that they sum to the nominal total.
template <class Breakdown>
struct Nominal {
  Breakdown breakdown;

  [[nodiscard]] Value as_value() const {
    JsonObject members;
    for_each_field<Breakdown>([&](const auto& each) {
      members.push_back({std::string(each.name), Value((breakdown.*each.member).nominal)});
    });
    return members;
  }
  [[nodiscard]] static Shape shape() {
    Shape shape;
    for_each_field<Breakdown>([&](const auto& each) {
      shape.fields.push_back(
          {each.name, each.unit, each.range, each.meaning, "", shape_of<double>(), Value(0.0)});
    });
    return shape;
  }
  bool operator==(const Nominal&) const = default;
};

struct RooflineReport {
  double peak_gmac_per_s = 0;
  double roof_gmac_per_s = 0;
  double achieved_gmac_per_s = 0;
  double macs_per_dram_byte = 0;
  double ridge_macs_per_byte = 0;

  bool operator==(const RooflineReport&) const = default;
};
template <>
inline constexpr auto fields<RooflineReport> = field_table<RooflineReport>(
    field("peak_gmac_per_s", &RooflineReport::peak_gmac_per_s, "GMAC/s", non_negative,
          "every multiplier of the array every cycle"),
    field("roof_gmac_per_s", &RooflineReport::roof_gmac_per_s, "GMAC/s", non_negative,
          "what array and DRAM allow at this intensity"),
    field("achieved_gmac_per_s", &RooflineReport::achieved_gmac_per_s, "GMAC/s", non_negative,
          "MACs executed over the time of the run"),
    field("macs_per_dram_byte", &RooflineReport::macs_per_dram_byte, "MAC/B", non_negative,
          "intensity: MACs over bytes read and written, padding included"),
    field("ridge_macs_per_byte", &RooflineReport::ridge_macs_per_byte, "MAC/B", non_negative,
          "intensity from which the array is the roof, not DRAM"));

struct TotalsReport {
  Semantics semantics = Semantics::native;
  std::int64_t cycles = 0;
  double time_ns = 0;
  std::int64_t macs = 0;
  std::int64_t skipped_macs = 0;
  double utilization = 0;
  double array_occupancy = 0;
  Bound bound = Bound::array;
  std::int64_t busy_cycles = 0;
  ByCause<CoreCycles> stall_cycles;
  double energy_pj = 0;
  double energy_low_pj = 0;
  double energy_high_pj = 0;
  Nominal<EnergyBreakdown> energy_by_component_pj;
  double power_w = 0;
  double area_um2 = 0;
  double area_low_um2 = 0;
  double area_high_um2 = 0;
  Nominal<AreaBreakdown> area_by_component_um2;
  std::int64_t dram_read_bytes = 0;
  std::int64_t dram_write_bytes = 0;
  DramBytes dram_read;
  DramBytes dram_written;
  std::int64_t distinct_read_bytes = 0;
  std::int64_t buffer_read_bytes = 0;
  std::int64_t buffer_write_bytes = 0;
  std::int64_t overflows = 0;
  std::optional<double> sqnr_db;
  std::optional<double> worst_sqnr_db;
  std::string worst_operation;
  std::optional<double> time_to_first_token_ns;
  std::optional<double> time_per_output_token_ns;
  std::optional<double> output_tokens_per_s;
  std::optional<double> energy_per_output_token_pj;
  RooflineReport roofline;
  ActivityCounters activity;

  bool operator==(const TotalsReport&) const = default;
};
template <>
inline constexpr auto fields<TotalsReport> = field_table<TotalsReport>(
    field("semantics", &TotalsReport::semantics, "", any_value, "what the cycles mean"),
    field("cycles", &TotalsReport::cycles, "cycle", non_negative,
          "core cycles from the start of the first operation to the end of the last"),
    field("time_ns", &TotalsReport::time_ns, "ns", non_negative, "the same in time"),
    field("macs", &TotalsReport::macs, "", non_negative, "multiply-accumulates executed"),
    field("skipped_macs", &TotalsReport::skipped_macs, "", non_negative,
          "multiply-accumulates that causal skipping left out"),
    field("utilization", &TotalsReport::utilization, "", between(0, 1),
          "MACs over what the array could do in all cycles, one pass an operand"),
    field("array_occupancy", &TotalsReport::array_occupancy, "", between(0, 1),
          "multipliers at work over multipliers there are, in the array's busy cycles; passes of "
          "wide operands count as work"),
    field("bound", &TotalsReport::bound, "", any_value, "the resource that worked longest"),
    field("busy_cycles", &TotalsReport::busy_cycles, "cycle", non_negative,
          "cycles in which an operation's main module worked"),
    field("stall_cycles", &TotalsReport::stall_cycles, "cycle", any_value,
          "the other cycles, by cause; busy and stalls sum to cycles"),
    field("energy_pj", &TotalsReport::energy_pj, "pJ", non_negative,
          "energy of the run, nominal: the sum of its components"),
    field("energy_low_pj", &TotalsReport::energy_low_pj, "pJ", non_negative,
          "with every constant at the lowest of its sources"),
    field("energy_high_pj", &TotalsReport::energy_high_pj, "pJ", non_negative,
          "with every constant at the highest of its sources"),
    field("energy_by_component_pj", &TotalsReport::energy_by_component_pj, "pJ", any_value,
          "nominal energy by component"),
    field("power_w", &TotalsReport::power_w, "W", non_negative,
          "nominal energy over time, DRAM included"),
    field("area_um2", &TotalsReport::area_um2, "um2", non_negative,
          "area of the chip, nominal; DRAM, wires and control are not in it"),
    field("area_low_um2", &TotalsReport::area_low_um2, "um2", non_negative,
          "lowest of the sources"),
    field("area_high_um2", &TotalsReport::area_high_um2, "um2", non_negative,
          "highest of the sources"),
    field("area_by_component_um2", &TotalsReport::area_by_component_um2, "um2", any_value,
          "nominal area by component"),
    field("dram_read_bytes", &TotalsReport::dram_read_bytes, "B", non_negative,
          "bytes read over the DRAM's bus, padding included"),
    field("dram_write_bytes", &TotalsReport::dram_write_bytes, "B", non_negative,
          "bytes written over the DRAM's bus, padding included"),
    field("dram_read", &TotalsReport::dram_read, "", any_value, "the bytes read, by what they are"),
    field("dram_written", &TotalsReport::dram_written, "", any_value,
          "the bytes written, by what they are"),
    field("distinct_read_bytes", &TotalsReport::distinct_read_bytes, "B", non_negative,
          "operands read from DRAM, each byte counted once an operation, padding left out"),
    field("buffer_read_bytes", &TotalsReport::buffer_read_bytes, "B", non_negative,
          "bytes read from on-chip buffers"),
    field("buffer_write_bytes", &TotalsReport::buffer_write_bytes, "B", non_negative,
          "bytes written to on-chip buffers"),
    field("overflows", &TotalsReport::overflows, "", non_negative,
          "additions that did not fit the accumulator"),
    field("sqnr_db", &TotalsReport::sqnr_db, "dB", any_value,
          "signal over noise of the mean noise-to-signal ratio of all matrix products against the "
          "FP32 reference; null without values or where exact"),
    field("worst_sqnr_db", &TotalsReport::worst_sqnr_db, "dB", any_value,
          "the same of the worst product"),
    field("worst_operation", &TotalsReport::worst_operation, "", any_value, "its name"),
    field("time_to_first_token_ns", &TotalsReport::time_to_first_token_ns, "ns", any_value,
          "time of the prefill, which makes the first token; null where no network ran, without a "
          "prefill or without the head"),
    field("time_per_output_token_ns", &TotalsReport::time_per_output_token_ns, "ns", any_value,
          "mean time of a decode step, which makes one more token a sequence; by step in steps[]; "
          "null without decode or head"),
    field("output_tokens_per_s", &TotalsReport::output_tokens_per_s, "1/s", any_value,
          "tokens made in decode, all sequences together, over its time"),
    field("energy_per_output_token_pj", &TotalsReport::energy_per_output_token_pj, "pJ", any_value,
          "energy of decode over the tokens it made, all sequences together"),
    field("roofline", &TotalsReport::roofline, "", any_value,
          "where the run stands under its roof"),
    field("activity", &TotalsReport::activity, "", any_value, "events that energy is charged for"));

struct OperationReport {
  std::string name;
  OperationKind kind = OperationKind::linear;
  std::int64_t count = 1;
  std::int64_t heads = 1;
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
  int pass = 0;
  std::string unit;
  int passes = 1;
  Bound bound = Bound::array;
  Semantics semantics = Semantics::native;
  std::int64_t cycles = 0;
  std::int64_t busy_cycles = 0;
  ByCause<CoreCycles> stall_cycles;
  std::int64_t macs = 0;
  std::int64_t skipped_macs = 0;
  double utilization = 0;
  double array_occupancy = 0;
  std::int64_t array_busy_cycles = 0;
  std::int64_t vector_busy_cycles = 0;
  std::int64_t razor_busy_cycles = 0;
  std::int64_t memory_busy_cycles = 0;
  std::int64_t dram_read_bytes = 0;
  std::int64_t dram_write_bytes = 0;
  DramBytes dram_read;
  DramBytes dram_written;
  std::int64_t distinct_read_bytes = 0;
  std::int64_t buffer_read_bytes = 0;
  std::int64_t buffer_write_bytes = 0;
  std::int64_t overflows = 0;
  double energy_pj = 0;
  Nominal<EnergyBreakdown> energy_by_component_pj;
  std::optional<double> sqnr_db;
  std::optional<double> cosine;
  std::optional<double> max_abs_error;
  MappingChoice mapping;

  bool operator==(const OperationReport&) const = default;
};
template <>
inline constexpr auto fields<OperationReport> = field_table<OperationReport>(
    field("name", &OperationReport::name, "", any_value, "name of the operation in the trace"),
    field("kind", &OperationReport::kind, "", any_value, "what it computes"),
    field("count", &OperationReport::count, "", at_least(1),
          "decode steps summed in this entry (name \"decode...\"); 1 elsewhere. Shape and mapping "
          "are "
          "those of the last step, all counts are sums"),
    field("heads", &OperationReport::heads, "products", non_negative,
          "independent products of this shape"),
    field("m", &OperationReport::m, "rows", non_negative, "rows of the left operand: tokens"),
    field("k", &OperationReport::k, "elements", non_negative,
          "length of the reduction, 0 for vector operations"),
    field("n", &OperationReport::n, "columns", non_negative, "columns of the output"),
    field("pass", &OperationReport::pass, "", non_negative, "index of the fused group it ran in"),
    field("unit", &OperationReport::unit, "", any_value,
          "arithmetic unit, empty for vector operations"),
    field("passes", &OperationReport::passes, "", non_negative,
          "passes of narrow planes that wide operands took"),
    field("bound", &OperationReport::bound, "", any_value,
          "the resource that worked longest on it"),
    field("semantics", &OperationReport::semantics, "", any_value, "what the cycles mean"),
    field("cycles", &OperationReport::cycles, "cycle", non_negative,
          "core cycles from the end of the operation before to the end of this one; they sum to "
          "the total"),
    field("busy_cycles", &OperationReport::busy_cycles, "cycle", non_negative,
          "cycles of these in which its main module worked: the array for products, the vector "
          "unit else"),
    field("stall_cycles", &OperationReport::stall_cycles, "cycle", any_value,
          "the other cycles, by cause"),
    field("macs", &OperationReport::macs, "", non_negative, "multiply-accumulates executed"),
    field("skipped_macs", &OperationReport::skipped_macs, "", non_negative,
          "multiply-accumulates that causal skipping left out"),
    field("utilization", &OperationReport::utilization, "", between(0, 1),
          "MACs over what the array could do in its cycles, one pass an operand"),
    field("array_occupancy", &OperationReport::array_occupancy, "", between(0, 1),
          "multipliers at work over multipliers there are, in the array's busy cycles"),
    field("array_busy_cycles", &OperationReport::array_busy_cycles, "cycle", non_negative,
          "cycles the array was given operands for it"),
    field("vector_busy_cycles", &OperationReport::vector_busy_cycles, "cycle", non_negative,
          "cycles the vector unit worked on it"),
    field("razor_busy_cycles", &OperationReport::razor_busy_cycles, "cycle", non_negative,
          "cycles the razor unit worked on it"),
    field("memory_busy_cycles", &OperationReport::memory_busy_cycles, "cycle", non_negative,
          "core cycles its DRAM bytes take at peak bandwidth"),
    field("dram_read_bytes", &OperationReport::dram_read_bytes, "B", non_negative,
          "bytes read over the DRAM's bus, padding included"),
    field("dram_write_bytes", &OperationReport::dram_write_bytes, "B", non_negative,
          "bytes written over the DRAM's bus, padding included"),
    field("dram_read", &OperationReport::dram_read, "", any_value,
          "the bytes read, by what they are"),
    field("dram_written", &OperationReport::dram_written, "", any_value,
          "the bytes written, by what they are"),
    field("distinct_read_bytes", &OperationReport::distinct_read_bytes, "B", non_negative,
          "operands read from DRAM, each byte counted once, padding left out"),
    field("buffer_read_bytes", &OperationReport::buffer_read_bytes, "B", non_negative,
          "bytes read from on-chip buffers"),
    field("buffer_write_bytes", &OperationReport::buffer_write_bytes, "B", non_negative,
          "bytes written to on-chip buffers"),
    field("overflows", &OperationReport::overflows, "", non_negative,
          "additions that did not fit the accumulator"),
    field("energy_pj", &OperationReport::energy_pj, "pJ", non_negative, "its energy, nominal"),
    field("energy_by_component_pj", &OperationReport::energy_by_component_pj, "pJ", any_value,
          "nominal energy by component"),
    field("sqnr_db", &OperationReport::sqnr_db, "dB", any_value,
          "signal over noise of its output against the FP32 reference; null without values or "
          "where exact"),
    field("cosine", &OperationReport::cosine, "", any_value,
          "cosine of the angle between output and reference; null without values"),
    field("max_abs_error", &OperationReport::max_abs_error, "", any_value,
          "largest |output - reference|; null without values"),
    field("mapping", &OperationReport::mapping, "", any_value, "how it was cut into tiles"));

struct ModuleReport {
  std::string name;
  Picoseconds total;
  ModuleTime time;

  bool operator==(const ModuleReport&) const = default;
};
template <>
inline constexpr auto fields<ModuleReport> = field_table<ModuleReport>(
    field("name", &ModuleReport::name, "", any_value, "the module's path"),
    field("total_ps", &ModuleReport::total, "ps", non_negative,
          "length of the run: busy, waiting and idle sum to it"),
    field("time", &ModuleReport::time, "", any_value, "where its time went"));

struct Report {
  int schema_version = 1;
  TotalsReport totals;
  std::vector<StepReport> phases;
  std::vector<StepReport> steps;
  std::vector<OperationReport> operations;
  std::vector<ModuleReport> modules;
  RunProvenance provenance;
  std::vector<std::string> remarks;
  std::optional<std::string> output_sha256;

  bool operator==(const Report&) const = default;
};
template <>
inline constexpr auto fields<Report> = field_table<Report>(
    field("schema_version", &Report::schema_version, "", at_least(1),
          "version of these keys; a key changes its meaning only with it"),
    field("totals", &Report::totals, "", any_value, "the whole run"),
    field("phases", &Report::phases, "", any_value,
          "prefill and decode of a network; none where the workload is a list of operations"),
    field("steps", &Report::steps, "", any_value, "the same for each forward pass"),
    field("operations", &Report::operations, "", any_value,
          "the operations in order of execution; in generate those of the prefill, then those of "
          "decode"),
    field("modules", &Report::modules, "", any_value, "the modules of the machine"),
    field("provenance", &Report::provenance, "", any_value, "what made this result"),
    field("remarks", &Report::remarks, "", any_value, "what a reader should know, in sentences"),
    field("output_sha256", &Report::output_sha256, "", any_value,
          "of one matrix product with values: SHA-256 of the accumulators, row-major, "
          "little-endian int64; for floating formats of the FP32 results; else null"));

[[nodiscard]] Report report_of(const RunResult& result);

}  // namespace razorsim
