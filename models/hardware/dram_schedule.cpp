// SPDX-License-Identifier: Apache-2.0
// Choosing commands: the scheduling half of DramController.
#include "models/hardware/dram_streak.h"

namespace razorsim {

/// Marks the banks whose row hits wait for an older request to another row: one that has starved,
/// or any once the row has had its share.
void DramController::hold_back(std::int64_t from) {
  const DramQueue& queue = in_turn();
  ++look_;
  queue.oldest_others([&](const DramQueue::Entry& entry) {
    const std::int64_t number = entry.request.bank;
    const Bank& bank = state_[static_cast<std::size_t>(number)];
    if (banks_.row(number) < 0 || queue.leads_with_hit(number)) return false;
    const bool capped =
        spec_.controller.row_hit_cap > 0 && bank.served >= spec_.controller.row_hit_cap;
    const bool starving = from - entry.arrival > spec_.controller.starvation_limit.count();
    if (capped || starving) held_in_[static_cast<std::size_t>(number)] = look_;
    return false;
  });
}

/// Of one rank's row hits that are ready first, the oldest: unless `column_` is ready sooner.
inline void DramController::choose_hit(std::int64_t from) {
  const std::int64_t bus = std::max(from, banks_.shared_column(0, write_turn_));
  in_turn().oldest_hits([&](const DramQueue::Entry& entry) {
    const std::int64_t ready = std::max(bus, banks_.apart_column(entry.request.bank, write_turn_));
    if (ready < column_.ready)
      column_ = {ready, queued, entry.order, static_cast<std::int32_t>(entry.request.bank),
                 Step::column};
    return ready == bus;  // none is ready sooner
  });
}

/// Of row hits that are ready first the oldest, and openers before all.
void DramController::choose_column(std::int64_t from) {
  column_ = Choice{};
  openers_only_ = false;
  if (!opened_.empty()) consider_openers(from);
  if (openers_only_) return;
  if (may_hold_back(from)) {
    hold_back(from);
  } else if (!banks_.several_ranks()) {
    return choose_hit(from);
  } else {
    ++look_;  // in which nobody is held back
  }
  in_turn().oldest_hits([&](const DramQueue::Entry& entry) {
    const std::int64_t bank = entry.request.bank;
    if (held_in_[static_cast<std::size_t>(bank)] == look_) return false;
    const std::int64_t ready =
        std::max(from, write_turn_ ? banks_.ready_write(bank) : banks_.ready_read(bank));
    if (ready < column_.ready)
      column_ = {ready, queued, entry.order, static_cast<std::int32_t>(bank), Step::column};
    return false;
  });
}

/// When the row command that a bank's oldest request to another row needs is ready; `never` where
/// the request must wait for others of the bank.
inline std::int64_t DramController::row_ready(std::int64_t bank) const {
  const std::int64_t row = banks_.row(bank);
  if (row == DramBanks::closed) return opening_ >= 0 ? never : banks_.ready_activate(bank);
  if (row == DramBanks::opening || state_[static_cast<std::size_t>(bank)].has_opener ||
      (spec_.controller.protect_row_hits && in_turn().leads_with_hit(bank)))
    return never;
  return banks_.ready_precharge(bank);
}

inline void DramController::take_row(const DramQueue::Entry& entry, std::int64_t ready) {
  const std::int64_t bank = entry.request.bank;
  row_ = {ready, queued, entry.order, static_cast<std::int32_t>(bank),
          banks_.row(bank) == DramBanks::closed ? Step::activate : Step::precharge};
}

/// Takes the bank's oldest request to another row as the row command to come, if it is that.
void DramController::consider_row(const DramQueue::Entry& entry, std::int64_t from) {
  const std::int64_t ready = std::max(from, row_ready(entry.request.bank));
  if (ready < row_.ready || (ready == row_.ready && ready < never && entry.order < row_.order))
    take_row(entry, ready);
}

/// Of the row commands that are ready first, the oldest request's.
void DramController::choose_row(std::int64_t from) {
  row_ = Choice{};
  const std::int64_t bus = std::max(from, banks_.row_bus_free());
  in_turn().oldest_others([&](const DramQueue::Entry& entry) {
    const std::int64_t ready = std::max(bus, row_ready(entry.request.bank));
    if (ready < row_.ready) take_row(entry, ready);
    return ready == bus;  // none is ready sooner
  });
}

/// The same after `bank` served a column: a request to another row may now be its oldest. A choice
/// that was ready and had to wait competes anew, since others may have become ready meanwhile.
void DramController::choose_row_after(std::int32_t bank, std::int64_t from) {
  if (row_.bank == bank || row_.ready < std::max(from, banks_.row_bus_free()))
    return choose_row(from);
  if (in_turn().any_other(bank)) consider_row(in_turn().oldest_other(bank), from);
}

/// Chooses the next column and the next row command, from cycle `from` on.
void DramController::schedule(std::int64_t from) {
  if (refresh_.owed()) {
    turn_from_ = never;
    column_ = row_ = Choice{};
    consider_openers(from);
    consider_refresh(from);
  } else {
    write_turn_ = next_turn(from);
    turn_from_ = from;
    choose_column(from);
    choose_row(from);
  }
  set_wake(from);
}

/// The same after `done` was carried out: only what it can have changed is looked at again. A
/// command changes its own bank, and the times shared by commands of its kind.
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
  done.step == Step::column ? choose_row_after(done.bank, from) : choose_row(from);
  set_wake(from);
}

