// SPDX-License-Identifier: Apache-2.0
// The plain part of a streak: columns follow each other at one pace, for at every turn of the bus
// one is ready.
#pragma once

#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_streak.h"

namespace razorsim {

/// Its user goes through the cycles in order: accept() at those up to idle_until() at which
/// requests come in, one a cycle at most; then carry_out_row() if row_goes(), or else a column at
/// due(): depart_opener() if opener_goes(), depart() of next() if there is one. end() last.
///
/// Where the command bus is one and a row opens by one command, row commands between columns are
/// carried out too, and columns leave as the controller would choose them; elsewhere the train ends
/// before each, and columns leave in the order their requests came.
class DramController::Train {
 public:
  using Entry = DramQueue::Entry;

  /// `one_group`: of one bank group, whose own pace is slower than the bus's. Precondition:
  /// controller.streak_goes_on(until).
  Train(DramController& controller, std::int64_t until, bool one_group);

  /// Whether nothing but the order and the pace decides, from cycle `now` on.
  [[nodiscard]] bool runs(std::int64_t now) const;
  [[nodiscard]] bool is_write() const { return writes_; }
  [[nodiscard]] bool is_full() const { return queue_.full(); }
  [[nodiscard]] std::int64_t queued() const { return queue_.size(); }
  /// Cycle of the next column.
  [[nodiscard]] std::int64_t due() const { return due_; }
  /// Cycles from one column to the next.
  [[nodiscard]] std::int64_t distance() const { return distance_; }
  /// Up to here nothing but requests coming in can happen.
  [[nodiscard]] std::int64_t idle_until() const {
    return std::min({due_ - 1, until_, controller_.row_.ready - 1});
  }

  /// False, with nothing done, if it is not one for the train.
  bool accept(const DramRequest& request, std::int64_t cycle);

  /// Whether the next command is for a row, at row_cycle().
  [[nodiscard]] bool row_goes() const {
    return controller_.row_.ready < due_ && controller_.row_.ready <= until_ &&
           queue_.size() > floor_;
  }
  [[nodiscard]] std::int64_t row_cycle() const { return controller_.row_.ready; }
  void carry_out_row();

  /// Whether the next command is a column, as far as time goes.
  [[nodiscard]] bool column_goes() const {
    return due_ <= until_ && due_ <= controller_.row_.ready && queue_.size() > floor_;
  }
  /// Whether a column that a row was opened for goes before those of the queue.
  [[nodiscard]] bool opener_goes() const {
    return !controller_.opened_.empty() && first_opener() != nullptr;
  }
  DramCompletion depart_opener();
  /// The request whose column goes at due(); nullptr: the controller must look.
  [[nodiscard]] const Entry* next() const;
  DramCompletion depart(const Entry& entry);

  /// As many depart() as next() names by the order of their coming and without a row command
  /// between, `most` at most. `answer` hears of every run of neighbours of one id: the id, their
  /// number, the last data's end. Returns how many. Precondition: for each that leaves beyond
  /// to_spare(), one comes in.
  template <class Answer>
  std::int64_t depart_run(std::int64_t most, const Answer& answer);
  /// The same for all that are queued. Precondition: is_closed_up().
  template <class Answer>
  void depart_all(const Answer& answer);
  /// Whether a read of this row can be accepted at any time until the next row command.
  [[nodiscard]] bool takes(std::int64_t bank, std::int64_t row) const {
    if (controller_.writes_.any_of_row(bank, row)) return false;
    return controller_.banks_.row(bank) == row
               ? !one_group_ || controller_.banks_.group_of(bank) == group_
               : queue_.any_other(bank);
  }
  /// The next `count` reads of a walk come in, the first at `cycle` and each at the train's pace.
  /// Precondition: takes() said so of each, and `count` < walk.in_stretch().
  void take_run(DramWalk& walk, std::int64_t count, std::int64_t id, std::int64_t cycle) {
    DramRequest request{.id = id};
    walk.pass(count, [&](const DramAddress& place) {
      request.bank = place.bank;
      request.row = place.row;
      request.column = place.column;
      queue_.add(request, controller_.order_++, cycle, controller_.banks_.row(place.bank));
      cycle += distance_;
    });
  }

