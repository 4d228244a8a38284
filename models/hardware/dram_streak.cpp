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
  streak_in_order_ = streak_at_bus_ = false;
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
  // It is younger than all others, so none that waits for the bus alone gives way to it.
  if (in_turn && is_news && request.row == row && !streak_at_bus_) choose_hit(cycle + 1);
  return true;
}

/// Looks at the oldest row hit of each bank.
void DramController::choose_hit(std::int64_t from) {
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  const bool one_rank = banks_.ranks() == 1;
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

/// The same once the hit accepted as `order` was served: mostly it is the one accepted next, and
/// nothing but the bus keeps it waiting.
void DramController::choose_hit_after(std::int64_t order, std::int64_t from) {
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  const std::int32_t bank = queue.bank_of(order + 1);
  const std::int64_t shared =
      std::max(from, banks_.shared(banks_.rank_of(bank), write_turn_).column);
  if (!streak_in_order_ || banks_.ranks() > 1 || queue.lane(bank).hit_order != order + 1 ||
      banks_.apart_column(bank, write_turn_) > shared) {
    choose_hit(from);
    return;
  }
  streak_bank_ = bank;
  streak_ready_ = shared;
  streak_at_bus_ = true;
  streak_goes_on();
}

DramCompletion DramController::streak_tick(std::int64_t cycle) {
  DramQueue& queue = write_turn_ ? writes_ : reads_;
  const std::int64_t bank = streak_bank_;
  Bank& state = state_[static_cast<std::size_t>(bank)];
  const DramQueue::Lane& lane = queue.lane(bank);
  DramQueue::Entry& entry = queue[lane.hit];
  const std::int64_t order = entry.order;
  count(entry);
  state.conflicts = std::max<std::int64_t>(0, state.conflicts - 1);
  note(cycle, write_turn_ ? DramCommand::write : DramCommand::read, bank, entry.request.row,
       entry.request.column);
  const DramCompletion done = move_column(entry.request, entry.arrival, cycle);
  queue.drop(lane.hit, banks_.row(bank));
  if (lane.other_order < lane.hit_order) {
    streak_ready_ = never;  // an older request for another row may close this one now
  } else {
    choose_hit_after(order, cycle + 1);
  }
  return done;
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
  if (count < 2 * banks || banks_.ranks() > 1 ||
      !find_round(next, static_cast<std::size_t>(banks)) || !keeps_distance(distance))
    return {};
  std::int64_t cycle = streak_ready_;
  std::size_t turn = 0;
  for (std::int64_t i = 0; i < count; ++i, cycle += distance) {
    DramQueue::Entry& entry = reads_[round_[turn]];
    DramRequest& request = entry.request;
    waits_.column({cycle, cycle + rules_.read_data_end, rules_.burst});
    if (!entry.counted) ++counters_.row_hits;
    entry.counted = false;
    note(cycle, DramCommand::read, request.bank, request.row, request.column);
    ++request.column;
    if (count - i <= banks) banks_.read(request.bank, cycle);
    turn = turn + 1 == round_.size() ? 0 : turn + 1;
  }
  for (const DramQueue::Slot slot : round_) {
    DramQueue::Entry& entry = reads_[slot];
    Bank& state = state_[static_cast<std::size_t>(entry.request.bank)];
    entry.order += count;
    reads_.reopen(entry.request.bank, entry.request.row);
    state.served += count / banks;
    state.conflicts = std::max<std::int64_t>(0, state.conflicts - count / banks);
  }
  order_ += count;
  counters_.reads += count;
  counters_.read += spec_.organisation.transaction() * count;
  busy_cycles_ += rules_.burst * count;
  const std::int64_t last = cycle - distance;
  clock_until_ =
      std::max(clock_until_, last + rules_.read_data_end + spec_.timing.wck_post.count());
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
