// SPDX-License-Identifier: Apache-2.0
// What a run returns: plain counts and estimates. Ratios are made from them in ratios.h, never
// stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/cause.h"
#include "models/base/fields.h"
#include "models/base/operation.h"
#include "models/base/units.h"
#include "models/energy/activity.h"
#include "models/energy/energy_model.h"
#include "models/energy/inventory.h"
#include "models/energy/sources.h"
#include "models/hardware/ledger.h"
#include "traces/llama/operations.h"

namespace razorsim {

/// What an operation, or a run, cannot be faster than.
enum class Bound { array, memory, vector_unit, razor_unit };
template <>
inline constexpr auto enum_names<Bound> = std::to_array<EnumName<Bound>>({
    {Bound::array, "array", "the array works longer than any other resource"},
    {Bound::memory, "memory", "the DRAM's data bus does"},
    {Bound::vector_unit, "vector_unit", "the vector unit does"},
    {Bound::razor_unit, "razor_unit", "the razor unit does"},
});

/// Bytes moved over the DRAM's bus, by what they are. Padding fills a burst to whole 64-byte
/// requests.
struct DramBytes {
  Bytes codes;
  Bytes flags;
  Bytes scales;
  Bytes padding;

  [[nodiscard]] Bytes payload() const { return codes + flags + scales; }
  bool operator==(const DramBytes&) const = default;
};
template <>
inline constexpr auto fields<DramBytes> = field_table<DramBytes>(
    field("codes_bytes", &DramBytes::codes, "B", non_negative,
          "codes, integers and floating values of operands and outputs"),
    field("flags_bytes", &DramBytes::flags, "B", non_negative, "razoring flags"),
    field("scales_bytes", &DramBytes::scales, "B", non_negative,
          "real scales and shared exponents of groups"),
    field("padding_bytes", &DramBytes::padding, "B", non_negative,
          "bytes that fill the last 64-byte request of a burst"));

/// Sums from which the error of an output against the FP32 reference follows.
struct NumericError {
  std::int64_t elements = 0;  ///< 0 where no values were computed
  double signal_power = 0;
  double noise_power = 0;
  double largest_error = 0;
  double cross_power = 0;
  double output_power = 0;

  bool operator==(const NumericError&) const = default;
};
template <>
inline constexpr auto fields<NumericError> =
    field_table<NumericError>(field("elements", &NumericError::elements, "", non_negative,
                                    "output elements compared; 0 where no values were computed"),
                              field("signal_power", &NumericError::signal_power, "", non_negative,
                                    "sum of squares of the reference"),
                              field("noise_power", &NumericError::noise_power, "", non_negative,
                                    "sum of squares of output minus reference"),
                              field("largest_error", &NumericError::largest_error, "", non_negative,
                                    "largest |output - reference|"),
                              field("cross_power", &NumericError::cross_power, "", any_value,
                                    "sum of output times reference, for the cosine"),
                              field("output_power", &NumericError::output_power, "", non_negative,
                                    "sum of squares of the output"));

/// Counts of one operation; those of a run are their sums.
struct OperationCounters {
  CoreCycles cycles;
  CoreCycles busy;
  ByCause<CoreCycles> stalls;
  std::int64_t macs = 0;
  std::int64_t skipped_macs = 0;
  std::int64_t products = 0;
  std::int64_t array_slots = 0;
  std::int64_t overflows = 0;
  CoreCycles array_busy;
  CoreCycles vector_busy;
  CoreCycles razor_busy;
  CoreCycles memory_busy;
  DramBytes dram_read;
  DramBytes dram_written;
  Bytes distinct_read;
  Bytes buffer_read;
  Bytes buffer_written;
  ActivityCounters activity;

