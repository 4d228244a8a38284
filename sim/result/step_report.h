// SPDX-License-Identifier: Apache-2.0
// A forward pass of a network, or all of a phase, as written.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/base/fields.h"
#include "sim/result/run_result.h"
#include "traces/llama/operations.h"

namespace razorsim {

struct StepReport {
  Phase phase = Phase::prefill;
  std::int64_t steps = 1;
  std::int64_t tokens = 0;
  std::int64_t context = 0;
  std::int64_t sequences = 1;
  Semantics semantics = Semantics::native;
  std::int64_t cycles = 0;
  double time_ns = 0;
  Bound bound = Bound::array;
  std::int64_t macs = 0;
  double utilization = 0;
  std::int64_t array_busy_cycles = 0;
  std::int64_t memory_busy_cycles = 0;
  std::int64_t vector_busy_cycles = 0;
  std::int64_t razor_busy_cycles = 0;
  std::int64_t attention_cycles = 0;
  std::int64_t head_cycles = 0;
  std::int64_t dram_read_bytes = 0;
  std::int64_t dram_write_bytes = 0;
  double energy_pj = 0;
  double head_energy_pj = 0;
  std::optional<std::int64_t> token_id;
  std::optional<std::int64_t> reference_token_id;

  bool operator==(const StepReport&) const = default;
};
template <>
inline constexpr auto fields<StepReport> = field_table<StepReport>(
    field("phase", &StepReport::phase, "", any_value, "prefill or decode"),
    field("steps", &StepReport::steps, "", non_negative, "forward passes summed here"),
    field("tokens", &StepReport::tokens, "tokens", non_negative,
          "new tokens a sequence that went through the network"),
    field("context", &StepReport::context, "tokens", non_negative,
          "tokens cached before the first of them, a sequence"),
    field("sequences", &StepReport::sequences, "", non_negative, "sequences at once"),
    field("semantics", &StepReport::semantics, "", any_value, "what the cycles mean"),
    field("cycles", &StepReport::cycles, "cycle", non_negative, "core cycles"),
    field("time_ns", &StepReport::time_ns, "ns", non_negative, "the same in time"),
    field("bound", &StepReport::bound, "", any_value, "the resource that worked longest"),
    field("macs", &StepReport::macs, "", non_negative, "multiply-accumulates executed"),
    field("utilization", &StepReport::utilization, "", between(0, 1),
          "MACs over what the array could do in these cycles, one pass an operand"),
    field("array_busy_cycles", &StepReport::array_busy_cycles, "cycle", non_negative,
          "cycles the array was given operands"),
    field("memory_busy_cycles", &StepReport::memory_busy_cycles, "cycle", non_negative,
          "core cycles the DRAM bytes take at peak bandwidth"),
    field("vector_busy_cycles", &StepReport::vector_busy_cycles, "cycle", non_negative,
          "cycles the vector unit worked"),
    field("razor_busy_cycles", &StepReport::razor_busy_cycles, "cycle", non_negative,
          "cycles the razor unit worked"),
    field("attention_cycles", &StepReport::attention_cycles, "cycle", non_negative,
          "cycles of scores, softmax and context, which grow with the context"),
    field("head_cycles", &StepReport::head_cycles, "cycle", non_negative,
          "cycles outside the layers: final norm and head"),
    field("dram_read_bytes", &StepReport::dram_read_bytes, "B", non_negative,
          "bytes read over the DRAM's bus, padding included"),
    field("dram_write_bytes", &StepReport::dram_write_bytes, "B", non_negative,
          "bytes written over the DRAM's bus, padding included"),
    field("energy_pj", &StepReport::energy_pj, "pJ", non_negative, "energy, nominal"),
    field("head_energy_pj", &StepReport::head_energy_pj, "pJ", non_negative,
          "the part of it outside the layers"),
    field("token_id", &StepReport::token_id, "", any_value,
          "of a step with values: the token the machine's head finds most likely; else null"),
    field("reference_token_id", &StepReport::reference_token_id, "", any_value,
          "of a step with values: the FP32 model's, which goes on to the next step; else null"));

/// Each forward pass of the run.
[[nodiscard]] std::vector<StepReport> steps_of(const RunResult& result);
/// The same summed over the prefill and over decode, as far as there are any.
[[nodiscard]] std::vector<StepReport> phases_of(const RunResult& result);

}  // namespace razorsim
