// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/array.h"

#include <algorithm>

namespace razorsim {

TileTiming TileArray::run(const Job& job) {
  if (values_ != nullptr) values_->multiply(job);
  return {job.tile.preload, job.tile.beats, job.tile.skew, 0};
}

Array::Array(const sc_core::sc_module_name& name, Dataflow dataflow, const CoreClockDomain& clock,
             ArrayModel& model, Channel<Job>& jobs, Channel<Job>& sums, Buffer& activations,
             Buffer& weights, Buffer& accumulators, OperationLog& log)
    : sc_module(name),
      dataflow_(dataflow),
      clock_(clock),
      model_(model),
      jobs_(jobs),
      sums_(sums),
      activations_(activations),
      weights_(weights),
      accumulators_(accumulators),
      log_(log),
      ledger_(this->name()) {
  SC_THREAD(run);
}

Cause Array::await_operands(const Tile& tile) {
  const Picoseconds asked = at_;
  const Cause left = activations_.await(tile.left, at_);
  if (tile.right_cached) return left;
  // Whichever arrives last names the cause of the wait.
  const Picoseconds left_there = at_;
  const Cause right = weights_.await(tile.right, at_);
  if (at_ > left_there) return right;
  return left_there > asked ? left : Cause::dependence;
}

CoreCycles Array::exposed(const Job& job, Picoseconds issued, CoreCycles preload) {
  if (preload.count() == 0) return preload;
  const bool weights = dataflow_ == Dataflow::weight_stationary;
  // What is cached on chip has been there since before the pass.
  const Picoseconds filled = !weights                ? activations_.filled_at(job.tile.left)
                             : job.tile.right_cached ? issued
                                                     : weights_.filled_at(job.tile.right);
  // The second register of each element is free once its last words went to work.
  const Picoseconds begin = std::max({filled, issued, loads_free_});
  const auto hidden = (at_ - begin).count() / clock_.period().count();
  return CoreCycles(std::max<std::int64_t>(0, preload.count() - hidden));
}

void Array::run() {
  for (;;) {
    Token<Job> token = jobs_.pop(at_);
    const Job& job = token.value;
    if (!job.has_tile) {
      // Rows of a vector operation pass by, so that the vector unit gets its work in one order.
      ledger_.idle_until(at_);
      sums_.push(token, at_);
      ledger_.waited_out_until(at_, sums_.full_cause(), -1);
      continue;
    }
    const Tile& tile = job.tile;
    const int operation = job.operation;
    const Cause late = await_operands(tile);
    ledger_.waited_in_until(at_, token.issued, late, operation);
    if (job.accumulator_room.count() > 0) {
      accumulators_.take(job.accumulator_room, at_);
      ledger_.waited_out_until(at_, sums_.full_cause(), operation);
    }

    const TileTiming timing = model_.run(job);
    const CoreCycles filling = exposed(job, token.issued, timing.preload);
    model_.placed(job, at_ + clock_.span(filling) - clock_.span(timing.preload));
    at_ += clock_.span(filling);
    ledger_.waited_in_until(at_, token.issued, Cause::fill_drain, operation);
    at_ += clock_.span(timing.beats);
    ledger_.busy_until(at_, operation);
    loads_free_ = at_ - clock_.span(tile.last_fold);
    at_ += clock_.span(tile.port_stall);
    ledger_.waited_in_until(at_, token.issued, Cause::port, operation);

    HardwareCounters& counters = log_.of(operation);
    counters.macs += tile.macs;
    counters.products += tile.products;
    counters.shifts += tile.shifts;
    counters.group_ends += tile.group_ends;
    counters.overflows += timing.overflows;
    counters.array_cycles += timing.beats.count();
    counters.preload_cycles += filling.count();
    counters.port_stall_cycles += tile.port_stall.count();
    counters.activation_buffer.read += tile.left_read;
    (tile.right_cached ? counters.kv_cache : counters.weight_buffer).read += tile.right_read;
    // Engines that wait for room of two buffers get it in this order.
    if (tile.release_left || tile.release_right) wait_until(at_);
    if (tile.release_left) activations_.release(tile.left, at_);
    if (tile.release_right) weights_.release(tile.right, at_);
    token.cause = Cause::array;
    sums_.push(token, at_, clock_.span(timing.skew));
    ledger_.waited_out_until(at_, sums_.full_cause(), operation);
  }
}

}  // namespace razorsim
