// SPDX-License-Identifier: Apache-2.0
// The part of a train that carries out changes of rows it has seen before.
#include "models/hardware/dram_row_change.h"

#include <algorithm>

#include "models/hardware/dram_train.h"

namespace razorsim {

std::optional<RowChange::Key> DramController::Train::row_change(const DramWalk& before,
                                                                const DramWalk& next,
                                                                std::int64_t rest,
                                                                std::int64_t banks) const {
  const DramRules& rules = controller_.rules_;
  const DramBanks& all = controller_.banks_;
  RowChange::Key key{rest, 0};
  if (!carries_rows_ || late_ || controller_.row_.step != Step::none || banks > 64)
    return std::nullopt;
  for (std::int64_t i = 0; i < banks; ++i) {
    const std::int64_t bank = next.bank_ahead(i), left = before.bank_ahead(rest + i);
    // The columns to come outlast what the one has been through, and nothing of the other's is
    // left.
    if (all.trace(left, due_).precharge > rules.read_precharge || !all.forgot(bank, due_) ||
        all.trace(bank, due_).group_read > distance_ + rules.activate_read ||
        all.group_of(bank) != all.group_of(left) || all.row(bank) == next.place().row ||
        queue_.any_hit(bank) || controller_.writes_.any_of_row(bank, next.place().row) ||
        controller_.writes_.any_of_row(left, before.place().row))
      return std::nullopt;
    if (all.row(bank) != DramBanks::closed) key.open |= std::uint64_t{1} << i;
  }
  return key;
}

bool DramController::Train::learn(WatchedRowChange& watched, std::int64_t banks) const {
  RowChange& change = watched.change;
  change.columns = (due_ - watched.start) / distance_;
  for (std::int64_t i = 0; i < banks; ++i) {
    const std::int64_t left = watched.before.bank_ahead(change.key.rest + i);
    const std::int64_t bank = watched.next.bank_ahead(i);
    change.before.push_back(controller_.banks_.trace(left, watched.start));
    change.after.push_back(controller_.banks_.trace(bank, watched.start));
    for (RowChange::Command& each : change.commands) {
      if (each.bank == bank) each.turn = i;
    }
  }
  const auto columns = static_cast<std::size_t>(change.columns);
  if (change.arrivals.size() != columns || watched.departures.size() != columns ||
      std::any_of(change.commands.begin(), change.commands.end(),
                  [](const RowChange::Command& each) { return each.turn < 0; }))
    return false;
  change.left_by.assign(columns, -1);
  for (std::size_t column = 0; column < columns; ++column) {
    const auto read = static_cast<std::size_t>(watched.departures[column]);
    if (read >= columns) return false;
    change.left_by[read] = static_cast<std::int64_t>(column);
  }
  for (std::size_t read = 1; read < columns; ++read)
    change.left_by[read] = std::max(change.left_by[read], change.left_by[read - 1]);
  return true;
}

/// What row commands and columns of a change do to banks and counters.
void DramController::Train::follow(const RowChange& change, const DramWalk& before,
                                   const DramWalk& next) {
  std::int64_t hits = change.columns;
  queue_.each_hit([&](const Entry& each) {
    hits -= each.counted ? 1 : 0;
    return false;
  });
  for (const RowChange::Command& each : change.commands) {
    const std::int64_t bank = next.bank_ahead(each.turn);
    if (!each.activates) {
      ++controller_.counters_.row_conflicts;
      controller_.close_row(bank, due_ + each.cycle);
      continue;
    }
    // Its first column is of the request it was opened for, which was counted as no hit.
    --hits;
    if ((change.key.open >> each.turn & 1) == 0) ++controller_.counters_.row_misses;
    controller_.open_row(bank, next.place().row, due_ + each.cycle);
    Bank& state = controller_.state_[static_cast<std::size_t>(bank)];
    state.fresh = false;
    ++state.served;
  }
  controller_.counters_.row_hits += hits;
  for (std::size_t i = 0; i < change.before.size(); ++i) {
    const auto turn = static_cast<std::int64_t>(i);
    const std::int64_t left = before.bank_ahead(change.key.rest + turn);
    controller_.banks_.leave_trace(left, due_, change.before[i]);
    controller_.banks_.leave_trace(next.bank_ahead(turn), due_, change.after[i]);
  }
}

/// The queue as a change that began at `start` leaves it: full of the last reads that came in.
void DramController::Train::stand(const RowChange& change, const DramWalk& next,
                                  std::span<const DramComing> coming, std::int64_t start) {
  std::int64_t came = change.columns - queue_.size();
  controller_.order_ += came;
  queue_.clear();
  DramComingIds ids(coming);
  DramWalk walk = next;
  walk.skip(came - change.key.rest);
  queue_.fill(change.columns - came, [&](const auto& add) {
    std::int64_t order = controller_.order_, read = came;
    walk.pass(change.columns - came, [&](const DramAddress& place) {
      add(ids.of(read), place, order++, start + change.arrivals[static_cast<std::size_t>(read)]);
      ++read;
    });
    controller_.order_ = order;
  });
}

}  // namespace razorsim
