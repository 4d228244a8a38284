// SPDX-License-Identifier: Apache-2.0
// Columns after columns: what DramController does while only row hits can be served. Inline, since
// most of a memory's time passes here.
#pragma once

#include "models/hardware/dram_controller.h"

namespace razorsim {

inline void DramController::count_columns(bool writes, std::int64_t columns,
                                          std::int64_t data_end) {
  (writes ? counters_.writes : counters_.reads) += columns;
  busy_cycles_ += rules_.burst * columns;
  clock_until_ = std::max(clock_until_, data_end + spec_.timing.wck_post.count());
}

/// Ends it at a command that needs more than a look at the columns.
inline bool DramController::streak_goes_on() {
  const std::int64_t end =
      spec_.interface.write_clock_sync ? std::min(streak_end_, clock_until_) : streak_end_;
  if (streak_ready_ >= end || (write_turn_ ? writes_ : reads_).size() <= streak_floor_)
    streak_ready_ = never;
  return streak_ready_ != never;
}

inline bool DramController::streak_accept(const DramRequest& request, std::int64_t cycle) {
  const bool in_turn = request.is_write == write_turn_;
  if ((write_turn_ && !in_turn) || writes_.holds(request)) return false;
  const std::int64_t row = banks_.row(request.bank);
  DramQueue& queue = request.is_write ? writes_ : reads_;
  if (in_turn && request.row != row &&
      (row == DramBanks::closed || queue.lane(request.bank).hit == DramQueue::none ||
       !spec_.controller.protect_row_hits))
    return false;
  if (!in_turn) {
    if (static_cast<double>(writes_.size() + 1) > high_) return false;
    if (writes_.size() == 0) {
      writes_wait_since_ = cycle;
      streak_end_ = std::min(streak_end_, cycle + spec_.controller.starvation_limit.count());
      streak_goes_on();
    }
  }
  const bool is_news = queue.add(request, order_++, cycle, row);
  // It is younger than all others, so none that waits for the bus alone gives way to it.
  if (in_turn && is_news && request.row == row && !streak_at_bus_) choose_hit(cycle + 1);
  return true;
}

/// The same once the hit accepted as `order`, of `served`, was served: mostly it is the one
/// accepted next, in the bank that came next the time before, and nothing but the bus keeps it
/// waiting.
inline void DramController::choose_hit_after(std::int32_t served, std::int64_t order,
                                             std::int64_t from) {
  const std::int32_t bank = state_[static_cast<std::size_t>(served)].follower;
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  const std::int64_t shared = std::max(from, banks_.shared(0, write_turn_).column);
  if (!streak_in_order_ || banks_.several_ranks() || queue.lane(bank).hit_order != order + 1 ||
      banks_.apart_column(bank, write_turn_) > shared) {
    choose_hit(from);
    state_[static_cast<std::size_t>(served)].follower = streak_bank_;
    return;
  }
  streak_bank_ = bank;
  streak_ready_ = shared;
  streak_at_bus_ = true;
  streak_goes_on();
}

/// issue_column() for a row hit that neither opens nor closes its row.
inline DramCompletion DramController::streak_tick(std::int64_t cycle) {
  const bool writes = write_turn_;
  DramQueue& queue = writes ? writes_ : reads_;
  const std::int32_t bank = streak_bank_;
  const DramQueue::Lane& lane = queue.lane(bank);
  const DramQueue::Entry& entry = queue[lane.hit];
  const std::int64_t order = entry.order;
  const std::int64_t data_end = cycle + (writes ? rules_.write_data_end : rules_.read_data_end);
  const DramCompletion done{entry.request.id, entry.arrival(), data_end, writes};
  if (!entry.counted) ++counters_.row_hits;
  Bank& state = state_[static_cast<std::size_t>(bank)];
  state.conflicts -= state.conflicts > 0 ? 1 : 0;
  ++state.served;
  note(cycle, writes ? DramCommand::write : DramCommand::read, bank, entry.request.row,
       entry.request.column);
  writes ? banks_.write(bank, cycle) : banks_.read(bank, cycle);
  count_columns(writes, 1, data_end);
  waits_.column({.cycle = cycle, .data_end = data_end, .burst = rules_.burst, .is_write = writes});
  queue.drop(lane.hit, banks_.row(bank));
  if (lane.other_order < lane.hit_order) {
    streak_ready_ = never;  // an older request for another row may close this one now
  } else {
    choose_hit_after(bank, order, cycle + 1);
  }
  return done;
}

}  // namespace razorsim
