// SPDX-License-Identifier: Apache-2.0
// A channel's way through a streak: columns at one pace, many at once where nothing else happens.
#include <algorithm>

#include "models/hardware/dram_channel.h"
#include "models/hardware/dram_train.h"

namespace razorsim {

namespace {

// Where there was no way to pass through, looking again at every column would cost more than one
// saves.
constexpr std::int64_t columns_between_looks = 16;

}  // namespace

/// advance() through a streak of the controller.
void DramChannel::stream() {
  std::int64_t until = std::min(until_, controller_.streak_until());
  if (until <= now_) return;
  while (!any_done_) {
    const std::int64_t before = now_;
    stream_at_pace(until);
    if (now_ > before) {
      until = std::min(until_, controller_.streak_until());
      continue;
    }
    if (!stream_offer() || any_done_ || !controller_.streak_goes_on(until)) break;
    const std::int64_t column = controller_.streak_wake();
    if (column > now_ + 1 && offers_next()) {
      ++now_;
      continue;
    }
    now_ = column;
    const DramCompletion done = controller_.streak_tick(now_);
    if (!done.is_write) answer(done.id, 1, done.cycle);
  }
  controller_.end_streak(now_);
}

/// How many columns may go in one step: the last of them no later than the end of the first share
/// that can be done by then, where advance() is over.
std::int64_t DramChannel::columns_at_once(const DramController::Train& train) const {
  if (!to_done_) return DramController::never;
  std::int64_t least = DramController::never;
  for (std::int64_t i = first_; i < numbered_; ++i) {
    const DramShare* each = under_way_[ring_place(i)];
    if (each != nullptr) least = std::min(least, each->waiting() + each->under_way);
  }
  return least + train.columns_to_answer();
}

/// Whether the transactions of a walk's round of banks come one after the other at the bus's own
/// pace, with their rows open.
bool DramChannel::is_round_open(const DramController::Train& train, const DramWalk& walk) const {
  for (std::int64_t i = 0; i < rotation_banks_; ++i) {
    const std::int64_t bank = walk.bank_ahead(i);
    if (!train.is_clear(bank, walk.place().row) || !train.follows(bank, walk.bank_ahead(i + 1)))
      return false;
  }
  return true;
}

/// How many of a share's next transactions do. The last of its stretch is left, for what comes
/// after it is not looked at.
std::int64_t DramChannel::in_open_rows(const DramController::Train& train,
                                       const DramShare& share) const {
  const std::int64_t count = share.walk.in_stretch() - 1;
  return share.is_write || count < rotation_banks_ || !is_round_open(train, share.walk) ? 0 : count;
}

/// Who enters how many, if each column of the train lets one in, `most` at most. Returns their
/// number.
std::int64_t DramChannel::plan_turns(const DramController::Train& train, std::int64_t most) {
  open_.clear();
  for (const Source& each : sources_) open_.push_back(in_open_rows(train, *each.first));
  turns_.clear();
  const bool alone = sources_.size() == 1;
  most = std::min(most, train.departures());
  std::int64_t planned = 0, before = train.last_bank();
  std::int64_t left = alone ? most : turn_left_;
  for (std::size_t source = 0; planned < most; source = (source + 1) % sources_.size()) {
    const std::int64_t count = std::min({left, open_[source], most - planned});
    if (count == 0) break;
    DramWalk walk = sources_[source].first->walk;
    walk.skip(walk.in_stretch() - 1 - open_[source]);
    if (!train.follows(before, walk.place().bank)) break;
    walk.skip(count - 1);
    before = walk.place().bank;
    turns_.push_back({source, count});
    open_[source] -= count;
    planned += count;
    if (count < left) break;
    left = turn_length_;
  }
  return planned;
}

/// Many columns at once, where the queue is full and each lets in a request that will leave in its
/// turn. Only those that are in the queue at the end are written down, `most` columns at most.
/// False: nothing was done.
bool DramChannel::pass_through(DramController::Train& train, std::int64_t most) {
  if (!train.leaves_alone(few_columns) || !train.may_close_up()) return false;
  if (sources_.size() == 1) {
    if (pass_rounds(train, most)) return true;
    if (watched_ || in_open_rows(train, *sources_.front().first) < train.queued()) return false;
  }
  const auto staying = train.queued();
  if (most < staying || sources_.empty() || !train.is_closed_up()) return false;
  const std::int64_t count = plan_turns(train, most);
  if (count < staying) return false;
  std::int64_t at = train.due(), passing = count - staying;
  train.depart_all(
      [&](std::int64_t id, std::int64_t number, std::int64_t end) { answer(id, number, end); });
  for (const Turn& turn : turns_) {
    Source& source = sources_[turn.source];
    DramShare& share = *source.first;
    const std::int64_t unseen = std::min(passing, turn.count);
    train.depart_unseen(share.walk, unseen, rotation_banks_);
    passing -= unseen;
    at += unseen * train.distance();
    const std::int64_t seen = turn.count - unseen;
    train.take_run(share.walk, seen, share.number, at);
    share.under_way += seen;
    at += seen * train.distance();
    run_on(source.next, turn.count, share.walk.place());
    aim(source);
  }
  now_ = taken_in_ = at - train.distance();
  turn_on(count);
  return true;
}

/// How many of a source's next transactions, `most` at most, the train takes whenever there is
/// room; the last of its stretch is left, as in in_open_rows().
std::int64_t DramChannel::takes(const DramController::Train& train, const Source& source,
                                std::int64_t most) const {
  // A read of what is written here would be answered at once.
  const auto reads_row = [&](const Source& each) {
    return !each.next.is_write && each.next.row == source.next.row;
  };
  if (source.next.is_write && std::any_of(sources_.begin(), sources_.end(), reads_row)) return 0;
  DramWalk walk = source.first->walk;
  DramRequest request = source.next;
  most = std::min(most, walk.in_stretch() - 1);
  std::int64_t count = 0;
  for (; count < most && train.takes(request); ++count) {
    walk.pass(1, [](const DramAddress&) {});
    request.bank = walk.place().bank;
    request.column = walk.place().column;
  }
  return count;
}

/// Hits leave, `most` at most. Returns their number.
std::int64_t DramChannel::leave(DramController::Train& train, std::int64_t most) {
  return train.depart_run(most, [&](std::int64_t id, std::int64_t count, std::int64_t end) {
    if (!train.is_write()) answer(id, count, end);
  });
}

/// `count` transactions of sources_[index] come in, the first at `cycle`.
void DramChannel::come(DramController::Train& train, std::size_t index, std::int64_t count,
                       std::int64_t cycle) {
  Source& source = sources_[index];
  DramShare& share = *source.first;
  train.take_run(share.walk, count, share.number, cycle);
  taken_in_ = cycle + (count - 1) * train.distance();
  if (share.is_write) {
    share.end = taken_in_ + 1;
  } else {
    share.under_way += count;
    run_on(source.next, count, share.walk.place());
  }
  aim(source);
  if (index == 0) turn_on(count);
}

/// Hits leave, and for each a request comes in or none does, `most` at most. Returns their number.
std::int64_t DramChannel::flow(DramController::Train& train, std::int64_t most) {
  // The queue is full if any source has requests for it: the first of them finds each one's room.
  const auto comes = std::find_if(sources_.begin(), sources_.end(), [&](const Source& each) {
    return each.next.is_write == train.is_write();
  });
  if (comes == sources_.end()) {
    const std::int64_t left = leave(train, std::min(most, train.to_spare()));
    if (left > 0) now_ = train.due() - train.distance();
    return left;
  }
  const auto index = static_cast<std::size_t>(comes - sources_.begin());
  if (index == 0 && sources_.size() > 1) most = std::min(most, turn_left_);
  if (most >= 2) most = takes(train, *comes, most);
  if (most < 2) return 0;
  const std::int64_t first = train.due(), left = leave(train, most);
  if (left == 0) return 0;
  come(train, index, left, first);
  now_ = taken_in_;
  return left;
}

/// Many columns in one step, or some. False: nothing was done. Precondition: no source has its
/// transaction taken before one leaves.
bool DramChannel::go_at_once(DramController::Train& train, std::int64_t& look_in) {
  const std::int64_t most = columns_at_once(train);
  if (look_in <= 0) {
    if (pass_through(train, most)) return true;
    look_in = columns_between_looks;
    if (!sources_.empty()) look_in = std::min(look_in, sources_.front().first->walk.in_stretch());
    if (watched_) return false;
  }
  const std::int64_t columns = flow(train, std::min(look_in, most));
  look_in -= columns;
  return columns > 0;
}

/// stream() as far as a train goes.
void DramChannel::stream_at_pace(std::int64_t until) {
  // Neighbours lie in one bank where they do not go round several.
  DramController::Train train(controller_, now_, until, rotation_banks_ == 1);
  if (!train.runs()) return;
  watched_.reset();
  for (std::int64_t look_in = 0;;) {
    if (any_done_) return train.end();
    std::size_t index = taker();
    for (std::int64_t at = std::max(now_, taken_in_ + 1);
         index != nobody && at <= train.idle_until(); ++at) {
      now_ = at;
      if (!train.accept(sources_[index].next, at)) return train.end();
      taken(index);
      if (any_done_) return train.end();
      if (watched_) watched_->comes(at);
      index = taker();
    }
    if (watched_) learn_row_change(train);
    if (train.row_goes()) {
      now_ = train.row_cycle();
      if (watched_) watched_->command(train.row_command());
      train.carry_out_row();
      if (!train.keeps_pace()) watched_.reset();
      continue;
    }
    if (!train.column_goes()) return train.end();
    // One column by itself costs less.
    if (index == nobody && train.begins_run() && !watched_ && go_at_once(train, look_in)) continue;
    const DramQueue::Entry* opener = train.opener();
    const DramQueue::Entry* next = opener != nullptr ? opener : train.next();
    if (next == nullptr) {
      if (!train.put_off()) return train.end();
      watched_.reset();
      continue;
    }
    --look_in;
    now_ = train.due();
    if (watched_) watched_->leaves(*next);
    const std::int64_t id = next->request.id;
    opener != nullptr ? train.depart_opener(*opener) : train.depart(*next);
    if (!train.is_write()) answer(id, 1, train.data_end());
  }
}

/// offer() within a streak. False: one was left for offer() itself.
bool DramChannel::stream_offer() {
  if (taken_in_ >= now_) return true;
  const std::size_t index = taker();
  if (index == nobody) return true;
  if (!controller_.streak_accept(sources_[index].next, now_)) return false;
  taken(index);
  return true;
}

}  // namespace razorsim