  bool operator==(const OperationCounters&) const = default;
};
template <>
inline constexpr auto fields<OperationCounters> = field_table<OperationCounters>(
    field("cycles", &OperationCounters::cycles, "cycle", non_negative,
          "core cycles from the end of the operation before to the end of this one; within a fused "
          "group, summed over its blocks"),
    field("busy_cycles", &OperationCounters::busy, "cycle", non_negative,
          "cycles of these in which the operation's main module worked: the array for products, "
          "the vector unit else"),
    field("stall_cycles", &OperationCounters::stalls, "cycle", any_value,
          "the other cycles, by cause"),
    field("macs", &OperationCounters::macs, "", non_negative,
          "multiply-accumulates executed: heads m n k less what causal skipping left out"),
    field("skipped_macs", &OperationCounters::skipped_macs, "", non_negative,
          "multiply-accumulates of the full square that causal skipping left out"),
    field("products", &OperationCounters::products, "", non_negative,
          "products computed by multipliers: macs times the passes of wide operands"),
    field("array_slots", &OperationCounters::array_slots, "", non_negative,
          "multiplier cycles of the whole array in its busy cycles, the base of its utilisation"),
    field("overflows", &OperationCounters::overflows, "", non_negative,
          "additions that did not fit the accumulator (saturated or wrapped)"),
    field("array_busy_cycles", &OperationCounters::array_busy, "cycle", non_negative,
          "cycles the array was given operands for this operation"),
    field("vector_busy_cycles", &OperationCounters::vector_busy, "cycle", non_negative,
          "cycles the vector unit worked on it"),
    field("razor_busy_cycles", &OperationCounters::razor_busy, "cycle", non_negative,
          "cycles the razor unit worked on it"),
    field("memory_busy_cycles", &OperationCounters::memory_busy, "cycle", non_negative,
          "core cycles its DRAM bytes take at peak bandwidth, rounded up"),
    field("dram_read", &OperationCounters::dram_read, "", any_value, "bytes read from DRAM"),
    field("dram_written", &OperationCounters::dram_written, "", any_value, "bytes written to DRAM"),
    field("distinct_read_bytes", &OperationCounters::distinct_read, "B", non_negative,
          "bytes of the operands it reads from DRAM, each counted once, padding left out"),
    field("buffer_read_bytes", &OperationCounters::buffer_read, "B", non_negative,
          "bytes read from on-chip buffers"),
    field("buffer_write_bytes", &OperationCounters::buffer_written, "B", non_negative,
          "bytes written to on-chip buffers"),
    field("activity", &OperationCounters::activity, "", any_value,
          "events that energy is charged for"));

/// How an operation was cut: tiles of m x n x k, which operand stays on chip, in which order.
struct MappingChoice {
  std::int64_t tile_m = 0;
  std::int64_t tile_n = 0;
  std::int64_t tile_k = 0;
  std::string order;
  bool resident = false;
  std::string input_location;
  std::string output_location;

  bool operator==(const MappingChoice&) const = default;
};
template <>
inline constexpr auto fields<MappingChoice> = field_table<MappingChoice>(
    field("tile_m", &MappingChoice::tile_m, "rows", non_negative, "rows of a tile"),
    field("tile_n", &MappingChoice::tile_n, "columns", non_negative, "output columns of a tile"),
    field("tile_k", &MappingChoice::tile_k, "elements", non_negative,
          "slab of the reduction of a tile"),
    field("order", &MappingChoice::order, "", any_value, "loops from the outermost: mnk or nmk"),
    field("resident", &MappingChoice::resident, "", any_value,
          "the outer operand's block stays in its buffer for the whole inner loop"),
    field("input_location", &MappingChoice::input_location, "", any_value,
          "where its left operand comes from: dram or chip"),
    field("output_location", &MappingChoice::output_location, "", any_value,
          "where its output goes: dram or chip"));

struct OperationResult {
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
  MappingChoice mapping;
  OperationCounters counters;
  EnergyBreakdown energy;
  NumericError error;

