// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_channel.h"

#include <algorithm>

#include "models/hardware/dram_train.h"

namespace razorsim {

namespace {

// Where there was no way to pass through, looking again at every column would cost more than one
// saves.
constexpr std::int64_t columns_between_looks = 16;

}  // namespace

DramChannel::DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel)
    : rotation_banks_(map.rotation_banks()),
      rules_(spec),
      turn_length_(spec.controller.burst_turn),
      controller_(spec, channel) {}

void DramChannel::begin(DramShare& share, std::int64_t cycle) {
  advance(cycle);
  share.start = share.end = cycle;
  share.number = first_ + static_cast<std::int64_t>(under_way_.size());
  under_way_.push_back(&share);
  share.causes = controller_.waits().causes();
  if (share.waiting() == 0) {
    finish(share);
    return;
  }
  const auto source = std::find_if(sources_.begin(), sources_.end(), [&](const Source& each) {
    return each.first->initiator == share.initiator;
  });
  if (source != sources_.end()) {
    source->last->behind = &share;
    source->last = &share;
    return;
  }
  if (sources_.empty()) turn_left_ = turn_length_;
  sources_.push_back({&share, &share, {}});
  aim(sources_.back());
  offer();
}

/// Its next request: where the walk of its first share stands.
void DramChannel::aim(Source& source) {
  const DramShare& share = *source.first;
  const DramAddress& place = share.walk.place();
  source.next.id = share.number;
  source.next.bank = place.bank;
  source.next.row = place.row;
  source.next.column = place.column;
  source.next.is_write = share.is_write;
}

/// Lets the queues take one transaction in this cycle.
void DramChannel::offer() {
  if (taken_in_ >= now_) return;
  const std::size_t index = taker();
  if (index == nobody) return;
  controller_.accept(sources_[index].next, now_);
  taken(index);
}

/// The controller has taken the transaction of sources_[index].
void DramChannel::taken(std::size_t index) {
  Source& source = sources_[index];
  DramShare& share = *source.first;
  taken_in_ = now_;
  share.walk.step();
  if (share.is_write) {
    share.end = now_ + 1;
  } else {
    ++share.under_way;
  }
  if (!controller_.completions.empty()) collect();  // answered from the write queue
  if (index == 0) --turn_left_;
  if (share.waiting() == 0) {
    source.first = share.behind;
    if (share.is_write) finish(share);
    if (source.first == nullptr) {
      sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(index));
      if (index == 0) turn_left_ = turn_length_;
      return;
    }
  }
  aim(source);
  if (turn_left_ > 0) return;
  turn_left_ = turn_length_;
  if (sources_.size() > 1) std::rotate(sources_.begin(), sources_.begin() + 1, sources_.end());
}

/// The column command of a read has gone out.
void DramChannel::answer(std::int64_t id, std::int64_t end) {
  DramShare& share = *under_way_[static_cast<std::size_t>(id - first_)];
  --share.under_way;
  share.end = std::max(share.end, end);
  if (share.done()) finish(share);
}

void DramChannel::collect() {
  for (const DramCompletion& each : controller_.completions) {
    if (!each.is_write) answer(each.id, each.cycle);
  }
  controller_.completions.clear();
}

void DramChannel::finish(DramShare& share) {
  const ByCause<std::int64_t>& causes = controller_.waits().causes();
  for (std::size_t i = 0; i < cause_count; ++i)
    share.causes.values[i] = causes.values[i] - share.causes.values[i];
  finished.push_back(&share);
  under_way_[static_cast<std::size_t>(share.number - first_)] = nullptr;
  for (; !under_way_.empty() && under_way_.front() == nullptr; ++first_) under_way_.pop_front();
}

/// advance() through a streak of the controller.
void DramChannel::stream(std::int64_t cycle) {
  const std::int64_t until = std::min(cycle, controller_.streak_until());
  if (!controller_.streak_goes_on(until)) return;
  while ((taken_in_ >= now_ || stream_offer()) && controller_.streak_goes_on(until)) {
    const std::int64_t before = now_;
    stream_in_order(until);
    if (now_ > before) continue;
    const std::int64_t column = controller_.streak_wake();
    if (column > now_ + 1 && offers_next()) {
      ++now_;
      continue;
    }
    now_ = column;
    const DramCompletion done = controller_.streak_tick(now_);
    if (!done.is_write) answer(done.id, done.cycle);
  }
  controller_.end_streak(now_);
}

/// How many of a share's next transactions come one after the other at the bus's own pace, with
/// their rows open. The last of its stretch is left, for what comes after it is not looked at.
std::int64_t DramChannel::in_open_rows(const DramController::Train& train,
                                       const DramShare& share) const {
  const std::int64_t count = share.walk.in_stretch() - 1;
  if (share.is_write || count < rotation_banks_) return 0;
  DramWalk walk = share.walk;
  std::int64_t before = -1;
  for (std::int64_t i = 0; i < rotation_banks_; ++i, walk.step()) {
    const DramAddress& place = walk.place();
    if (!train.is_clear(place) || (before >= 0 && !train.follows(before, place.bank))) return 0;
    before = place.bank;
  }
  return train.follows(before, share.walk.place().bank) ? count : 0;
}

