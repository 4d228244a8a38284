// SPDX-License-Identifier: Apache-2.0
// Columns after columns: what DramController does while only row hits can be served.
#include "models/hardware/dram_controller.h"

namespace razorsim {

bool DramController::begin_streak() {
  if (row_.step != Step::none || column_.step != Step::column || !opened_.empty() || !streaks_ ||
      synced_ || owed_ > 0 || write_mode_ != write_turn_)
    return false;
  // The other queue's turn comes when it has starved, and when this one runs low.
  const DramQueue& other = write_turn_ ? reads_ : writes_;
  streak_end_ = refresh_.due();
  if (other.size() > 0) {
    streak_end_ = std::min(streak_end_, (write_turn_ ? reads_wait_since_ : writes_wait_since_) +
                                            spec_.controller.starvation_limit.count());
  }
  streak_floor_ = write_turn_ && other.size() > 0 ? static_cast<std::int64_t>(low_) + 2 : 1;
  streak_ready_ = column_.ready;
  streak_bank_ = column_.bank;
  return streak_goes_on();
}

/// Ends it at a command that needs more than a look at the columns.
bool DramController::streak_goes_on() {
  const std::int64_t end =
      spec_.interface.write_clock_sync ? std::min(streak_end_, clock_until_) : streak_end_;
  if (streak_ready_ >= end || (write_turn_ ? writes_ : reads_).size() <= streak_floor_)
    streak_ready_ = never;
  return streak_ready_ != never;
}

bool DramController::streak_accept(const DramRequest& request, std::int64_t cycle) {
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
  if (in_turn && is_news && request.row == row) choose_hit(cycle + 1);
  return true;
}

void DramController::choose_hit(std::int64_t from) {
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  streak_ready_ = never;
  std::int64_t order = DramQueue::last_order;
  DramBanks::Shared shared = banks_.shared(0, write_turn_);
  for (const std::int32_t bank : queue.busy_banks()) {
    if (banks_.ranks() > 1) shared = banks_.shared(banks_.rank_of(bank), write_turn_);
    const DramQueue::Lane& lane = queue.lane(bank);
    if (lane.hit == DramQueue::none) continue;
    const std::int64_t ready =
        std::max({banks_.own_column(bank, write_turn_),
                  banks_.group_column(banks_.group_of(bank), write_turn_), shared.column, from});
    if (ready > streak_ready_ || (ready == streak_ready_ && lane.hit_order > order)) continue;
    streak_ready_ = ready;
    order = lane.hit_order;
    streak_bank_ = bank;
  }
  streak_goes_on();
}

void DramController::streak_tick(std::int64_t cycle) {
  DramQueue& queue = write_turn_ ? writes_ : reads_;
  const std::int64_t bank = streak_bank_;
  Bank& state = state_[static_cast<std::size_t>(bank)];
  const DramQueue::Lane& lane = queue.lane(bank);
  count(queue[lane.hit]);
  state.conflicts = std::max<std::int64_t>(0, state.conflicts - 1);
  const DramQueue::Entry& entry = queue.take(lane.hit, banks_.row(bank));
  move_column(entry, cycle);
  note(cycle, write_turn_ ? DramCommand::write : DramCommand::read, bank, entry.request.row,
       entry.request.column);
  if (lane.other_order < lane.hit_order) {
    streak_ready_ = never;  // an older request for another row may close this one now
  } else {
    choose_hit(cycle + 1);
  }
}

void DramController::end_streak(std::int64_t cycle) {
  streak_ready_ = never;
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  for (const std::int32_t bank : queue.busy_banks()) refresh_wants(bank, cycle + 1);
  schedule(cycle + 1);
}

}  // namespace razorsim