  bool operator==(const OperationResult&) const = default;
};
template <>
inline constexpr auto fields<OperationResult> = field_table<OperationResult>(
    field("name", &OperationResult::name, "", any_value, "name of the operation in the trace"),
    field("kind", &OperationResult::kind, "", any_value, "what it computes"),
    field("count", &OperationResult::count, "", at_least(1),
          "decode steps summed here; shape and mapping are those of the last"),
    field("heads", &OperationResult::heads, "products", any_value,
          "independent products of this shape"),
    field("m", &OperationResult::m, "rows", any_value, "rows of the left operand"),
    field("k", &OperationResult::k, "elements", any_value,
          "length of the reduction, 0 for vector operations"),
    field("n", &OperationResult::n, "columns", any_value, "columns of the output"),
    field("pass", &OperationResult::pass, "", any_value, "index of the fused group it ran in"),
    field("unit", &OperationResult::unit, "", any_value,
          "arithmetic unit, empty for vector operations"),
    field("passes", &OperationResult::passes, "", any_value,
          "passes of 3-bit planes that wide operands took"),
    field("bound", &OperationResult::bound, "", any_value, "the resource that worked longest"),
    field("mapping", &OperationResult::mapping, "", any_value, "how it was cut into tiles"),
    field("counters", &OperationResult::counters, "", any_value, "its counters"),
    field("energy", &OperationResult::energy, "pJ", any_value, "its energy by component"),
    field("error", &OperationResult::error, "", any_value,
          "its output against the FP32 reference"));

struct ModuleResult {
  std::string name;
  ModuleTime time;
  std::vector<Slice> slices;  ///< filled when a timeline is asked for; written apart

  bool operator==(const ModuleResult&) const = default;
};
template <>
inline constexpr auto fields<ModuleResult> = field_table<ModuleResult>(
    field("name", &ModuleResult::name, "", any_value, "the module"),
    field("time", &ModuleResult::time, "", any_value, "where its time went; sums to the run's"),
    field("slices", &ModuleResult::slices, "", any_value, "its timeline, where one was asked for"));

/// What a number of cycles means. Programs differ five-fold on the same product, so every number
/// says which it is.
enum class Semantics { native, scale_sim_v3 };
template <>
inline constexpr auto enum_names<Semantics> = std::to_array<EnumName<Semantics>>({
    {Semantics::native, "native", "our machine: lanes, overlapped folds, buffers, real memory"},
    {Semantics::scale_sim_v3, "scale-sim-v3",
     "SCALE-Sim v3's compute cycles: one MAC an element, no lanes, buffers or memory"},
});

struct RunProvenance {
  std::string tool_version;
  Semantics semantics = Semantics::native;
  std::string fidelity;
  std::string workload;
  std::string trace_sha256;
  std::string scheme;
  std::string technology;

  bool operator==(const RunProvenance&) const = default;
};
template <>
inline constexpr auto fields<RunProvenance> = field_table<RunProvenance>(
    field("tool_version", &RunProvenance::tool_version, "", any_value, "version of razorsim"),
    field("semantics", &RunProvenance::semantics, "", any_value, "what the cycle counts mean"),
    field("fidelity", &RunProvenance::fidelity, "", any_value, "model of the array: tile or pe"),
    field("workload", &RunProvenance::workload, "", any_value, "the workload in words"),
    field("trace_sha256", &RunProvenance::trace_sha256, "", any_value,
          "hash of the trace file, empty without one"),
    field("scheme", &RunProvenance::scheme, "", any_value, "name of the scheme"),
    field("technology", &RunProvenance::technology, "", any_value, "name of the technology table"));

/// One forward pass of a network.
struct StepResult {
  Phase phase = Phase::prefill;
  std::int64_t tokens = 0;
  std::int64_t context = 0;
  std::int64_t sequences = 1;
  OperationCounters counters;
  EnergyBreakdown energy;
  CoreCycles attention;
  CoreCycles head;
  EnergyBreakdown head_energy;
  std::int64_t token = -1;  ///< -1 where no numbers, or no head, were computed
  std::int64_t reference_token = -1;
  std::int64_t agreeing = 0;

