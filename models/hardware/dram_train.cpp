// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_train.h"

namespace razorsim {

DramController::Train::Train(DramController& controller, std::int64_t now, std::int64_t until,
                             bool one_group)
    : controller_(controller),
      queue_(controller.in_turn()),
      writes_(controller.write_turn_),
      one_group_(one_group),
      carries_rows_(!one_group && controller.plain_rows_),
      keeps_rows_(carries_rows_ && controller.spec_.controller.protect_row_hits),
      group_(controller.banks_.group_of(controller.column_.bank)),
      apart_(writes_ ? controller.rules_.write_write_l : controller.rules_.read_read_l),
      distance_(std::max(controller.rules_.column_cycles, one_group ? apart_
                                                          : writes_
                                                              ? controller.rules_.write_write_s
                                                              : controller.rules_.read_read_s)),
      columns_to_answer_(controller.rules_.read_data_end / distance_),
      until_(until),
      floor_(controller.streak_floor()),
      due_(controller.column_.ready),
      late_(due_ > std::max(now + 1, controller.banks_.shared_column(0, writes_))) {
  for (const std::int32_t bank : controller.opened_) {
    // Its time depends on the turning of the bus.
    if (controller.openers_[static_cast<std::size_t>(bank)].request.is_write != writes_)
      carries_rows_ = keeps_rows_ = false;
  }
  if (controller.spec_.interface.write_clock_sync)
    until_ = std::min(until_, controller.clock_until_ - 1);
  look_ahead();
  if (!carries_rows_) until_ = free_until_;
}

bool DramController::Train::runs() const {
  const DramBanks& banks = controller_.banks_;
  if (banks.several_ranks()) return false;
  const bool steady = distance_ <= controller_.rules_.burst;
  if (carries_rows_) return steady && std::min(due_, controller_.row_.ready) <= until_;
  if (!controller_.streak_goes_on(until_) || next() == nullptr) return false;
  if (!one_group_) return steady && !late_;
  bool one = due_ > banks.rows_ready();
  queue_.oldest_hits([&](const Entry& each) {
    one = one && banks.group_of(each.request.bank) == group_;
    return !one;
  });
  return one;
}

bool DramController::Train::put_off() {
  if (!carries_rows_) return false;
  due_ = never;
  for (const std::int32_t bank : controller_.opened_)
    due_ = std::min(due_, controller_.banks_.apart_column(bank, writes_));
  queue_.oldest_hits([&](const Entry& each) {
    due_ = std::min(due_, controller_.banks_.apart_column(each.request.bank, writes_));
    return false;
  });
  late_ = true;
  keeps_pace_ = false;
  return true;
}

/// A column of `bank` may go from cycle `from` on.
void DramController::Train::come_sooner(std::int64_t bank, std::int64_t from) {
  share_columns();
  const DramBanks& banks = controller_.banks_;
  came_late_ = from;
  due_ = std::min(
      due_, std::max({from, banks.shared_column(0, writes_), banks.apart_column(bank, writes_)}));
}

/// From here on a row command or an opener's column may have to go between those of the queue.
void DramController::Train::look_ahead() {
  free_until_ = std::min(until_, controller_.row_.ready - 1);
  for (const std::int32_t bank : controller_.opened_)
    free_until_ = std::min(free_until_, controller_.banks_.own_column(bank) - 1);
}

void DramController::Train::share_columns() {
  if (shared_) return;
  shared_ = true;
  writes_ ? controller_.banks_.write_shared(0, last_column_)
          : controller_.banks_.read_shared(0, last_column_);
}

void DramController::Train::account_first(std::int64_t cycle) {
  controller_.waits_.column({.cycle = cycle,
                             .data_end = controller_.data_end(writes_, cycle),
                             .burst = controller_.rules_.burst,
                             .is_write = writes_});
  ++columns_;
  keeps_pace_ = true;
}

bool DramController::Train::accept_other(const DramRequest& request, std::int64_t cycle) {
  const bool first = !queue_.any_other(request.bank);
  if (first && !carries_rows_) return false;  // it is one to look at
  if (!queue_.any_other()) end_before_starving(cycle);
  queue_.add(request, controller_.order_++, cycle, controller_.banks_.row(request.bank));
  if (first) {
    share_columns();
    controller_.consider_row(queue_.oldest_other(request.bank), cycle + 1);
    look_ahead();
  }
  return true;
}

void DramController::Train::take_run(DramWalk& walk, std::int64_t count, std::int64_t id,
                                     std::int64_t cycle) {
  DramRequest request{.id = id, .is_write = writes_};
  walk.pass(count, [&](const DramAddress& place) {
    request.bank = place.bank;
    request.row = place.row;
    request.column = place.column;
    queue_.add(request, controller_.order_++, cycle, controller_.banks_.row(place.bank));
    cycle += distance_;
  });
}

/// Writes come in while it is the reads' turn, up to the number that ends it.
bool DramController::Train::accept_for_other_turn(const DramRequest& request, std::int64_t cycle) {
  DramQueue& writes = controller_.writes_;
  if (writes_ || writes.size() + 1 > controller_.high_) return false;
  if (writes.size() == 0) {
    controller_.writes_wait_since_ = cycle;
    end_before_starving(cycle);
    look_ahead();
  }
  writes.add(request, controller_.order_++, cycle, controller_.banks_.row(request.bank));
  return true;
}

void DramController::Train::carry_out_row() {
  share_columns();
  const Choice row = controller_.row_;
  last_ = row.ready;
  if (row.step == Step::activate) {
    controller_.issue_activate(row, row.ready);
    end_before_starving(controller_.openers_[static_cast<std::size_t>(row.bank)].arrival);
    if (late_) come_sooner(row.bank, row.ready + 1);
  } else {
    controller_.issue_precharge(row, row.ready);
    // Hits of a row that is closed nevertheless are others from here on, and may be the oldest.
    if (queue_.any_other()) end_before_starving(queue_.oldest_other().arrival);
  }
  if (controller_.banks_.row_bus_free() > due_) {
    due_ = controller_.banks_.row_bus_free();
    keeps_pace_ = false;
  }
  controller_.choose_row(row.ready + 1);
  look_ahead();
}

/// Of those that are ready the oldest.
const DramQueue::Entry* DramController::Train::first_opener() const {
  const Entry* first = nullptr;
  for (const std::int32_t bank : controller_.opened_) {
    const Entry& each = controller_.openers_[static_cast<std::size_t>(bank)];
    if (controller_.banks_.apart_column(bank, writes_) <= due_ &&
        (first == nullptr || each.order < first->order))
      first = &each;
  }
  return first;
}

void DramController::Train::depart_opener(const Entry& opener) {
  const DramRequest request = opener.request;
  Bank& state = controller_.state_[static_cast<std::size_t>(request.bank)];
  state.has_opener = false;
  std::erase(controller_.opened_, static_cast<std::int32_t>(request.bank));
  note(request, due_);
  move(request.bank, due_);
  controller_.waits_.column({due_, controller_.data_end(writes_, due_), controller_.rules_.burst,
                             state.began, state.fresh, state.after_conflict, writes_});
  state.fresh = false;
  ++state.served;
  last_ = last_column_ = due_;
  due_ += distance_;
  ++columns_;
  shared_ = late_ = false;
  keeps_pace_ = true;
  look_at_rows(request.bank);
  look_ahead();
}

const DramQueue::Entry* DramController::Train::next() const {
  const DramBanks& banks = controller_.banks_;
  const Entry* ready = nullptr;
  if (!carries_rows_) {  // after the last hit before it, a request to another row is one to look at
    if (!queue_.any_hit()) return nullptr;
    const Entry& oldest = queue_.oldest_hit();
    const std::int64_t bank = oldest.request.bank;
    return queue_.any_other(bank) || banks.apart_column(bank, writes_) > due_ ? nullptr : &oldest;
  }
  queue_.oldest_hits([&](const Entry& each) {
    if (banks.apart_column(each.request.bank, writes_) <= due_) ready = &each;
    return ready != nullptr;
  });
  // A row command that is ready in the same cycle goes first if it is older.
  return ready != nullptr && controller_.row_.ready == due_ && controller_.row_.order < ready->order
             ? nullptr
             : ready;
}

void DramController::Train::depart(const Entry& entry) {
  const DramRequest& request = entry.request;
  const std::int64_t bank = request.bank;
  note(request, due_);
  move(bank, due_);
  controller_.counters_.row_hits += entry.counted ? 0 : 1;
  queue_.drop(entry);
  due_ += distance_;
  account(1);
  if (carries_rows_) look_at_rows(bank);
}

void DramController::Train::choose_row_after(std::int64_t bank) {
  share_columns();
  controller_.choose_row_after(static_cast<std::int32_t>(bank), last_ + 1);
  look_ahead();
}

bool DramController::Train::may_close_up() const {
  const DramRules& rules = controller_.rules_;
  return !writes_ && queue_.full() && queue_.size() >= 2 && !queue_.any_other() &&
         apart_ <= 2 * distance_ && due_ >= controller_.banks_.rows_ready() &&
         queue_.size() * distance_ >= rules.write_read_l - rules.write_read_s;
}

bool DramController::Train::is_full_of_round(const DramWalk& walk, std::int64_t banks) const {
  if (!may_close_up() || !controller_.opened_.empty() ||
      queue_.oldest_hit().order != controller_.order_ - queue_.size() ||
      controller_.log_ != nullptr)
    return false;
  for (std::int64_t i = 0; i < std::min(banks, queue_.size()); ++i) {
    if (controller_.banks_.apart_column(walk.bank_ahead(i - queue_.size()), false) >
        due_ + i * distance_)
      return false;
  }
  return true;
}

bool DramController::Train::is_closed_up() const {
  if (!leaves_alone(queue_.size())) return false;
  std::int64_t number = 0, before = 0;
  queue_.each_hit([&](const Entry& each) {
    const std::int64_t bank = each.request.bank;
    if (controller_.banks_.apart_column(bank, false) > due_ + number * distance_) return true;
    if (number > 0 && !follows(before, bank)) return true;
    before = bank;
    ++number;
    return false;
  });
  return number == queue_.size();
}

void DramController::Train::depart_unseen(DramWalk& walk, std::int64_t count, std::int64_t banks) {
  if (count == 0) return;
  // Of each bank only the last column leaves a trace.
  const std::int64_t skipped =
      controller_.log_ != nullptr ? 0 : std::max<std::int64_t>(0, count - banks);
  if (skipped > 0) walk.skip(skipped);
  due_ += skipped * distance_;
  for (std::int64_t i = skipped; i < count; ++i, walk.step()) {
    const DramAddress& place = walk.place();
    controller_.note(due_, DramCommand::read, place.bank, place.row, place.column);
    controller_.banks_.read_apart(place.bank, due_);
    due_ += distance_;
  }
  account(count);
  controller_.counters_.row_hits += count;
}

void DramController::Train::end() {
  const std::int64_t from = std::max(last_ + 1, came_late_);
  if (last_ < 0) {
    if (came_late_ >= 0) controller_.choose_column(from);
    return;
  }
  share_columns();
  if (columns_ > 0) controller_.count_columns(writes_, columns_, last_column_);
  controller_.turn_from_ = last_ + 1;
  controller_.choose_column(from);
  if (controller_.row_.ready < controller_.banks_.row_bus_free()) controller_.choose_row(last_ + 1);
}

}  // namespace razorsim