  /// How many can leave while none comes in.
  [[nodiscard]] std::int64_t to_spare() const { return queue_.size() - floor_; }
  /// Columns that leave before any other command, as far as time goes.
  [[nodiscard]] std::int64_t departures() const {
    return due_ > free_until_ ? 0 : (free_until_ - due_) / distance_ + 1;
  }
  /// Of the youngest hit.
  [[nodiscard]] std::int64_t last_bank() const { return queue_.youngest_hit().request.bank; }
  /// Whether a column for `next` can follow one for `before` at the train's pace, and no sooner.
  [[nodiscard]] bool follows(std::int64_t before, std::int64_t next) const {
    const std::int64_t group = controller_.banks_.group_of(next);
    if (one_group_) return group == group_;
    return apart_ <= distance_ || controller_.banks_.group_of(before) != group;
  }
  /// Whether the queue is full of the reads before `walk`, of one share and one round of banks,
  /// which can leave without a gap if those of the round can.
  [[nodiscard]] bool is_full_of(const DramWalk& walk, std::int64_t id) const;
  /// All of these leave and `count` of the walk come in, of which the last ones stay: as many as
  /// the queue holds. Precondition: is_full_of(), `count` is a number of whole rounds and
  /// no less than the queue's size. Returns the last data's end.
  std::int64_t pass_whole_rounds(DramWalk& walk, std::int64_t count, std::int64_t banks);
  /// Whether the queue is full of reads that can leave without a gap.
  [[nodiscard]] bool is_closed_up() const;
  /// Whether a read of this row could be accepted; no write queued then touches it.
  [[nodiscard]] bool is_clear(std::int64_t bank, std::int64_t row) const {
    return controller_.banks_.row(bank) == row && !controller_.writes_.any_of_row(bank, row);
  }
  /// The next `count` reads of a walk, which come in on the way, depart without being written down.
  void depart_unseen(DramWalk& walk, std::int64_t count, std::int64_t banks);

  /// Brings the controller up to the last command.
  void end();

 private:
  [[nodiscard]] const Entry* first_opener() const;
  bool accept_for_other_turn(const DramRequest& request, std::int64_t cycle);
  void look_at_rows(std::int64_t bank);
  void look_ahead();
  /// Ends before a request that came at `arrival` has starved.
  void end_before_starving(std::int64_t arrival) {
    until_ = std::min(until_, arrival + controller_.spec_.controller.starvation_limit.count() - 1);
  }
  void share_columns();
  void account(std::int64_t number);
  template <class Answer>
  void arrive_at(std::int64_t due, std::int64_t id, const Answer& answer);
  void move(std::int64_t bank, std::int64_t cycle) {
    writes_ ? controller_.banks_.write_apart(bank, cycle)
            : controller_.banks_.read_apart(bank, cycle);
  }
  void note(const DramRequest& request, std::int64_t cycle) {
    controller_.note(cycle, writes_ ? DramCommand::write : DramCommand::read, request.bank,
                     request.row, request.column);
  }

  DramController& controller_;
  DramQueue& queue_;
  bool writes_, one_group_, carries_rows_;
  bool keeps_rows_;  ///< no row command is chosen for a bank whose row has older hits
  std::int64_t group_, apart_, distance_;
  std::int64_t until_;       ///< last cycle in which it may do anything
  std::int64_t free_until_;  ///< last cycle before one for a row or an opener
  std::int64_t floor_;
  std::int64_t due_, last_ = -1;  ///< the last command's cycle
  std::int64_t columns_ = 0;
  bool shared_ = true;  ///< banks_ knows what all columns so far share
};

template <class Answer>
std::int64_t DramController::Train::depart_run(std::int64_t most, const Answer& answer) {
  most = std::min(most, departures());
  if (most == 0) return 0;
  DramBanks& banks = controller_.banks_;
  const bool writes = writes_, logs = controller_.log_ != nullptr;
  const std::int64_t first = due_, stop = due_ + most * distance_;
  std::int64_t due = due_, id = -1, hits = 0;
  queue_.drop_hits([&](const Entry& entry) {
    const std::int64_t bank = entry.request.bank;
    if (due == stop || banks.apart_column(bank, writes) > due ||
        (queue_.any_other(bank) && !(keeps_rows_ && queue_.leads_with_another_hit(entry))))
      return false;
    if (entry.request.id != id) {
      arrive_at(due, id, answer);
      id = entry.request.id;
    }
    hits += entry.counted ? 0 : 1;
    if (logs) note(entry.request, due);
    writes ? banks.write_apart(bank, due) : banks.read_apart(bank, due);
    due += distance_;
    return true;
  });
  arrive_at(due, id, answer);
  controller_.counters_.row_hits += hits;
  return (due_ - first) / distance_;
}

template <class Answer>
void DramController::Train::depart_all(const Answer& answer) {
  DramBanks& banks = controller_.banks_;
  const bool logs = controller_.log_ != nullptr;
  std::int64_t due = due_, id = -1, hits = 0;
  queue_.each_hit([&](const Entry& entry) {
    if (entry.request.id != id) {
      arrive_at(due, id, answer);
      id = entry.request.id;
    }
    hits += entry.counted ? 0 : 1;
    if (logs) note(entry.request, due);
    banks.read_apart(entry.request.bank, due);
    due += distance_;
    return false;
  });
  arrive_at(due, id, answer);
  queue_.clear();
  controller_.counters_.row_hits += hits;
}

/// Columns of one id went up to `due`. They are accounted for before anybody hears of them.
template <class Answer>
void DramController::Train::arrive_at(std::int64_t due, std::int64_t id, const Answer& answer) {
  const std::int64_t number = (due - due_) / distance_;
  if (number == 0) return;
  due_ = due;
  account(number);
  answer(id, number, controller_.data_end(writes_, last_));
}

}  // namespace razorsim