  bool operator==(const StepResult&) const = default;
};
template <>
inline constexpr auto fields<StepResult> = field_table<StepResult>(
    field("phase", &StepResult::phase, "", any_value, "prefill or decode"),
    field("tokens", &StepResult::tokens, "tokens", non_negative, "new tokens a sequence"),
    field("context", &StepResult::context, "tokens", non_negative,
          "tokens cached before them, a sequence"),
    field("sequences", &StepResult::sequences, "", non_negative, "sequences at once"),
    field("counters", &StepResult::counters, "", any_value, "sums over its operations"),
    field("energy", &StepResult::energy, "pJ", any_value, "its energy by component"),
    field("attention_cycles", &StepResult::attention, "cycle", non_negative,
          "cycles of scores, softmax and context"),
    field("head_cycles", &StepResult::head, "cycle", non_negative,
          "cycles of what is outside the layers: final norm and head"),
    field("head_energy", &StepResult::head_energy, "pJ", any_value, "energy of the same"),
    field("token", &StepResult::token, "", at_least(-1),
          "token id that the machine's head finds most likely, of the first sequence"),
    field("reference_token", &StepResult::reference_token, "", at_least(-1),
          "the FP32 reference's, which is the one that goes on"),
    field("agreeing_sequences", &StepResult::agreeing, "", non_negative,
          "sequences whose token is the reference's"));

struct RunResult {
  CoreCycles cycles;
  Picoseconds core_period;
  Picoseconds time;
  double peak_dram_bytes_per_ns = 0;
  std::int64_t peak_macs_per_cycle = 0;
  OperationCounters totals;
  EnergyBreakdown energy;
  AreaBreakdown area;
  SourcedTotal energy_sources;
  SourcedTotal area_sources;
  UnitArray array;
  Bound bound = Bound::array;
  std::vector<OperationResult> operations;
  std::vector<StepResult> steps;
  std::vector<ModuleResult> modules;
  RunProvenance provenance;
  std::vector<std::string> remarks;
  std::vector<std::int64_t> accumulators;
  std::vector<float> outputs;

  bool operator==(const RunResult&) const = default;
};
template <>
inline constexpr auto fields<RunResult> = field_table<RunResult>(
    field("cycles", &RunResult::cycles, "cycle", non_negative,
          "core cycles from the start of the first operation to the end of the last"),
    field("core_period_ps", &RunResult::core_period, "ps", non_negative, "length of a core cycle"),
    field("time_ps", &RunResult::time, "ps", non_negative, "the same in time"),
    field("peak_dram_bytes_per_ns", &RunResult::peak_dram_bytes_per_ns, "B/ns", non_negative,
          "data buses of all DRAM channels together"),
    field("peak_macs_per_cycle", &RunResult::peak_macs_per_cycle, "", non_negative,
          "multipliers of the array: MACs a cycle where operands take one pass"),
    field("totals", &RunResult::totals, "", any_value, "sums over the operations"),
    field("energy", &RunResult::energy, "pJ", any_value, "energy by component"),
    field("area", &RunResult::area, "um2", any_value, "area by component"),
    field("energy_sources", &RunResult::energy_sources, "pJ", any_value, "energy by source"),
    field("area_sources", &RunResult::area_sources, "um2", any_value, "area by source"),
    field("array", &RunResult::array, "", any_value, "the array as priced"),
    field("bound", &RunResult::bound, "", any_value, "the resource that worked longest"),
    field("operations", &RunResult::operations, "", any_value, "the operations in order"),
    field("steps", &RunResult::steps, "", any_value,
          "the forward passes of a network; none where the workload is a list of operations"),
    field("modules", &RunResult::modules, "", any_value, "the modules of the machine"),
    field("provenance", &RunResult::provenance, "", any_value, "what made this result"),
    field("remarks", &RunResult::remarks, "", any_value, "what a reader should know, in sentences"),
    field(
        "accumulators", &RunResult::accumulators, "", any_value,
        "of one matrix product with values on: m x n sums, row-major; empty for floating formats"),
    field("outputs", &RunResult::outputs, "", any_value, "the same product's FP32 results"));

}  // namespace razorsim
