// SPDX-License-Identifier: Apache-2.0
// Row hits after row hits: what DramController does while no row needs a look. Inline, since most
// of a memory's time passes here.
#pragma once

#include "models/hardware/dram_controller.h"

namespace razorsim {

inline std::int64_t DramController::streak_until() const {
  if (!streaks_ || synced_ || opening_ >= 0 || owed_ > 0 || write_mode_ != write_turn_ ||
      refresh_.owed() || openers_only_ || in_turn().size() <= streak_floor())
    return -1;
  // The other queue's turn comes when it has starved.
  const std::int64_t limit = spec_.controller.starvation_limit.count();
  const DramQueue& other = write_turn_ ? reads_ : writes_;
  std::int64_t until = refresh_.due() - 1;
  if (other.size() > 0)
    until = std::min(until, (write_turn_ ? reads_wait_since_ : writes_wait_since_) + limit - 1);
  // So does a request to another row.
  if (in_turn().any_other()) until = std::min(until, in_turn().oldest_other().arrival + limit - 1);
  for (const std::int32_t bank : opened_)
    until = std::min(until, openers_[static_cast<std::size_t>(bank)].arrival + limit - 1);
  return until;
}

inline bool DramController::streak_goes_on(std::int64_t until) const {
  if (column_.ready > until || column_.ready >= row_.ready || column_.preference == opener ||
      (spec_.interface.write_clock_sync && column_.ready >= clock_until_))
    return false;
  if (!opened_.empty() && state_[static_cast<std::size_t>(column_.bank)].has_opener) return false;
  // Where the buses are two, a row command might be due in the same cycle.
  if (spec_.interface.row_and_column_bus && in_turn().any_other(column_.bank)) return false;
  // ... or when this one runs low.
  return in_turn().size() > streak_floor();
}

inline bool DramController::streak_accept(const DramRequest& request, std::int64_t cycle) {
  const bool in_turn = request.is_write == write_turn_;
  const std::int64_t row = banks_.row(request.bank);
  if (request.row != row || writes_.holds(request)) return false;
  if (!in_turn && (write_turn_ || writes_.size() == 0 || writes_.size() + 1 > high_)) return false;
  DramQueue& queue = request.is_write ? writes_ : reads_;
  queue.add(request, order_++, cycle, row);
  if (in_turn) welcome_hit(request.bank, order_ - 1, cycle + 1);
  return true;
}

/// A row hit has come into the queue in turn. It is the youngest: it goes first only where it is
/// ready sooner than all others.
inline void DramController::welcome_hit(std::int64_t bank, std::int64_t order, std::int64_t from) {
  const std::int64_t bus = std::max(from, banks_.shared_column(banks_.rank_of(bank), write_turn_));
  if (column_.ready <= bus) return;
  const std::int64_t ready = std::max(bus, banks_.apart_column(bank, write_turn_));
  if (ready >= column_.ready) return;
  column_ = {ready, queued, order, static_cast<std::int32_t>(bank), Step::column};
}

/// issue_column() for a row hit that neither opens nor closes its row.
inline DramCompletion DramController::streak_tick(std::int64_t cycle) {
  const bool writes = write_turn_;
  const std::int32_t bank = column_.bank;
  DramQueue& queue = in_turn();
  const DramQueue::Entry& entry = queue.oldest_hit(bank);
  if (!entry.counted) ++counters_.row_hits;
  note(cycle, writes ? DramCommand::write : DramCommand::read, bank, entry.request.row,
       entry.request.column);
  writes ? banks_.write(bank, cycle) : banks_.read(bank, cycle);
  count_columns(writes, 1, cycle);
  const std::int64_t end = data_end(writes, cycle);
  waits_.column({.cycle = cycle, .data_end = end, .burst = rules_.burst, .is_write = writes});
  const DramCompletion done{entry.request.id, entry.arrival, end, writes};
  queue.drop(entry);
  turn_from_ = cycle + 1;
  choose_column(cycle + 1);
  if (queue.any_other()) choose_row_after(bank, cycle + 1);
  return done;
}

}  // namespace razorsim
