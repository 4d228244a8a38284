// SPDX-License-Identifier: Apache-2.0
#include "sim/result/report.h"
#include "sim/result/shared_columns.h"

namespace razorsim {
namespace {

/// Of a step with values, else nothing.
std::optional<std::int64_t> token_of(const StepReport& report, std::int64_t token) {
  return report.step.token >= 0 ? std::optional(token) : std::nullopt;
}

}  // namespace

const std::vector<Column<StepReport>>& StepReport::columns() {
  using Report = StepReport;
  using Counters = OperationCounters;
  const auto own = [](auto member) { return column_of<Report>(member, &Report::step); };
  static const std::vector<Column<Report>> all = {
      own(&StepResult::phase),
      column<Report>("steps", "", non_negative, "forward passes summed here", &Report::steps),
      own(&StepResult::tokens),
      own(&StepResult::context),
      own(&StepResult::sequences),
      semantics_column<Report>(),
      column<Report>("cycles", "cycle", non_negative, "core cycles",
                     [](const Report& report) { return report.counters().cycles; }),
      column<Report>("time_ns", "ns", non_negative, "the same in time",
                     [](const Report& report) {
                       return nanoseconds(static_cast<double>(report.counters().cycles.count() *
                                                              report.run.core_period.count()));
                     }),
      column<Report>("bound", "", any_value, "the resource that worked longest",
                     [](const Report& report) { return bound_of(report.counters()); }),
      counter<Report>(&Counters::macs),
      utilization_column<Report>(),
      counter<Report>(&Counters::array_busy),
      counter<Report>(&Counters::memory_busy),
      counter<Report>(&Counters::vector_busy),
      counter<Report>(&Counters::razor_busy),
      own(&StepResult::attention),
      own(&StepResult::head),
      dram_read_column<Report>(),
      dram_write_column<Report>(),
      energy_column<Report>(),
      column<Report>("head_energy_pj", "pJ", non_negative, "the part of it outside the layers",
                     [](const Report& report) { return report.step.head_energy.total().nominal; }),
      column<Report>(
          "token_id", "", any_value,
          "of a step with values: the token the machine's head finds most likely, of the first "
          "sequence; else null",
          [](const Report& report) { return token_of(report, report.step.token); }),
      column<Report>(
          "reference_token_id", "", any_value,
          "of a step with values: the FP32 model's, which goes on to the next step; else null",
          [](const Report& report) { return token_of(report, report.step.reference_token); }),
      column<Report>("agreeing_sequences", "", any_value,
                     "of a step with values: sequences whose token is the FP32 model's; else null",
                     [](const Report& report) { return token_of(report, report.step.agreeing); }),
  };
  return all;
}

std::vector<StepReport> phases_of(const RunResult& result) {
  std::vector<StepReport> reports;
  for (const Phase phase : {Phase::prefill, Phase::decode}) {
    StepReport sum(result, {}, 0);
    for (const StepResult& each : result.steps) {
      if (each.phase != phase) continue;
      if (sum.steps++ == 0) sum.step.context = each.context;
      sum.step.phase = phase;
      sum.step.tokens += each.tokens;
      sum.step.sequences = each.sequences;
      sum.step.attention += each.attention;
      sum.step.head += each.head;
      add_fields(sum.step.counters, each.counters);
      add_fields(sum.step.energy, each.energy);
      add_fields(sum.step.head_energy, each.head_energy);
    }
    if (sum.steps > 0) reports.push_back(sum);
  }
  return reports;
}

}  // namespace razorsim
