// SPDX-License-Identifier: Apache-2.0
// Choosing commands: the scheduling half of DramController.
#include "models/hardware/dram_controller.h"

namespace razorsim {

namespace {

// Preferences. An opener goes first: nothing may close its row before it was served.
constexpr std::int64_t opener = 0, refresh_first = 1, queued = 2;

}  // namespace

inline void DramController::consider(const DramQueue& queue, std::int32_t bank, const DramBanks::Own& own,
                                     const DramBanks::Shared& shared, std::int64_t from) {
  const auto offer = [&](Choice& best, std::int64_t mine, std::int64_t all, std::int64_t order, Slot slot, Step step) {
    const std::int64_t ready = std::max({mine, all, from});
    if (ready > best.ready) return;
    const Choice choice{ready, queued, order, bank, slot, step};
    if (choice.before(best)) best = choice;
  };
  const DramQueue::Lane& lane = queue.lane(bank);
  if (own.row == DramBanks::closed) {
    if (opening_ < 0) offer(row_, own.activate, shared.activate, lane.other_order, lane.other, Step::activate);
    return;
  }
  if (own.row == DramBanks::opening) return;
  bool hits_wait = false;
  if (lane.other != DramQueue::none) {
    const Bank& state = state_[static_cast<std::size_t>(bank)];
    const bool hit_is_older = lane.hit_order < lane.other_order;
    if (!hit_is_older) {
      const bool capped = spec_.controller.row_hit_cap > 0 && state.served >= spec_.controller.row_hit_cap;
      const bool starving = from - queue[lane.other].arrival > spec_.controller.starvation_limit.count();
      hits_wait = capped || starving;
    }
    if (!state.has_opener && !(spec_.controller.protect_row_hits && hit_is_older)) {
      offer(row_, own.precharge, shared.precharge, lane.other_order, lane.other, Step::precharge);
    }
  }
  if (lane.hit != DramQueue::none && !hits_wait) {
    offer(column_, own.column, shared.column, lane.hit_order, lane.hit, Step::column);
  }
}

/// Chooses the next column and the next row command, from cycle `from` on.
void DramController::schedule(std::int64_t from) {
  column_ = row_ = Choice{};
  consider_openers(from);
  if (refresh_.owed()) {
    turn_from_ = never;
    consider_refresh(from);
  } else {
    write_turn_ = next_turn(from);
    turn_from_ = from;
    const DramQueue& queue = write_turn_ ? writes_ : reads_;
    if (banks_.ranks() == 1) {
      const DramBanks::Shared shared = banks_.shared(0, write_turn_);
      for (const std::int32_t bank : queue.busy_banks()) consider(queue, bank, banks_.own(bank, write_turn_), shared, from);
    } else {
      for (const std::int32_t bank : queue.busy_banks()) consider_bank(queue, bank, from);
    }
  }
  set_wake(from);
}

void DramController::set_wake(std::int64_t from) {
  wake_ = std::min({column_.ready, row_.ready, refresh_.due()});
  if (opening_ >= 0) wake_ = from;  // the second activate takes the first idle cycle
}

void DramController::consider_openers(std::int64_t from) {
  for (const std::int32_t bank : opened_) {
    if (bank == opening_) continue;
    const DramQueue::Entry& entry = openers_[static_cast<std::size_t>(bank)];
    const std::int64_t ready = entry.request.is_write ? banks_.ready_write(bank) : banks_.ready_read(bank);
    const Choice choice{std::max(ready, from), opener, entry.order, bank, DramQueue::none, Step::column};
    if (choice.before(column_)) column_ = choice;
  }
}

void DramController::consider_refresh(std::int64_t from) {
  const std::int64_t target = refresh_.target();
  std::int64_t ready = 0;
  if (refresh_.by_bank()) {
    if (state_[static_cast<std::size_t>(target)].has_opener) return;
    ready = banks_.row(target) == DramBanks::closed ? banks_.ready_refresh_bank(target)
                                                    : banks_.ready_precharge(target);
  } else {
    for (const std::int32_t bank : opened_) {
      if (banks_.rank_of(bank) == target) return;
    }
    ready = banks_.rank_is_closed(target) ? banks_.ready_refresh_all(target)
                                          : banks_.ready_precharge_all(target);
  }
  row_ = Choice{std::max(ready, from), refresh_first, 0, 0, DramQueue::none, Step::refresh};
}

void DramController::consider_bank(const DramQueue& queue, std::int32_t bank, std::int64_t from) {
  const DramBanks::Own own = banks_.own(bank, write_turn_);
  consider(queue, bank, own, banks_.shared(own.rank, write_turn_), from);
}

/// Whether it is the writes' turn at `cycle`, given the turn before.
bool DramController::next_turn(std::int64_t cycle) const {
  const auto writes = static_cast<double>(writes_.size());
  if (reads_.size() == 0) return true;
  if (!write_mode_) return reads_owed_ == 0 && writes > high_;
  const bool starving = cycle - reads_wait_since_ > spec_.controller.starvation_limit.count();
  return writes >= low_ && !starving;
}

/// The turn the choices assume was taken if a queue was asked before `cycle`.
void DramController::settle_turn(std::int64_t cycle) {
  if (turn_from_ >= cycle) return;
  if (write_mode_ != write_turn_) {
    if (write_turn_) {
      reads_wait_since_ = turn_from_;
    } else if (static_cast<double>(writes_.size()) >= low_) {
      reads_owed_ = reads_.size();  // left early: the reads had starved
    }
  }
  write_mode_ = write_turn_;
}

}  // namespace razorsim
