// SPDX-License-Identifier: Apache-2.0
// How a stream of reads gets from the open rows of one round of banks to those of the next.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "models/hardware/dram_banks.h"
#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_queue.h"

namespace razorsim {

/// One change of rows, seen once and carried out again wherever everything it depends on is the
/// same. It begins with a queue full of reads of one round of banks, which leave at the bus's pace,
/// and a stream that goes on in banks which nothing holds up; it ends when the queue is as full of
/// reads of the next round. All cycles count from the first column's.
struct RowChange {
  struct Key {
    std::int64_t rest = 0;   ///< reads of the round before that still come in
    std::uint64_t open = 0;  ///< a bit of each bank of the next round, in its order: another row is
                             ///< open, else none
    auto operator<=>(const Key&) const = default;
  };
  struct Command {
    std::int64_t cycle = 0;
    std::int64_t bank = 0;
    bool activates = false;
    std::int64_t turn = -1;  ///< the bank's in its round, once learnt
  };

  Key key;
  std::int64_t columns = 0;            ///< that leave in it, and reads that come in
  std::vector<Command> commands;       ///< for rows
  std::vector<std::int64_t> arrivals;  ///< of the reads that come in
  /// Of each read that leaves, by the order they came in: the column, from 0, with which it and all
  /// before it have left.
  std::vector<std::int64_t> left_by;
  std::vector<DramBanks::Trace> before, after;  ///< of the banks of both rounds, in their order
  std::int64_t now = 0;                         ///< the cycle it is over in
};
using RowChanges = std::map<RowChange::Key, RowChange>;

/// One that goes on.
struct WatchedRowChange {
  /// Of a queue whose oldest read is of `order`. `walk` is the stream's, `round` where it begins
  /// the next round as read of share number `goal`.
  WatchedRowChange(const RowChange::Key& key, std::int64_t cycle, std::int64_t order,
                   std::int64_t goal, const DramWalk& walk, const DramWalk& round)
      : start(cycle), first_order(order), share(goal), before(walk), next(round) {
    change.key = key;
  }
  void comes(std::int64_t cycle) { change.arrivals.push_back(cycle - start); }
  void leaves(const DramQueue::Entry& entry) { departures.push_back(entry.order - first_order); }
  void command(RowChange::Command command) {
    command.cycle -= start;
    change.commands.push_back(command);
  }

  std::int64_t start, first_order, share;
  DramWalk before, next;
  RowChange change;
  std::vector<std::int64_t> departures;  ///< by columns: which read, by the order they came in
};

}  // namespace razorsim
