// SPDX-License-Identifier: Apache-2.0
// The plain part of a streak: columns follow each other at one pace, for at every turn of the bus
// one is ready.
#pragma once

#include <optional>
#include <span>

#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_row_change.h"
#include "models/hardware/dram_streak.h"

namespace razorsim {

/// Its user goes through the cycles in order: accept() at those up to idle_until() at which
/// requests come in, one a cycle at most; then carry_out_row() if row_goes(), or else a column at
/// due(): depart_opener() of opener() if there is one, or else depart() of next(). end() last.
///
/// Where the command bus is one and a row opens by one command, row commands between columns are
/// carried out too, columns leave as the controller would choose them, and where no bank takes one
/// at the bus's pace the next is put off; elsewhere the train ends before each of these, and
/// columns leave in the order their requests came.
class DramController::Train {
 public:
  using Entry = DramQueue::Entry;

  /// Begins after cycle `now`. `one_group`: of one bank group, whose own pace is slower than the
  /// bus's. Precondition: `until` <= controller.streak_until().
  Train(DramController& controller, std::int64_t now, std::int64_t until, bool one_group);

  /// Whether it can go on from where the controller is.
  [[nodiscard]] bool runs() const;
  [[nodiscard]] bool is_write() const { return writes_; }
  [[nodiscard]] std::int64_t queued() const { return queue_.size(); }
  /// Cycle of the next column.
  [[nodiscard]] std::int64_t due() const { return due_; }
  /// Cycles from one column to the next.
  [[nodiscard]] std::int64_t distance() const { return distance_; }
  /// Columns that go from a read's to the end of its data.
  [[nodiscard]] std::int64_t columns_to_answer() const { return columns_to_answer_; }
  /// Up to here nothing but requests coming in can happen.
  [[nodiscard]] std::int64_t idle_until() const {
    return std::min({due_ - 1, until_, controller_.row_.ready - 1});
  }

  /// False, with nothing done, if it is not one for the train.
  bool accept(const DramRequest& request, std::int64_t cycle) {
    if (controller_.writes_.holds(request)) return false;
    if (request.is_write != writes_) return accept_for_other_turn(request, cycle);
    const std::int64_t row = controller_.banks_.row(request.bank);
    if (request.row != row) return accept_other(request, cycle);
    // One that need not keep the pace is one to look at.
    if (one_group_ && controller_.banks_.group_of(request.bank) != group_) return false;
    queue_.add(request, controller_.order_++, cycle, row);
    if (late_) come_sooner(request.bank, cycle + 1);
    return true;
  }

  /// Whether the next command is for a row, at row_cycle(); where no column may go at due(), then.
  [[nodiscard]] bool row_goes() const {
    const std::int64_t ready = controller_.row_.ready;
    return ready <= due_ && ready <= until_ && queue_.size() > floor_ &&
           (ready < due_ || (opener() == nullptr && next() == nullptr));
  }
  [[nodiscard]] std::int64_t row_cycle() const { return controller_.row_.ready; }
  [[nodiscard]] RowChange::Command row_command() const {
    return {row_cycle(), controller_.row_.bank, controller_.row_.step == Step::activate};
  }
  void carry_out_row();
  /// Whether the next column follows the one before at the train's pace.
  [[nodiscard]] bool keeps_pace() const { return keeps_pace_; }
  /// Puts the next column off to when a bank takes one. False: the controller must look.
  bool put_off();

  /// Whether the next command is a column, as far as time goes.
  [[nodiscard]] bool column_goes() const {
    return due_ <= until_ && due_ <= controller_.row_.ready && queue_.size() > floor_;
  }
  /// The request that a row was opened for and whose column goes before those of the queue.
  [[nodiscard]] const Entry* opener() const {
    return due_ <= free_until_ ? nullptr : first_opener();
  }
  void depart_opener(const Entry& opener);
  /// The request whose column goes at due(); nullptr: the controller must look.
  [[nodiscard]] const Entry* next() const;
  void depart(const Entry& entry);
  /// When the data of the last column is over.
  [[nodiscard]] std::int64_t data_end() const {
    return controller_.data_end(writes_, last_column_);
  }
  /// As many depart() as next() names by the order of their coming and without a row command
  /// between, `most` at most. `answer` hears of every run of neighbours of one id: the id, their
  /// number, the last data's end. Returns how many. Precondition: for each that leaves beyond
  /// to_spare(), one comes in.
  template <class Answer>
  std::int64_t depart_run(std::int64_t most, const Answer& answer);
  /// The same for all that are queued. Precondition: is_closed_up().
  template <class Answer>
  void depart_all(const Answer& answer);
  /// Whether it can be accepted at any time until the next row command. Precondition: its queue is
  /// the one in turn.
  [[nodiscard]] bool takes(const DramRequest& request) const {
    if (controller_.writes_.holds(request)) return false;
    return controller_.banks_.row(request.bank) == request.row
               ? !one_group_ || controller_.banks_.group_of(request.bank) == group_
               : queue_.any_other(request.bank);
  }
  /// The next `count` of a walk come in, the first at `cycle` and each at the train's pace.
  /// Precondition: takes() said so of each, and `count` < walk.in_stretch().
  void take_run(DramWalk& walk, std::int64_t count, std::int64_t id, std::int64_t cycle);

