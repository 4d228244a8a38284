// SPDX-License-Identifier: Apache-2.0
// Where streaks begin and end, and many of their columns at once.
#include "models/hardware/dram_streak.h"

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
  streak_in_order_ = streak_at_bus_ = false;
  return streak_goes_on();
}

/// Looks at the oldest row hit of each bank.
void DramController::choose_hit(std::int64_t from) {
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  const bool one_rank = !banks_.several_ranks();
  std::int64_t least = never, least_order = DramQueue::last_order, oldest = DramQueue::last_order;
  std::int64_t shared = std::max(from, banks_.shared(0, write_turn_).column);
  for (const std::int32_t bank : queue.busy_banks()) {
    const std::int64_t order = queue.lane(bank).hit_order;
    if (order == DramQueue::last_order) continue;
    oldest = std::min(oldest, order);
    if (!one_rank) shared = std::max(from, banks_.shared(banks_.rank_of(bank), write_turn_).column);
    const std::int64_t ready = std::max(shared, banks_.apart_column(bank, write_turn_));
    if (ready > least || (ready == least && order > least_order)) continue;
    least = ready;
    least_order = order;
    streak_bank_ = bank;
  }
  streak_ready_ = least;
  streak_in_order_ = least_order == oldest;
  streak_at_bus_ = one_rank && least == shared;
  streak_goes_on();
}

/// Finds the queue's entries, one a bank and all of next's share, in the order they are served.
bool DramController::find_round(const DramRequest& next, std::size_t banks) {
  if (write_turn_ || !reads_.full() || reads_.busy_banks().size() != banks) return false;
  std::int64_t oldest = DramQueue::last_order;
  for (const std::int32_t bank : reads_.busy_banks())
    oldest = std::min(oldest, reads_.lane(bank).hit_order);
  round_.assign(banks, DramQueue::none);
  const std::int64_t each = reads_.size() / static_cast<std::int64_t>(banks);
  for (const std::int32_t bank : reads_.busy_banks()) {
    const DramQueue::Lane& lane = reads_.lane(bank);
    if (lane.hit == DramQueue::none || lane.first != lane.last) return false;
    const DramQueue::Entry& entry = reads_[lane.hit];
    const std::int64_t place = entry.order - oldest;
    if (entry.request.id != next.id || entry.count != each || each < 2 ||
        entry.step != static_cast<std::int64_t>(banks) || place >= entry.step ||
        writes_.lane(bank).hit != DramQueue::none)
      return false;
    round_[static_cast<std::size_t>(place)] = lane.hit;
  }
  const DramRequest& first = reads_[round_.front()].request;
  return first.bank == next.bank && first.row == next.row && first.column + each == next.column;
}

/// Whether columns of the round can follow each other at `distance`, from the next one on.
bool DramController::keeps_distance(std::int64_t distance) const {
  const auto group = [&](std::size_t i) {
    return banks_.group_of(reads_[round_[i % round_.size()]].request.bank);
  };
  for (std::size_t i = 0; i < round_.size(); ++i) {
    const std::int64_t ready = banks_.apart_column(reads_[round_[i]].request.bank, false);
    if (ready > streak_ready_ + static_cast<std::int64_t>(i) * distance) return false;
    std::size_t again = 1;
    while (group(i) != group(i + again)) ++again;
    if (static_cast<std::int64_t>(again) * distance < rules_.read_read_l) return false;
  }
  return true;
}

DramController::Run DramController::streak_run(const DramRequest& next, std::int64_t banks,
                                               std::int64_t most, std::int64_t until) {
  const std::int64_t distance = std::max({rules_.read_read_s, rules_.column_cycles,
                                          banks == 1 ? rules_.read_read_l : std::int64_t{0}});
  const std::int64_t time = std::min(until, streak_end_ - 1) - streak_ready_;
  if (time < 0) return {};
  std::int64_t count = std::min(most, time / distance + 1);
  count -= count % banks;
  if (count < 2 * banks || banks_.several_ranks() ||
      !find_round(next, static_cast<std::size_t>(banks)) || !keeps_distance(distance))
    return {};
  const std::int64_t first = streak_ready_, last = first + (count - 1) * distance;
  for (std::int64_t i = 0; log_ != nullptr && i < count; ++i) {
    const DramRequest& request = reads_[round_[static_cast<std::size_t>(i % banks)]].request;
    note(first + i * distance, DramCommand::read, request.bank, request.row,
         request.column + i / banks);
  }
  waits_.columns({.cycle = first, .data_end = first + rules_.read_data_end, .burst = rules_.burst},
                 count, distance);
  const std::int64_t each = count / banks;
  for (std::size_t i = 0; i < round_.size(); ++i) {
    DramQueue::Entry& entry = reads_[round_[i]];
    const std::int64_t bank = entry.request.bank;
    banks_.read(bank, last - (banks - 1 - static_cast<std::int64_t>(i)) * distance);
    counters_.row_hits += each - (entry.counted ? 1 : 0);
    entry.counted = false;
    entry.request.column += each;
    entry.order += count;
    reads_.reopen(bank, entry.request.row);
    Bank& state = state_[static_cast<std::size_t>(bank)];
    state.served += each;
    state.conflicts = std::max<std::int64_t>(0, state.conflicts - each);
  }
  order_ += count;
  count_columns(false, count, last + rules_.read_data_end);
  choose_hit(last + 1);
  return {count, last};
}

void DramController::end_streak(std::int64_t cycle) {
  streak_ready_ = never;
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  for (const std::int32_t bank : queue.busy_banks()) refresh_wants(bank, cycle + 1);
  schedule(cycle + 1);
}

}  // namespace razorsim
