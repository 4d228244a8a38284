// SPDX-License-Identifier: Apache-2.0
// Where one initiator reads on and on, round after round of the same banks: many columns in one
// step, across the ends of bursts and, where the like was seen before, across changes of rows.
#include <algorithm>

#include "models/hardware/dram_channel.h"
#include "models/hardware/dram_train_rounds.h"

namespace razorsim {

/// Adds to coming_ what `share` and those behind it have left in one round of banks, from `walk`
/// on. Returns the number.
std::int64_t DramChannel::look_along_round(DramShare* share, DramWalk walk) {
  std::int64_t count = 0;
  for (;;) {
    coming_.push_back({share, walk.in_stretch()});
    count += walk.in_stretch();
    if (walk.in_stretch() < walk.left()) return count;
    share = share->behind;
    if (share == nullptr || share->is_write || share->walk.place() != place_after_round(walk))
      return count;
    walk = share->walk;
  }
}

DramAddress DramChannel::place_after_round(DramWalk walk) {
  walk.skip(walk.in_stretch() - 1);
  return walk.place_after();
}

/// Leaves the first `count` of coming_ there, and lets them enter.
void DramChannel::enter_coming(std::int64_t count) {
  std::size_t used = 0;
  for (; count > 0; ++used) {
    DramComing& each = coming_[used];
    each.count = std::min(each.count, count);
    each.share->under_way += each.count;
    count -= each.count;
    DramWalk& walk = each.share->walk;
    if (each.count == walk.left()) {
      walk.finish();
    } else {
      walk.skip(each.count - 1);
      walk.step();
    }
  }
  coming_.resize(used);
}

/// Goes on behind coming_, with `run` reads of the round now behind it. Precondition: the round
/// goes on.
void DramChannel::go_on_behind(Source& source, std::int64_t run) {
  source.first = coming_.back().share;
  if (source.first->waiting() == 0) source.first = source.first->behind;
  run_ = run;
  after_run_ = source.first->walk.place();
  aim(source);
}

/// pass_through() where one initiator goes round the same banks all the while. The last of its
/// stretch is left, as in in_open_rows().
bool DramChannel::pass_rounds(DramController::Train& train, std::int64_t most) {
  Source& source = sources_.front();
  const DramWalk walk = source.first->walk;
  if (source.first->is_write || run_before(source.next) < train.queued() ||
      !train.is_full_of_round(walk, rotation_banks_))
    return false;
  coming_.clear();
  const std::int64_t ahead = look_along_round(source.first, walk);
  std::int64_t count = std::min({train.departures(), ahead - 1, most});
  count -= count % rotation_banks_;
  if (count < few_columns || !is_round_open(train, walk))
    return ahead < few_columns + rotation_banks_ && change_rows(train, ahead, most);
  now_ = taken_in_ = train.due() + (count - 1) * train.distance();
  enter_coming(count);
  train.pass_whole_rounds(
      walk, count, rotation_banks_, coming_,
      [&](std::int64_t id, std::int64_t number, std::int64_t end) { answer(id, number, end); });
  go_on_behind(source, run_ + count);
  turn_on(count);
  return true;
}

/// pass_rounds() where those of coming_, `rest` in number, are the last of their round and the next
/// one has its rows to open: as when the like was seen before, or else it is watched from here on.
bool DramChannel::change_rows(DramController::Train& train, std::int64_t rest, std::int64_t most) {
  Source& source = sources_.front();
  const DramWalk before = source.first->walk;
  DramShare* share = coming_.back().share;
  DramWalk next = share->walk;
  if (next.in_stretch() < next.left()) {
    next.skip(next.in_stretch() - 1);
    next.step();
  } else {
    share = share->behind;
    if (share == nullptr || share->is_write) return false;
    next = share->walk;
  }
  const auto key = train.row_change(before, next, rest, rotation_banks_);
  if (!key) return false;
  const auto known = row_changes_->find(*key);
  if (known == row_changes_->end()) {
    watched_.emplace(*key, train.due(), train.first_order(), share->number, before, next);
    return false;
  }
  const RowChange& change = known->second;
  const std::int64_t beyond = change.columns - rest;
  if (change.columns > most || !train.has_time_for(change) ||
      look_along_round(share, next) <= beyond)
    return false;
  now_ = train.due() + change.now;
  taken_in_ = train.due() + change.arrivals.back();
  enter_coming(change.columns);
  train.change_rows(
      change, before, next, coming_,
      [&](std::int64_t id, std::int64_t number, std::int64_t end) { answer(id, number, end); });
  go_on_behind(source, beyond);
  turn_on(change.columns);
  return true;
}

/// Keeps the change of rows that is watched once it is over.
void DramChannel::learn_row_change(const DramController::Train& train) {
  WatchedRowChange& watched = *watched_;
  RowChange& change = watched.change;
  if (sources_.size() != 1) return watched_.reset();
  const Source& source = sources_.front();
  if (static_cast<std::int64_t>(change.arrivals.size()) < change.key.rest + train.queued()) return;
  if (source.first->number != watched.share) return watched_.reset();
  if (run_before(source.next) < train.queued() ||
      !train.is_full_of_round(source.first->walk, rotation_banks_))
    return;
  if (train.learn(watched, rotation_banks_)) {
    change.now = now_ - watched.start;
    row_changes_->emplace(change.key, std::move(change));
  }
  watched_.reset();
}

}  // namespace razorsim