  /// What the change to the rows of `next`, which begins a round of banks, depends on besides time;
  /// nothing where it may depend on more. `before`: where the stream stands, `rest` reads of its
  /// round before `next`. Precondition: is_full_of_round() of `before`.
  [[nodiscard]] std::optional<RowChange::Key> row_change(const DramWalk& before,
                                                         const DramWalk& next, std::int64_t rest,
                                                         std::int64_t banks) const;
  /// Completes what was seen of a change up to now, when is_full_of_round() is so again. False:
  /// there was more to it than a change learns.
  [[nodiscard]] bool learn(WatchedRowChange& watched, std::int64_t banks) const;
  /// Whether there is time for it.
  [[nodiscard]] bool has_time_for(const RowChange& change) const {
    return due_ + change.columns * distance_ <= until_;
  }
  /// Carries out what was learnt under the same key, for reads `coming`. `answer` hears of every
  /// run of neighbours of one id, once the last of them and all before have left.
  template <class Answer>
  void change_rows(const RowChange& change, const DramWalk& before, const DramWalk& next,
                   std::span<const DramComing> coming, const Answer& answer) {
    const std::int64_t first = due_;
    follow(change, before, next);
    hear(change.columns, coming, answer,
         [&](std::int64_t last) { return change.left_by[static_cast<std::size_t>(last)]; });
    stand(change, next, coming, first);
  }
  /// Order of the oldest request. Precondition: is_full_of_round().
  [[nodiscard]] std::int64_t first_order() const { return controller_.order_ - queue_.size(); }

