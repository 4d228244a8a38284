// SPDX-License-Identifier: Apache-2.0
#include "sim/result/step_report.h"

#include "sim/result/ratios.h"

namespace razorsim {
namespace {

StepReport report_of_step(const StepResult& step, const RunResult& result) {
  constexpr double ps_per_ns = 1000;
  const OperationCounters& counters = step.counters;
  StepReport report;
  report.phase = step.phase;
  report.tokens = step.tokens;
  report.context = step.context;
  report.sequences = step.sequences;
  report.semantics = result.provenance.semantics;
  report.cycles = counters.cycles.count();
  report.time_ns =
      static_cast<double>(counters.cycles.count() * result.core_period.count()) / ps_per_ns;
  report.bound = bound_of(counters);
  report.macs = counters.macs;
  report.utilization = mac_utilization(counters, result.peak_macs_per_cycle);
  report.array_busy_cycles = counters.array_busy.count();
  report.memory_busy_cycles = counters.memory_busy.count();
  report.vector_busy_cycles = counters.vector_busy.count();
  report.razor_busy_cycles = counters.razor_busy.count();
  report.attention_cycles = step.attention.count();
  report.head_cycles = step.head.count();
  report.dram_read_bytes = all_bytes(counters.dram_read);
  report.dram_write_bytes = all_bytes(counters.dram_written);
  report.energy_pj = step.energy.total().nominal;
  report.head_energy_pj = step.head_energy.total().nominal;
  if (step.token >= 0) {
    report.token_id = step.token;
    report.reference_token_id = step.reference_token;
  }
  return report;
}

}  // namespace

std::vector<StepReport> steps_of(const RunResult& result) {
  std::vector<StepReport> reports;
  for (const StepResult& each : result.steps) reports.push_back(report_of_step(each, result));
  return reports;
}

std::vector<StepReport> phases_of(const RunResult& result) {
  std::vector<StepReport> reports;
  for (const Phase phase : {Phase::prefill, Phase::decode}) {
    StepResult sum;
    std::int64_t steps = 0;
    for (const StepResult& each : result.steps) {
      if (each.phase != phase) continue;
      if (steps++ == 0) sum.context = each.context;
      sum.phase = phase;
      sum.tokens += each.tokens;
      sum.sequences = each.sequences;
      sum.attention += each.attention;
      sum.head += each.head;
      add_fields(sum.counters, each.counters);
      add_fields(sum.energy, each.energy);
      add_fields(sum.head_energy, each.head_energy);
    }
    if (steps == 0) continue;
    reports.push_back(report_of_step(sum, result));
    reports.back().steps = steps;
  }
  return reports;
}

}  // namespace razorsim