/// Who enters how many, if each column of the train lets one in. Returns their number.
std::int64_t DramChannel::plan_turns(const DramController::Train& train) {
  open_.clear();
  for (const Source& each : sources_) open_.push_back(in_open_rows(train, *each.first));
  turns_.clear();
  const bool alone = sources_.size() == 1;
  const std::int64_t most = train.departures();
  std::int64_t planned = 0, before = train.line().back().request.bank;
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
/// turn. Only those that are in the queue at the end are written down. False: nothing was done.
bool DramChannel::pass_through(DramController::Train& train) {
  // Where one is taken though the queue is full, for the write queue has it, it passes by the rest.
  if (sources_.empty() || !train.is_closed_up() || taker() != nobody) return false;
  const auto staying = static_cast<std::int64_t>(train.line().size());
  const std::int64_t count = plan_turns(train);
  if (count < staying) return false;
  std::int64_t at = train.due(), passing = count - staying;
  for (std::int64_t i = 0; i < staying; ++i) {
    const DramCompletion each = train.depart();
    answer(each.id, each.cycle);
  }
  for (const Turn& turn : turns_) {
    Source& source = sources_[turn.source];
    DramShare& share = *source.first;
    const std::int64_t unseen = std::min(passing, turn.count);
    train.depart_unseen(share.walk, unseen, rotation_banks_);
    passing -= unseen;
    at += unseen * train.distance();
    for (std::int64_t i = unseen; i < turn.count; ++i, at += train.distance()) {
      aim(source);
      train.accept(source.next, at);
      share.walk.step();
      ++share.under_way;
    }
    aim(source);
  }
  now_ = taken_in_ = at - train.distance();
  if (count < turn_left_) {
    turn_left_ -= count;
    return true;
  }
  const std::int64_t beyond = count - turn_left_;
  const std::size_t turns = static_cast<std::size_t>(1 + beyond / turn_length_) % sources_.size();
  turn_left_ = turn_length_ - beyond % turn_length_;
  std::rotate(sources_.begin(), sources_.begin() + static_cast<std::ptrdiff_t>(turns),
              sources_.end());
  return true;
}

/// stream() as far as all leave in the order they came.
void DramChannel::stream_in_order(std::int64_t until) {
  // Neighbours lie in one bank where they do not go round several.
  DramController::Train train(controller_, until, rotation_banks_ == 1);
  if (!train.runs(now_)) return;
  for (std::int64_t columns = 0;; ++columns) {
    if (columns % columns_between_looks == 0 && pass_through(train)) continue;
    const std::int64_t last = std::min(train.due() - 1, train.until());
    for (std::int64_t at = std::max(now_, taken_in_ + 1); at <= last; ++at) {
      const std::size_t index = taker();
      if (index == nobody) break;
      now_ = at;
      if (index != 0 || !train.accept(sources_.front().next, at)) return train.end();
      taken(0);
    }
    if (!train.departs()) return train.end();
    now_ = train.due();
    const DramCompletion done = train.depart();
    if (!train.is_write()) answer(done.id, done.cycle);
  }
}

/// offer() within a streak. False: one was left for offer() itself.
bool DramChannel::stream_offer() {
  const std::size_t index = taker();
  if (index == nobody) return true;
  if (!controller_.streak_accept(sources_[index].next, now_)) return false;
  taken(index);
  return true;
}

void DramChannel::advance(std::int64_t cycle) {
  while (now_ < cycle) {
    stream(cycle);
    if (now_ >= cycle) break;
    if (!sources_.empty()) offer();
    if (controller_.wake() <= now_ + 1) {
      controller_.tick(now_ + 1);
      if (!controller_.completions.empty()) collect();
      ++now_;
      continue;
    }
    now_ = offers_next() ? now_ + 1 : std::min(cycle, controller_.wake() - 1);
  }
  if (!sources_.empty()) offer();
}

std::int64_t DramChannel::next_taken(const DramShare& share) const {
  return controller_.has_room(share.is_write) ? now_ + 1 : std::max(now_ + 1, controller_.wake());
}

std::int64_t DramChannel::done_not_before(const DramShare& share) const {
  if (share.done()) return share.end;
  if (share.is_write) {
    // Beyond the room there is, a transaction's taking needs another's column command, except that
    // each bank may hold one that has left the queue before it.
    const std::int64_t over = share.waiting() - controller_.write_room() - controller_.banks();
    return now_ + std::max(share.waiting(), over * rules_.burst);
  }
  return now_ + (share.waiting() + share.under_way - 1) * rules_.burst + rules_.read_data_end;
}

std::int64_t DramChannel::any_done_not_before() const {
  std::int64_t least = DramController::never;
  for (const DramShare* each : under_way_) {
    if (each != nullptr) least = std::min(least, done_not_before(*each));
  }
  return least;
}

std::int64_t DramChannel::idle_not_before() const {
  if (idle()) return now_;
  return now_ + std::max<std::int64_t>(1, controller_.waiting() * rules_.burst);
}

void DramChannel::reset() {
  promise(idle(), "a DRAM channel is reset with bursts under way");
  controller_.reset();
  now_ = 0;
  taken_in_ = -1;
}

}  // namespace razorsim
