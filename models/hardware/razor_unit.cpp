// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/razor_unit.h"

#include <algorithm>
#include <utility>

namespace razorsim {
namespace {

/// Elements wait as 32-bit numbers.
constexpr std::int64_t staged_element_bytes = 4;

int operation_of(const Job& job) {
  return job.vector_operation >= 0 ? job.vector_operation : job.operation;
}

}  // namespace

RazorUnit::RazorUnit(const sc_core::sc_module_name& name, const RazorUnitSpec& spec,
                     const CoreClockDomain& clock, std::vector<RazorOutput> outputs_of,
                     Bytes cache_port, Channel<Job>& outputs, Channel<Job>& writes,
                     Buffer& activations, Buffer& output_room, ValuePath* values, OperationLog& log)
    : sc_module(name),
      spec_(spec),
      clock_(clock),
      outputs_of_(std::move(outputs_of)),
      cache_port_(cache_port),
      outputs_(outputs),
      writes_(writes),
      activations_(activations),
      output_room_(output_room),
      values_(values),
      log_(log),
      ledger_(this->name()) {
  SC_THREAD(run);
}

void RazorUnit::run() {
  for (;;) {
    Token<Job> token = outputs_.pop(at_);
    const int operation = operation_of(token.value);
    ledger_.waited_in_until(at_, token.issued, token.cause, operation);
    const Bytes staged(token.value.output_elements() * staged_element_bytes);
    HardwareCounters& counters = log_.of(operation);
    if (token.value.razor_groups > 0) counters.staging_buffer.written.codes += staged;
    held_.push_back(std::move(token));
    if (held_.back().value.holds_rows) continue;

    const RazorOutput& kind = outputs_of_[static_cast<std::size_t>(operation)];
    for (Token<Job>& each : std::exchange(held_, {})) {
      Job& job = each.value;
      const std::int64_t sweeps = job.razor_groups * job.razor_sweeps;
      const std::int64_t cycles =
          ceil_div(sweeps * ceil_div(kind.group, spec_.group), spec_.groups_per_cycle);
      at_ += clock_.span(CoreCycles(cycles));
      ledger_.busy_until(at_, operation);
      counters.razor_cycles += cycles;
      counters.razor_groups += job.razor_groups;
      if (job.razor_groups > 0) {
        counters.staging_buffer.read.codes +=
            Bytes(job.output_elements() * staged_element_bytes * job.razor_sweeps);
      }
      if (values_ != nullptr) values_->razor(job);
      if (kind.goes_to_cache(job)) cache(job, operation, cycles);
      deliver(each, operation);
    }
  }
}

void RazorUnit::cache(Job& job, int operation, std::int64_t encoding) {
  log_.of(operation).kv_cache.written += job.output;
  const std::int64_t writing = ceil_div(job.output.total().count(), cache_port_.count());
  at_ += clock_.span(CoreCycles(std::max<std::int64_t>(0, writing - encoding)));
  ledger_.waited_out_until(at_, Cause::port, operation);
  job.output = {};  // nothing is left for DRAM
}

void RazorUnit::deliver(const Token<Job>& token, int operation) {
  const Job& job = token.value;
  const Picoseconds latency =
      clock_.span(CoreCycles(job.razor_groups > 0 ? spec_.latency_cycles : 0));
  if (job.chip_panel != no_panel) {
    at_ += latency;
    ledger_.busy_until(at_, operation);
    activations_.fill(job.chip_panel, Cause::razor_unit, at_);
    return;
  }
  output_room_.take(job.output.padded(), at_);
  ledger_.waited_out_until(at_, Cause::buffer_full, operation);
  log_.of(operation).output_buffer.written += job.output;
  writes_.push({job, token.issued, Cause::razor_unit}, at_, latency);
  ledger_.waited_out_until(at_, writes_.full_cause(), operation);
}

}  // namespace razorsim
