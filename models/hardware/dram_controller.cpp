// SPDX-License-Identifier: Apache-2.0
// Carrying out commands. What is chosen is in dram_schedule.cpp.
#include "models/hardware/dram_controller.h"

#include <cmath>

#include "models/hardware/dram_energy.h"

namespace razorsim {

DramController::DramController(const DramSpec& spec, std::int64_t channel)
    : spec_(spec),
      rules_(spec),
      channel_(channel),
      high_(
          static_cast<std::int64_t>(std::floor(spec.controller.write_high_watermark *
                                               static_cast<double>(spec.controller.write_queue)))),
      low_(static_cast<std::int64_t>(std::ceil(spec.controller.write_low_watermark *
                                               static_cast<double>(spec.controller.write_queue)))),
      banks_(spec),
      reads_(spec.controller.read_queue, banks_.count(), false),
      writes_(spec.controller.write_queue, banks_.count(), true),
      refresh_(spec),
      state_(static_cast<std::size_t>(banks_.count())),
      held_in_(state_.size()),
      openers_(state_.size()),
      streaks_(spec.controller.page_policy == PagePolicy::open && spec.controller.row_hit_cap == 0),
      plain_rows_(!spec.interface.row_and_column_bus && !spec.interface.split_activate &&
                  !spec.interface.write_clock_sync) {
  opened_.reserve(state_.size());
  set_wake(0);
}

void DramController::reset() {
  promise(waiting() == 0, "a DRAM controller is reset with requests under way");
  banks_.reset();
  refresh_.reset();
  waits_.reset();
  state_.assign(state_.size(), Bank{});
  column_ = row_ = Choice{};
  write_mode_ = write_turn_ = synced_ = false;
  turn_from_ = never;
  reads_wait_since_ = writes_wait_since_ = owed_ = clock_until_ = 0;
  counted_standby_ = {};
  counted_until_ = 0;
  set_wake(0);
}

void DramController::accept(const DramRequest& request, std::int64_t cycle) {
  const std::int64_t order = order_++;
  const bool queued = writes_.holds(request);
  if (queued && !request.is_write) {
    ++counters_.forwarded_reads;
    completions.push_back({request.id, cycle, cycle + 1, false});
    return;
  }
  if (queued) {
    ++counters_.merged_writes;
    completions.push_back({request.id, cycle, cycle + 1, true});
    return;
  }
  if (waiting() == 0) waits_.first_request(cycle);
  if (!request.is_write && reads_.size() == 0) reads_wait_since_ = cycle;
  if (request.is_write && writes_.size() == 0) writes_wait_since_ = cycle;
  settle_turn(cycle + 1);
  DramQueue& queue = request.is_write ? writes_ : reads_;
  queue.add(request, order, cycle, banks_.row(request.bank));
  // The one new request changes no other's readiness, so the choices stand unless the turn changes.
  if (synced_ || refresh_.owed()) return;
  if (next_turn(cycle + 1) != write_turn_) {
    schedule(cycle + 1);
    return;
  }
  turn_from_ = std::min(turn_from_, cycle + 1);
  if (request.is_write == write_turn_) welcome(request, cycle + 1);
}

void DramController::tick(std::int64_t cycle) {
  if (cycle >= refresh_.due()) {
    settle_turn(cycle);
    refresh_.advance(cycle);
    if (!synced_) schedule(cycle);
  }
  if (cycle < wake_) return;
  if (!spec_.interface.row_and_column_bus) {
    const Choice done = tick_single(cycle);
    if (!synced_) reschedule(done, cycle + 1);
    return;
  }
  Choice done;
  if (column_.ready <= cycle) {
    done = column_;
    issue(done, cycle);
    reschedule(done, cycle);
  }
  if (row_.ready <= cycle) {
    done = row_;
    issue(done, cycle);
  }
  reschedule(done, cycle + 1);
}

/// One command on a bus for all, the two-command activate and the write clock of LPDDR5 included.
/// Returns what was carried out; a step of none asks for a full look.
DramController::Choice DramController::tick_single(std::int64_t cycle) {
  if (opening_ >= 0 && opening_deadline_ <= cycle) {
    finish_activate(cycle);
    return {};
  }
  const Choice choice = synced_ || column_.before(row_) ? column_ : row_;
  if (synced_) {
    synced_ = false;
    issue(choice, cycle);
    return {};  // what came in since the CAS was not looked at
  }
  if (choice.ready > cycle) {
    if (opening_ >= 0) finish_activate(cycle);
    return {};
  }
  if (spec_.interface.write_clock_sync && choice.step == Step::column && cycle >= clock_until_) {
    if (opening_ >= 0 && opening_deadline_ <= cycle + 1) {
      finish_activate(cycle);  // the CAS takes the next cycle too, which would be too late
      return {};
    }
    ++counters_.clock_syncs;
    note(cycle, DramCommand::clock_sync, choice.bank, 0, 0);
    synced_ = true;
    wake_ = cycle + 1;
    return {};
  }
  issue(choice, cycle);
  return choice;
}

void DramController::issue(const Choice& choice, std::int64_t cycle) {
  // A column command for an open row is given without asking the queues, all others after asking.
  const bool asked = choice.preference != 0 && choice.step != Step::refresh;
  settle_turn(asked || spec_.interface.row_and_column_bus ? cycle + 1 : cycle);
  switch (choice.step) {
    case Step::column: issue_column(choice, cycle); break;
    case Step::activate: issue_activate(choice, cycle); break;
    case Step::precharge: issue_precharge(choice, cycle); break;
    case Step::refresh: issue_refresh(cycle); break;
    case Step::none: break;
  }
}

void DramController::issue_column(const Choice& choice, std::int64_t cycle) {
  const std::int64_t bank = choice.bank;
  Bank& state = state_[static_cast<std::size_t>(bank)];
  const bool for_opener = choice.preference == 0;
  if (for_opener) {
    state.has_opener = false;
    opened_.erase(std::find(opened_.begin(), opened_.end(), choice.bank));
  } else {
    count(in_turn().oldest_hit(bank));
    state.conflicts = std::max<std::int64_t>(0, state.conflicts - 1);
  }
  DramQueue& queue = in_turn();
  const DramQueue::Entry& entry =
      for_opener ? openers_[static_cast<std::size_t>(bank)] : queue.oldest_hit(bank);
  const DramRequest request = entry.request;
  completions.push_back(move_column(request, entry.arrival, cycle));
  if (!for_opener) queue.drop(entry);
  const bool closes = closes_after(bank);
  note(cycle,
       request.is_write ? (closes ? DramCommand::write_close : DramCommand::write)
                        : (closes ? DramCommand::read_close : DramCommand::read),
       bank, request.row, request.column);
  if (closes) {
    banks_.close_after_column(bank);
    ++counters_.precharges;
    state.after_conflict = false;
    reopen(bank);
  }
}

/// What a column command does to banks, buses, counters and whoever waits for it.
DramCompletion DramController::move_column(const DramRequest& request, std::int64_t arrival,
                                           std::int64_t cycle) {
  const std::int64_t bank = request.bank;
  Bank& state = state_[static_cast<std::size_t>(bank)];
  const std::int64_t end = data_end(request.is_write, cycle);
  request.is_write ? banks_.write(bank, cycle) : banks_.read(bank, cycle);
  count_columns(request.is_write, 1, cycle);
  if (request.is_write == write_mode_ && owed_ > 0) --owed_;
  waits_.column(
      {cycle, end, rules_.burst, state.began, state.fresh, state.after_conflict, request.is_write});
  state.fresh = false;
  ++state.served;
  return {request.id, arrival, end, request.is_write};
}

void DramController::issue_activate(const Choice& choice, std::int64_t cycle) {
  Bank& state = state_[static_cast<std::size_t>(choice.bank)];
  DramQueue& queue = in_turn();
  DramQueue::Entry& entry = queue.oldest_other(choice.bank);
  count(entry);
  DramQueue::Entry& opener = openers_[static_cast<std::size_t>(choice.bank)];
  opener = entry;
  queue.drop(entry);
  state.has_opener = true;
  opened_.push_back(choice.bank);
  open_row(choice.bank, opener.request.row, cycle);
}

void DramController::open_row(std::int64_t bank, std::int64_t row, std::int64_t cycle) {
  Bank& state = state_[static_cast<std::size_t>(bank)];
  state.fresh = true;
  state.served = 0;
  if (!state.after_conflict) state.began = cycle;
  ++counters_.activates;
  note(cycle, DramCommand::activate, bank, row, 0);
  if (spec_.interface.split_activate) {
    banks_.activate(bank, DramBanks::opening, cycle);
    opening_ = bank;
    opening_deadline_ = cycle + spec_.timing.aad.count();
  } else {
    banks_.activate(bank, row, cycle);
    reopen(bank);
  }
}

void DramController::finish_activate(std::int64_t cycle) {
  const std::int64_t row = openers_[static_cast<std::size_t>(opening_)].request.row;
  note(cycle, DramCommand::activate_second, opening_, row, 0);
  banks_.activate_second(opening_, row);
  reopen(opening_);
  opening_ = -1;
}

void DramController::issue_precharge(const Choice& choice, std::int64_t cycle) {
  count(in_turn().oldest_other(choice.bank));
  close_row(choice.bank, cycle);
}

void DramController::close_row(std::int64_t bank, std::int64_t cycle) {
  Bank& state = state_[static_cast<std::size_t>(bank)];
  state.after_conflict = true;
  state.began = cycle;
  state.conflicts = std::min<std::int64_t>(3, state.conflicts + 1);
  ++counters_.precharges;
  banks_.precharge(bank, cycle);
  note(cycle, DramCommand::precharge, bank, 0, 0);
  reopen(bank);
}

void DramController::issue_refresh(std::int64_t cycle) {
  const std::int64_t target = refresh_.target();
  const auto close = [&](std::int64_t bank) {
    if (banks_.row(bank) == DramBanks::closed) return;
    ++counters_.precharges;
    state_[static_cast<std::size_t>(bank)].after_conflict = false;
    reads_.reopen(bank, DramBanks::closed);
    writes_.reopen(bank, DramBanks::closed);
  };
  if (refresh_.by_bank()) {
    if (banks_.row(target) != DramBanks::closed) {
      close(target);
      banks_.precharge(target, cycle);
      note(cycle, DramCommand::precharge, target, 0, 0);
      return;
    }
    banks_.refresh_bank(target, cycle);
    note(cycle, DramCommand::refresh_bank, target, 0, 0);
    ++counters_.bank_refreshes;
    waits_.refresh(refresh_.owed_since(), cycle + spec_.timing.rfc_bank.count());
    refresh_.done();
    return;
  }
  const std::int64_t first = target * spec_.organisation.banks();
  const std::int64_t last = first + spec_.organisation.banks();
  if (!banks_.rank_is_closed(target)) {
    for (std::int64_t bank = first; bank < last; ++bank) close(bank);
    banks_.precharge_all(target, cycle);
    note(cycle, DramCommand::precharge_all, first, 0, 0);
    return;
  }
  banks_.refresh_all(target, cycle);
  note(cycle, DramCommand::refresh_all, first, 0, 0);
  ++counters_.refreshes;
  waits_.refresh(refresh_.owed_since(), cycle + spec_.timing.rfc.count());
  refresh_.done();
}

void DramController::reopen(std::int64_t bank) {
  reads_.reopen(bank, banks_.row(bank));
  writes_.reopen(bank, banks_.row(bank));
}

/// Counts a request once, by what its first command finds.
void DramController::count(DramQueue::Entry& entry) {
  if (entry.counted) return;
  entry.counted = true;
  const std::int64_t row = banks_.row(entry.request.bank);
  ++(row == entry.request.row   ? counters_.row_hits
     : row == DramBanks::closed ? counters_.row_misses
                                : counters_.row_conflicts);
}

bool DramController::closes_after(std::int64_t bank) const {
  if (spec_.controller.page_policy == PagePolicy::open) return false;
  const Bank& state = state_[static_cast<std::size_t>(bank)];
  if (spec_.controller.page_policy == PagePolicy::adaptive && state.conflicts < 2) return false;
  return !state.has_opener && !reads_.any_hit(bank) && !writes_.any_hit(bank);
}

void DramController::finish(std::int64_t cycle) {
  idle_until(cycle);
  const DramBanks::Standby standby = banks_.standby(cycle);
  const auto time = [&](std::int64_t cycles) { return spec_.timing.clock * cycles; };
  counters_.active_standby += time(standby.active - counted_standby_.active);
  counters_.precharge_standby += time(standby.precharged - counted_standby_.precharged);
  counters_.read = spec_.organisation.transaction() * counters_.reads;
  counters_.written = spec_.organisation.transaction() * counters_.writes;
  counters_.busy += time(busy_cycles_);
  counters_.idle += time(cycle - counted_until_ - busy_cycles_);
  counted_standby_ = standby;
  counted_until_ = cycle;
  busy_cycles_ = 0;
  counters_.energy = dram_energy(spec_, counters_);
}

void DramController::append(std::int64_t cycle, DramCommand command, std::int64_t bank,
                            std::int64_t row, std::int64_t column) {
  const std::int64_t banks = spec_.organisation.banks();
  log_->push_back({cycle, static_cast<std::int32_t>(channel_), command,
                   static_cast<std::int32_t>(bank / banks), static_cast<std::int32_t>(bank % banks),
                   row, column});
}

}  // namespace razorsim