/// A request has come into the queue in turn.
void DramController::welcome(const DramRequest& request, std::int64_t from) {
  const std::int64_t bank = request.bank;
  const DramQueue& queue = in_turn();
  if (request.row != banks_.row(bank)) {
    if (const DramQueue::Entry& oldest = queue.oldest_other(bank); oldest.order == order_ - 1)
      consider_row(oldest, from);
  } else if (queue.any_other(bank) && may_hold_back(from)) {
    choose_column(from);
  } else if (!openers_only_) {
    welcome_hit(bank, order_ - 1, from);
  }
  set_wake(from);
}

void DramController::set_wake(std::int64_t from) {
  wake_ = std::min({column_.ready, row_.ready, refresh_.due()});
  if (opening_ >= 0) wake_ = from;  // the second activate takes the first idle cycle
}

/// An opener that has starved, for the bus never turned its way, holds back the queues.
void DramController::consider_openers(std::int64_t from) {
  for (const std::int32_t bank : opened_) {
    if (bank == opening_) continue;
    const DramQueue::Entry& entry = openers_[static_cast<std::size_t>(bank)];
    const std::int64_t ready =
        entry.request.is_write ? banks_.ready_write(bank) : banks_.ready_read(bank);
    openers_only_ =
        openers_only_ || from - entry.arrival > spec_.controller.starvation_limit.count();
    const Choice choice{std::max(ready, from), opener, entry.order, bank, Step::column};
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
  row_ = Choice{std::max(ready, from), refresh_first, 0, 0, Step::refresh};
}

/// Whether it is the writes' turn at `cycle`, given the turn before.
bool DramController::next_turn(std::int64_t cycle) const {
  if (reads_.size() == 0) return true;
  const std::int64_t writes = writes_.size();
  const std::int64_t limit = spec_.controller.starvation_limit.count();
  if (write_mode_) {
    if (owed_ > 0 && writes > 0) return true;
    return writes >= low_ && cycle - reads_wait_since_ <= limit;
  }
  if (owed_ > 0 || writes == 0) return false;
  return writes > high_ || cycle - writes_wait_since_ > limit;
}

/// The turn the choices assume was taken, if a queue was asked before. One that had starved keeps
/// it until as many requests were served as waited then.
void DramController::change_turn() {
  write_mode_ = write_turn_;
  if (write_mode_) {
    reads_wait_since_ = turn_from_;
    owed_ = reads_.size() > 0 && writes_.size() <= high_ ? writes_.size() : 0;
  } else {
    writes_wait_since_ = turn_from_;
    owed_ = writes_.size() >= low_ ? reads_.size() : 0;
  }
}

}  // namespace razorsim
