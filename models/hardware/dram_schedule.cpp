// SPDX-License-Identifier: Apache-2.0
// Choosing commands: the scheduling half of DramController.
#include "models/hardware/dram_controller.h"

namespace razorsim {

namespace {

// Preferences. An opener goes first: nothing may close its row before it was served.
constexpr std::int64_t opener = 0, refresh_first = 1, queued = 2;

}  // namespace

inline void DramController::consider_column(std::int32_t bank, const DramBanks::Shared& shared,
                                            std::int64_t from) {
  const Wants& wants = wants_[static_cast<std::size_t>(bank)];
  if (wants.column_ready == never || openers_only_) return;
  const std::int64_t ready = std::max(
      {wants.column_ready, banks_.group_column(wants.group, write_turn_), shared.column, from});
  if (ready > column_.ready) return;
  const Choice choice{ready, queued, wants.column_order, bank, wants.hit, Step::column};
  choice.challenge(column_);
}

inline void DramController::consider_row(std::int32_t bank, const DramBanks::Shared& shared,
                                         std::int64_t from) {
  const Wants& wants = wants_[static_cast<std::size_t>(bank)];
  if (wants.row_ready == never) return;
  const std::int64_t ready =
      wants.activates
          ? std::max({wants.row_ready, banks_.group_activate(wants.group), shared.activate, from})
          : std::max({wants.row_ready, shared.precharge, from});
  if (ready > row_.ready) return;
  const Choice choice{ready, queued,      wants.row_order,
                      bank,  wants.other, wants.activates ? Step::activate : Step::precharge};
  choice.challenge(row_);
}

inline DramBanks::Shared DramController::shared_of(std::int64_t rank) const {
  DramBanks::Shared shared = banks_.shared(rank, write_turn_);
  if (opening_ >= 0) shared.activate = never;
  return shared;
}

/// To be called whenever the bank, or the lane of it in the queue in turn, has changed.
void DramController::refresh_wants(std::int32_t bank, std::int64_t from) {
  const DramQueue& queue = write_turn_ ? writes_ : reads_;
  const DramQueue::Lane& lane = queue.lane(bank);
  const std::int64_t row = banks_.row(bank);
  Wants& wants = wants_[static_cast<std::size_t>(bank)];
  wants.group = static_cast<std::int32_t>(banks_.group_of(bank));
  wants.rank = static_cast<std::int32_t>(banks_.rank_of(bank));
  wants.column_ready = wants.row_ready = never;
  wants.hit = lane.hit;
  wants.other = lane.other;
  wants.column_order = lane.hit_order;
  wants.row_order = lane.other_order;
  wants.activates = row == DramBanks::closed;
  if (row == DramBanks::opening) return;
  if (wants.activates) {
    if (lane.other != DramQueue::none) wants.row_ready = banks_.own_activate(bank);
    return;
  }
  bool hits_wait = false;
  if (lane.other != DramQueue::none) {
    const Bank& state = state_[static_cast<std::size_t>(bank)];
    const bool hit_is_older = lane.hit_order < lane.other_order;
    if (!hit_is_older) {
      const bool capped =
          spec_.controller.row_hit_cap > 0 && state.served >= spec_.controller.row_hit_cap;
      const bool starving =
          from - queue[lane.other].arrival() > spec_.controller.starvation_limit.count();
      hits_wait = capped || starving;
    }
    if (!state.has_opener && !(spec_.controller.protect_row_hits && hit_is_older))
      wants.row_ready = banks_.own_precharge(bank);
  }
  if (lane.hit != DramQueue::none && !hits_wait)
    wants.column_ready = banks_.own_column(bank, write_turn_);
}

void DramController::take_turn(bool writes, std::int64_t from) {
  if (write_turn_ == writes) return;
  write_turn_ = writes;
  for (std::size_t bank = 0; bank < wants_.size(); ++bank)
    refresh_wants(static_cast<std::int32_t>(bank), from);
}

/// Chooses the next column and the next row command, from cycle `from` on.
void DramController::schedule(std::int64_t from) {
  if (refresh_.owed()) {
    turn_from_ = never;
    column_ = row_ = Choice{};
    consider_openers(from);
    consider_refresh(from);
  } else {
    take_turn(next_turn(from), from);
    turn_from_ = from;
    choose_column(from);
    choose_row(from);
  }
  set_wake(from);
}

/// The same after `done` was carried out: only what it can have changed is looked at again. A
/// command changes its own bank, and the times shared by commands of its kind. A choice that was
/// ready and had to wait competes anew, since others may have become ready meanwhile.
void DramController::reschedule(const Choice& done, std::int64_t from) {
  if (done.step == Step::refresh || done.step == Step::none || refresh_.owed() ||
      next_turn(from) != write_turn_) {
    schedule(from);
    return;
  }
  turn_from_ = from;
  if (done.step != Step::precharge || column_.ready < std::max(from, banks_.column_bus_free()) ||
      column_.bank == done.bank)
    choose_column(from);
  if (done.step != Step::column || row_.ready < std::max(from, banks_.row_bus_free()) ||
      row_.bank == done.bank) {
    choose_row(from);
  } else {
    consider_row(done.bank, shared_of(banks_.rank_of(done.bank)), from);
  }
  set_wake(from);
}

void DramController::choose_column(std::int64_t from) {
  column_ = Choice{};
  consider_openers(from);
  DramBanks::Shared shared = shared_of(0);
  for (const std::int32_t bank : (write_turn_ ? writes_ : reads_).busy_banks()) {
    if (banks_.several_ranks()) shared = shared_of(wants_[static_cast<std::size_t>(bank)].rank);
    consider_column(bank, shared, from);
  }
}

void DramController::choose_row(std::int64_t from) {
  row_ = Choice{};
  DramBanks::Shared shared = shared_of(0);
  for (const std::int32_t bank : (write_turn_ ? writes_ : reads_).busy_banks()) {
    if (banks_.several_ranks()) shared = shared_of(wants_[static_cast<std::size_t>(bank)].rank);
    consider_row(bank, shared, from);
  }
}

/// A request for `bank` has come into the queue in turn.
void DramController::welcome(std::int32_t bank, std::int64_t from) {
  const DramBanks::Shared shared = shared_of(banks_.rank_of(bank));
  consider_column(bank, shared, from);
  consider_row(bank, shared, from);
  set_wake(from);
}

void DramController::set_wake(std::int64_t from) {
  wake_ = std::min({column_.ready, row_.ready, refresh_.due()});
  if (opening_ >= 0) wake_ = from;  // the second activate takes the first idle cycle
}

/// An opener that has starved, for the bus never turned its way, holds back the queues.
void DramController::consider_openers(std::int64_t from) {
  openers_only_ = false;
  for (const std::int32_t bank : opened_) {
    if (bank == opening_) continue;
    const DramQueue::Entry& entry = openers_[static_cast<std::size_t>(bank)];
    const std::int64_t ready =
        entry.request.is_write ? banks_.ready_write(bank) : banks_.ready_read(bank);
    openers_only_ =
        openers_only_ || from - entry.arrival() > spec_.controller.starvation_limit.count();
    const Choice choice{std::max(ready, from), opener,      entry.order, bank,
                        DramQueue::none,       Step::column};
    choice.challenge(column_);
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

/// Whether it is the writes' turn at `cycle`, given the turn before.
bool DramController::next_turn(std::int64_t cycle) const {
  if (reads_.size() == 0) return true;
  const auto writes = static_cast<double>(writes_.size());
  const std::int64_t limit = spec_.controller.starvation_limit.count();
  if (write_mode_) {
    if (owed_ > 0 && writes_.size() > 0) return true;
    return writes >= low_ && cycle - reads_wait_since_ <= limit;
  }
  if (owed_ > 0) return false;
  return writes > high_ || (writes_.size() > 0 && cycle - writes_wait_since_ > limit);
}

/// The turn the choices assume was taken if a queue was asked before `cycle`. One that had starved
/// keeps it until as many requests were served as waited then.
void DramController::settle_turn(std::int64_t cycle) {
  if (turn_from_ >= cycle || write_mode_ == write_turn_) return;
  write_mode_ = write_turn_;
  const auto writes = static_cast<double>(writes_.size());
  if (write_mode_) {
    reads_wait_since_ = turn_from_;
    owed_ = reads_.size() > 0 && writes <= high_ ? writes_.size() : 0;
  } else {
    writes_wait_since_ = turn_from_;
    owed_ = writes >= low_ ? reads_.size() : 0;
  }
}

}  // namespace razorsim