  /// How many can leave while none comes in.
  [[nodiscard]] std::int64_t to_spare() const { return queue_.size() - floor_; }
  /// Columns that leave before any other command, as far as time goes.
  [[nodiscard]] std::int64_t departures() const {
    return due_ > free_until_ ? 0 : (free_until_ - due_) / distance_ + 1;
  }
  /// Whether `columns` do.
  [[nodiscard]] bool leaves_alone(std::int64_t columns) const {
    return due_ + (columns - 1) * distance_ <= free_until_;
  }
  /// Whether the oldest hit and at least one column more do.
  [[nodiscard]] bool begins_run() const {
    return leaves_alone(2) && queue_.any_hit() && leaves_alone(queue_.oldest_hit(), due_);
  }
  /// Of the youngest hit.
  [[nodiscard]] std::int64_t last_bank() const { return queue_.youngest_hit().request.bank; }
  /// Whether a column for `next` can follow one for `before` at the train's pace, and no sooner.
  [[nodiscard]] bool follows(std::int64_t before, std::int64_t next) const {
    const std::int64_t group = controller_.banks_.group_of(next);
    if (one_group_) return group == group_;
    return apart_ <= distance_ || controller_.banks_.group_of(before) != group;
  }
  /// Whether a full queue of hits may leave without a gap, and what comes in after it, as far as
  /// it can be told without looking at each.
  [[nodiscard]] bool may_close_up() const;
  /// Whether the queue is full of the reads before `walk`, which are of one round of `banks`, and
  /// they can leave without a gap if those of the round can. Precondition: at least as many of the
  /// round as it holds have come one after the other.
  [[nodiscard]] bool is_full_of_round(const DramWalk& walk, std::int64_t banks) const;
  /// The first `count` of these and of those `coming` leave, and all `coming` come in, as many.
  /// `answer` hears as in depart_run(). Precondition: is_full_of_round(), and `count` is a number
  /// of whole rounds and no more than departures().
  template <class Answer>
  void pass_whole_rounds(const DramWalk& walk, std::int64_t count, std::int64_t banks,
                         std::span<const DramComing> coming, const Answer& answer);
  /// Whether the queue is full of reads that can leave without a gap. Precondition: may_close_up().
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
  /// Whether this hit can leave at `due`, and no row command has to be chosen anew after it.
  [[nodiscard]] bool leaves_alone(const Entry& hit, std::int64_t due) const {
    const std::int64_t bank = hit.request.bank;
    return controller_.banks_.apart_column(bank, writes_) <= due &&
           (!queue_.any_other(bank) || (keeps_rows_ && queue_.leads_with_another_hit(hit)));
  }
  bool accept_other(const DramRequest& request, std::int64_t cycle);
  bool accept_for_other_turn(const DramRequest& request, std::int64_t cycle);
  /// After a column of `bank`: as the controller does.
  void look_at_rows(std::int64_t bank) {
    if (queue_.any_other(bank) || controller_.row_.ready <= last_) choose_row_after(bank);
  }
  void choose_row_after(std::int64_t bank);
  void look_ahead();
  /// Ends before a request that came at `arrival` has starved.
  void end_before_starving(std::int64_t arrival) {
    until_ = std::min(until_, arrival + controller_.spec_.controller.starvation_limit.count() - 1);
  }
  void follow(const RowChange& change, const DramWalk& before, const DramWalk& next);
  void stand(const RowChange& change, const DramWalk& next, std::span<const DramComing> coming,
             std::int64_t start);
  template <class Answer, class ColumnOf>
  void hear(std::int64_t count, std::span<const DramComing> coming, const Answer& answer,
            const ColumnOf& column_of);
  void share_columns();
  void come_sooner(std::int64_t bank, std::int64_t from);
  void account_first(std::int64_t cycle);
  /// The last `number` columns, the last of them a distance before due_.
  void account(std::int64_t number) {
    if (number == 0) return;
    shared_ = late_ = false;
    last_ = last_column_ = due_ - distance_;
    if (!keeps_pace_) account_first(due_ - number-- * distance_);
    controller_.waits_.more_columns(number, distance_, last_);
    columns_ += number;
  }
  /// `number` columns of one id went. They are accounted for before anybody hears of them.
  template <class Answer>
  void arrive(std::int64_t number, std::int64_t id, const Answer& answer) {
    if (number == 0) return;
    due_ += number * distance_;
    account(number);
    answer(id, number, data_end());
  }
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
  std::int64_t group_, apart_, distance_, columns_to_answer_;
  std::int64_t until_;       ///< last cycle in which it may do anything
  std::int64_t free_until_;  ///< last cycle before one for a row or an opener
  std::int64_t floor_;
  std::int64_t due_, last_ = -1;  ///< the last command's cycle
  std::int64_t last_column_ = -1, columns_ = 0;
  bool late_;                    ///< the next column waits for a bank: another's may go before
  bool keeps_pace_ = false;      ///< the next column follows the last one at the pace
  std::int64_t came_late_ = -1;  ///< last cycle from which a column might go before that
  bool shared_ = true;           ///< banks_ knows what all columns so far share
};

template <class Answer>
std::int64_t DramController::Train::depart_run(std::int64_t most, const Answer& answer) {
  DramBanks& banks = controller_.banks_;
  const bool writes = writes_, logs = controller_.log_ != nullptr;
  std::int64_t due = due_, id = -1, left = 0, heard = 0, hits = 0;
  queue_.drop_hits([&](const Entry& entry) {
    if (left == most || due > free_until_ || !leaves_alone(entry, due)) return false;
    if (entry.request.id != id) {
      arrive(left - heard, id, answer);
      heard = left;
      id = entry.request.id;
    }
    ++left;
    hits += entry.counted ? 0 : 1;
    if (logs) note(entry.request, due);
    writes ? banks.write_apart(entry.request.bank, due) : banks.read_apart(entry.request.bank, due);
    due += distance_;
    return true;
  });
  arrive(left - heard, id, answer);
  controller_.counters_.row_hits += hits;
  return left;
}

template <class Answer>
void DramController::Train::depart_all(const Answer& answer) {
  DramBanks& banks = controller_.banks_;
  const bool logs = controller_.log_ != nullptr;
  std::int64_t due = due_, id = -1, number = 0, hits = 0;
  queue_.each_hit([&](const Entry& entry) {
    if (entry.request.id != id) {
      arrive(number, id, answer);
      number = 0;
      id = entry.request.id;
    }
    ++number;
    hits += entry.counted ? 0 : 1;
    if (logs) note(entry.request, due);
    banks.read_apart(entry.request.bank, due);
    due += distance_;
    return false;
  });
  arrive(number, id, answer);
  queue_.clear();
  controller_.counters_.row_hits += hits;
}

}  // namespace razorsim
