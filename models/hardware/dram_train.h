// SPDX-License-Identifier: Apache-2.0
// The plain part of a streak: row hits leave in the order they came, at one pace.
#pragma once

#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_streak.h"

namespace razorsim {

/// Its user calls, in turn: accept() at the cycles before due() at which requests come in, one a
/// cycle at most, and depart() at due() while departs(); end() last.
class DramController::Train {
 public:
  /// `one_group`: of one bank group, whose own pace is slower than the bus's. Precondition:
  /// controller.streak_goes_on(until).
  Train(DramController& controller, std::int64_t until, bool one_group)
      : controller_(controller),
        queue_(controller.in_turn()),
        writes_(controller.write_turn_),
        one_group_(one_group),
        group_(controller.banks_.group_of(controller.column_.bank)),
        apart_(writes_ ? controller.rules_.write_write_l : controller.rules_.read_read_l),
        distance_(std::max(controller.rules_.column_cycles, one_group ? apart_
                                                            : writes_
                                                                ? controller.rules_.write_write_s
                                                                : controller.rules_.read_read_s)),
        until_(std::min(until, controller.row_.ready - 1)),
        floor_(controller.streak_floor()),
        due_(controller.column_.ready) {
    if (controller.spec_.interface.write_clock_sync)
      until_ = std::min(until_, controller.clock_until_ - 1);
    for (const std::int32_t bank : controller.opened_)
      until_ = std::min(until_, controller.banks_.own_column(bank) - 1);
  }

  /// Whether nothing but the order of arrival and the pace decides, from cycle `now` on.
  [[nodiscard]] bool runs(std::int64_t now) const {
    const DramBanks& banks = controller_.banks_;
    if (banks.several_ranks() || controller_.column_.order != queue_.hits().front().order ||
        !departs())
      return false;
    if (one_group_) {
      const auto hits = queue_.hits().entries();
      return due_ > banks.rows_ready() &&
             std::all_of(hits.begin(), hits.end(), [&](const DramQueue::Entry& each) {
               return banks.group_of(each.request.bank) == group_;
             });
    }
    return distance_ <= controller_.rules_.burst &&
           due_ <= std::max(now + 1, banks.shared_column(0, writes_));
  }
  [[nodiscard]] bool is_write() const { return writes_; }
  [[nodiscard]] std::int64_t due() const { return due_; }
  /// Last cycle in which it may do anything.
  [[nodiscard]] std::int64_t until() const { return until_; }

  /// False, with nothing done, if it is not one for the train.
  bool accept(const DramRequest& request, std::int64_t cycle) {
    const std::int64_t row = controller_.banks_.row(request.bank);
    if (request.is_write != writes_ || controller_.writes_.holds(request)) return false;
    // The first for another row is one to look at, and so is one that need not keep the pace.
    if (request.row != row ? queue_.others(request.bank) == 0
                           : one_group_ && controller_.banks_.group_of(request.bank) != group_)
      return false;
    queue_.add(request, controller_.order_++, cycle, row);
    return true;
  }
  [[nodiscard]] bool departs() const {
    if (due_ > until_ || queue_.size() <= floor_ || queue_.hits().empty()) return false;
    // After the last hit before it, a request to another row is one to look at.
    const std::int64_t bank = queue_.hits().front().request.bank;
    return queue_.others(bank) == 0 && controller_.banks_.apart_column(bank, writes_) <= due_;
  }
  DramCompletion depart() {
    const DramQueue::Entry& entry = queue_.hits().front();
    const DramRequest& request = entry.request;
    controller_.note(due_, writes_ ? DramCommand::write : DramCommand::read, request.bank,
                     request.row, request.column);
    DramBanks& banks = controller_.banks_;
    writes_ ? banks.write_apart(request.bank, due_) : banks.read_apart(request.bank, due_);
    controller_.counters_.row_hits += entry.counted ? 0 : 1;
    const DramCompletion done{request.id, entry.arrival, controller_.data_end(writes_, due_),
                              writes_};
    if (columns_++ == 0) {
      controller_.waits_.column({.cycle = due_,
                                 .data_end = done.cycle,
                                 .burst = controller_.rules_.burst,
                                 .is_write = writes_});
    } else {
      controller_.waits_.more_columns(1, distance_);
    }
    queue_.drop_first_hit();
    due_ += distance_;
    return done;
  }

  /// Columns that the time left allows.
  [[nodiscard]] std::int64_t departures() const {
    return due_ > until_ ? 0 : (until_ - due_) / distance_ + 1;
  }
  [[nodiscard]] std::span<const DramQueue::Entry> line() const { return queue_.hits().entries(); }
  /// Whether a column for `next` can follow one for `before` at the train's pace, and no sooner.
  [[nodiscard]] bool follows(std::int64_t before, std::int64_t next) const {
    const std::int64_t group = controller_.banks_.group_of(next);
    if (one_group_) return group == group_;
    return apart_ <= distance_ || controller_.banks_.group_of(before) != group;
  }
  /// Whether the queue is full of reads that can leave without a gap.
  [[nodiscard]] bool is_closed_up() const;
  /// Whether a read of this place could be accepted; no write queued then touches its bank.
  [[nodiscard]] bool is_clear(const DramAddress& place) const {
    return controller_.banks_.row(place.bank) == place.row &&
           controller_.writes_.hits(place.bank) + controller_.writes_.others(place.bank) == 0;
  }
  /// The next `count` reads of a walk, which come in on the way, depart without being written down.
  void depart_unseen(DramWalk& walk, std::int64_t count, std::int64_t banks);
  [[nodiscard]] std::int64_t distance() const { return distance_; }

  /// Brings the controller up to the last column.
  void end() {
    if (columns_ == 0) return;
    const std::int64_t last = due_ - distance_;
    writes_ ? controller_.banks_.write_shared(0, last) : controller_.banks_.read_shared(0, last);
    controller_.count_columns(writes_, columns_, last);
    controller_.turn_from_ = last + 1;
    controller_.choose_column(last + 1);
    if (controller_.row_.ready < controller_.banks_.row_bus_free())
      controller_.choose_row(last + 1);
  }

 private:
  DramController& controller_;
  DramQueue& queue_;
  bool writes_, one_group_;
  std::int64_t group_, apart_, distance_, until_, floor_;
  std::int64_t due_, columns_ = 0;
};

}  // namespace razorsim
