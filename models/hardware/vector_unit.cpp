// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/vector_unit.h"

namespace razorsim {
namespace {

void count_elements(const Job& job, HardwareCounters& counters) {
  if (job.has_tile) counters.rescaled += job.vector_elements;
  if (!job.ends_vector) return;
  const std::int64_t elements = job.output_elements();
  if (job.vector_operation >= 0) {
    counters.operated += elements;
    counters.operated_rows += elements / job.cols.size();
  }
  if (job.razor_groups > 0) counters.quantised += elements;
  if (job.razor_groups > 0 && job.razor_sweeps > 1) counters.maximised += elements;
}

}  // namespace

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const VectorUnitSpec& spec,
                       const CoreClockDomain& clock, Channel<Job>& tiles, Channel<Job>& outputs,
                       Buffer& activations, Buffer& accumulators, ValuePath* values,
                       OperationLog& log)
    : sc_module(name),
      spec_(spec),
      clock_(clock),
      tiles_(tiles),
      outputs_(outputs),
      activations_(activations),
      accumulators_(accumulators),
      values_(values),
      log_(log),
      ledger_(this->name()) {
  SC_THREAD(run);
}

void VectorUnit::run() {
  for (Picoseconds at;;) {
    Token<Job> token = tiles_.pop(at);
    const Job& job = token.value;
    const int operation =
        job.vector_operation >= 0 && job.ends_vector ? job.vector_operation : job.operation;
    ledger_.waited_in_until(at, token.issued, token.cause, operation);
    HardwareCounters& counters = log_.of(operation);
    if (job.aux != no_panel) {
      const Cause late = activations_.await(job.aux, at);
      ledger_.waited_in_until(at, token.issued, late, operation);
    }
    const std::int64_t cycles = ceil_div(job.vector_steps, spec_.lanes);
    at += clock_.span(CoreCycles(cycles));
    ledger_.busy_until(at, operation);
    counters.vector_cycles += cycles;
    counters.vector_steps += job.vector_steps;
    count_elements(job, counters);
    if (job.aux != no_panel) {
      counters.activation_buffer.read += job.aux_bytes;
      activations_.release(job.aux, at);
    }
    if (job.accumulator_release.count() > 0) accumulators_.give_back(job.accumulator_release, at);
    if (values_ != nullptr) values_->vector(job);
    if (!job.ends_vector) continue;
    token.cause = Cause::vector_unit;
    outputs_.push(token, at, clock_.span(CoreCycles(spec_.latency_cycles)));
    ledger_.waited_out_until(at, outputs_.full_cause(), operation);
  }
}

}  // namespace razorsim
