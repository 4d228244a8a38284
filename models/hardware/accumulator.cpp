// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/accumulator.h"

#include <algorithm>

namespace razorsim {

Accumulator::Accumulator(const sc_core::sc_module_name& name, const AccumulatorSpec& spec,
                         const CoreClockDomain& clock, std::int64_t wave, Bytes sum,
                         Channel<Job>& sums, Channel<Job>& tiles, OperationLog& log)
    : sc_module(name),
      spec_(spec),
      clock_(clock),
      wave_(wave),
      sum_(sum),
      sums_(sums),
      tiles_(tiles),
      log_(log),
      ledger_(this->name()) {
  SC_THREAD(run);
}

void Accumulator::run() {
  for (Picoseconds at;;) {
    Token<Job> token = sums_.pop(at);
    const Job& job = token.value;
    if (!job.has_tile) {
      ledger_.idle_until(at);
      tiles_.push(token, at);
      ledger_.waited_out_until(at, tiles_.full_cause(), -1);
      continue;
    }
    ledger_.waited_in_until(at, token.issued, token.cause, job.operation);
    const std::int64_t sums = job.tile.m.size() * job.tile.n.size();
    at += clock_.span(CoreCycles(ceil_div(std::min(sums, wave_), spec_.elements_per_cycle)));
    ledger_.busy_until(at, job.operation);
    BufferTraffic& traffic = log_.of(job.operation).output_buffer;
    traffic.written.codes += Bytes(sums * sum_.count());
    if (!job.tile.first_k) traffic.read.codes += Bytes(sums * sum_.count());
    if (!job.to_accumulator) continue;
    traffic.read.codes += Bytes(sums * sum_.count());
    const int operation = job.operation;
    token.cause = Cause::fill_drain;
    tiles_.push(token, at, clock_.span(CoreCycles(spec_.latency_cycles)));
    ledger_.waited_out_until(at, tiles_.full_cause(), operation);
  }
}

}  // namespace razorsim
