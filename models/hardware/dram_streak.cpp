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

/// Finds the reads queued, one entry a bank, in the order they are served. False: they do not go
/// round, or `arrivals` don't follow them.
bool DramController::find_round(std::span<const DramRequest> arrivals) {
  const std::size_t banks = reads_.busy_banks().size();
  if (write_turn_ || banks_.several_ranks() ||
      (!arrivals.empty() && (!reads_.full() || banks != arrivals.size())))
    return false;
  std::int64_t oldest = DramQueue::last_order;
  for (const std::int32_t bank : reads_.busy_banks())
    oldest = std::min(oldest, reads_.lane(bank).hit_order);
  round_.assign(banks, DramQueue::none);
  for (const std::int32_t bank : reads_.busy_banks()) {
    const DramQueue::Lane& lane = reads_.lane(bank);
    if (lane.hit == DramQueue::none || lane.first != lane.last) return false;
    const DramQueue::Entry& entry = reads_[lane.hit];
    const auto place = static_cast<std::size_t>(entry.order - oldest);
    if (entry.count < 2 || entry.step != static_cast<std::int64_t>(banks) || place >= banks ||
        writes_.lane(bank).hit != DramQueue::none)
      return false;
    round_[place] = lane.hit;
    if (arrivals.empty()) continue;
    const DramRequest& next = arrivals[place];
    if (next.bank != bank || next.row != entry.request.row ||
        next.column != entry.request.column + entry.count || !entry.extends(next.id) ||
        order_ + static_cast<std::int64_t>(place) != entry.order + entry.step * entry.count)
      return false;
  }
  return true;
}

/// Whether columns of the round can follow each other at `distance`, from the next one on.
bool DramController::keeps_distance(std::int64_t distance) const {
  const auto bank = [&](std::size_t i) {
    return reads_[round_[i < round_.size() ? i : i - round_.size()]].request.bank;
  };
  const auto apart = static_cast<std::size_t>(ceil_div(rules_.read_read_l, distance));
  if (apart > round_.size()) return false;
  for (std::size_t i = 0; i < round_.size(); ++i) {
    const std::int64_t ready = banks_.apart_column(bank(i), false);
    if (ready > streak_ready_ + static_cast<std::int64_t>(i) * distance) return false;
    for (std::size_t next = 1; next < apart; ++next) {
      if (banks_.group_of(bank(i)) == banks_.group_of(bank(i + next))) return false;
    }
  }
  return true;
}

DramController::Run DramController::streak_run(std::span<const DramRequest> arrivals,
                                               std::int64_t most, std::int64_t until) {
  const auto banks = static_cast<std::int64_t>(reads_.busy_banks().size());
  const std::int64_t distance = std::max({rules_.read_read_s, rules_.column_cycles,
                                          banks == 1 ? rules_.read_read_l : std::int64_t{0}});
  const std::int64_t time = std::min(until, streak_end_ - 1) - streak_ready_;
  if (time < 0 || !find_round(arrivals)) return {};
  const std::int64_t id = reads_[round_.front()].request.id;
  std::int64_t of_id = 0, shortest = DramQueue::last_order;
  for (const DramQueue::Slot slot : round_) {
    const DramQueue::Entry& entry = reads_[slot];
    if (entry.request.id == id) of_id += entry.oldest_count();
    shortest = std::min(shortest, entry.count - 1);
  }
  std::int64_t each = std::min(of_id, time / distance + 1) / banks;
  each = std::min(each, arrivals.empty() ? shortest : most / banks);
  const std::int64_t count = each * banks;
  if (each < 1 || !keeps_distance(distance)) return {};
  const std::int64_t first = streak_ready_, last = first + (count - 1) * distance;
  for (std::int64_t i = 0; log_ != nullptr && i < count; ++i) {
    const DramRequest& request = reads_[round_[static_cast<std::size_t>(i % banks)]].request;
    note(first + i * distance, DramCommand::read, request.bank, request.row,
         request.column + i / banks);
  }
  waits_.columns({.cycle = first, .data_end = first + rules_.read_data_end, .burst = rules_.burst},
                 count, distance);
  for (std::size_t i = 0; i < round_.size(); ++i) {
    const DramQueue::Entry& entry = reads_[round_[i]];
    const std::int64_t bank = entry.request.bank;
    banks_.read(bank, last - (banks - 1 - static_cast<std::int64_t>(i)) * distance);
    counters_.row_hits += each - (entry.counted ? 1 : 0);
    Bank& state = state_[static_cast<std::size_t>(bank)];
    state.served += each;
    state.conflicts = std::max<std::int64_t>(0, state.conflicts - each);
    if (arrivals.empty()) {
      reads_.exchange(round_[i], each, 0, 0, 0);
    } else {
      reads_.exchange(round_[i], each, each, arrivals[i].id, first);
    }
  }
  if (!arrivals.empty()) order_ += count;
  count_columns(false, count, last + rules_.read_data_end);
  choose_hit(last + 1);
  return {count, last, id};
}

void DramController::end_streak(std::int64_t cycle) {
  streak_ready_ = never;
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  for (const std::int32_t bank : queue.busy_banks()) refresh_wants(bank, cycle + 1);
  schedule(cycle + 1);
}

}  // namespace razorsim
