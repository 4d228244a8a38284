// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/sequencer.h"

#include <utility>

namespace razorsim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const Schedule& schedule,
                     const std::vector<Operation>& operations, Channel<Load>& weight_loads,
                     Channel<Load>& activation_loads, Channel<Job>& jobs, OperationLog& log,
                     sc_core::sc_event& pass_done, std::function<void(int, bool)> before_pass)
    : sc_module(name),
      schedule_(schedule),
      operations_(operations),
      weight_loads_(weight_loads),
      activation_loads_(activation_loads),
      jobs_(jobs),
      log_(log),
      pass_done_(pass_done),
      before_pass_(std::move(before_pass)),
      ledger_(this->name()) {
  SC_THREAD(run);
}

void Sequencer::run() {
  int layer = -2;
  int index = 0;
  int last = -1;
  // What the memory still takes in between belongs to the pass that ended.
  const auto between = [&](bool new_layer) {
    before_pass_(index++, new_layer);
    at_ = now();
    ledger_.waited_in_until(at_, issued_, Cause::dependence, last);
  };
  for (const ScheduledPass& pass : schedule_.passes) {
    const Operation& first = operations_[static_cast<std::size_t>(pass.pass.operations.front())];
    between(first.layer != layer);
    layer = first.layer;
    last = pass.pass.operations.back();
    for (const auto& program : pass.programs) {
      distinct_.clear();
      issued_ = at_;
      std::visit([this](const auto& plan) { run_program(plan, *this); }, program);
      wait(pass_done_);
      at_ = now();
      ledger_.waited_in_until(at_, issued_, Cause::dependence, last);
    }
  }
  between(false);
  finished_ = true;
  sc_core::sc_stop();
}

void Sequencer::load(const Load& load) {
  // Two loads of one time reach their engines in the order of the program.
  wait_until(at_);
  Channel<Load>& channel = load.to_weight_buffer ? weight_loads_ : activation_loads_;
  if (!load.reserved) {
    std::int64_t& seen = distinct_[load.address * 2 + (load.to_weight_buffer ? 1 : 0)];
    if (load.bytes.total().count() > seen) {
      log_.of(load.operation).distinct_read += load.bytes.total() - Bytes(seen);
      seen = load.bytes.total().count();
    }
  }
  channel.push({load, issued_, Cause::dependence}, at_);
  ledger_.waited_out_until(at_, channel.full_cause(), load.operation);
}

void Sequencer::job(const Job& job) {
  jobs_.push({job, issued_, Cause::dependence}, at_);
  ledger_.waited_out_until(at_, jobs_.full_cause(), job.operation);
}

}  // namespace razorsim
