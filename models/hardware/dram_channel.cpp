// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_channel.h"

#include <algorithm>

#include "models/hardware/dram_streak.h"

namespace razorsim {

namespace {

// Where there was no run, looking again at every column would cost more than one saves.
constexpr std::int64_t columns_between_looks = 4;

}  // namespace

DramChannel::DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel)
    : rotation_banks_(static_cast<std::size_t>(map.rotation_banks())),
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
  source.next = {share.number, place.bank, place.row, place.column, share.is_write};
}

/// Lets the queues take one transaction in this cycle.
void DramChannel::offer() {
  if (taken_in_ >= now_) return;
  if (controller_.in_streak()) {
    if (stream_offer()) return;
    controller_.end_streak(now_);
  }
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

/// The last of `count` column commands of reads has gone out.
void DramChannel::answer(std::int64_t id, std::int64_t count, std::int64_t end) {
  DramShare& share = *under_way_[static_cast<std::size_t>(id - first_)];
  share.under_way -= count;
  share.end = std::max(share.end, end);
  if (share.done()) finish(share);
}

void DramChannel::collect() {
  for (const DramCompletion& each : controller_.completions) {
    if (!each.is_write) answer(each.id, 1, each.cycle);
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

/// advance() through a streak of the controller, to its end or to `cycle`, where it may go on.
void DramChannel::stream(std::int64_t cycle) {
  while (now_ < cycle) {
    if (taken_in_ < now_ && !stream_offer()) break;
    if (!controller_.in_streak()) break;
    if (until_run_ <= 0) {
      if (!run(cycle)) until_run_ = columns_between_looks;
      if (!controller_.in_streak()) break;
      if (now_ >= cycle) return;
    }
    const std::int64_t column = std::max(now_ + 1, controller_.streak_wake());
    now_ = column > now_ + 1 && offers_next() ? now_ + 1 : std::min(cycle, column);
    if (now_ < column) continue;
    const DramCompletion done = controller_.streak_tick(now_);
    if (!done.is_write) answer(done.id, 1, done.cycle);
    --until_run_;
    if (!controller_.in_streak()) break;
  }
  if (now_ < cycle || !controller_.in_streak()) controller_.end_streak(now_);
}

/// Many columns at once, where the bursts' transactions go round the banks. False: none.
bool DramChannel::run(std::int64_t cycle) {
  arrivals_.clear();
  std::int64_t most = 0;
  if (!sources_.empty()) {
    const DramShare& share = *sources_.front().first;
    most = share.walk.in_stretch() - 1;
    if (sources_.size() > 1 || share.is_write || controller_.has_room(false) ||
        most < static_cast<std::int64_t>(rotation_banks_))
      return false;
    DramWalk walk = share.walk;
    for (std::size_t i = 0; i < rotation_banks_; ++i, walk.step()) {
      const DramAddress& place = walk.place();
      arrivals_.push_back({share.number, place.bank, place.row, place.column, false});
    }
  }
  const DramController::Run run = controller_.streak_run(arrivals_, most, cycle);
  if (run.count == 0) return false;
  now_ = run.last;
  if (!sources_.empty()) {
    Source& source = sources_.front();
    taken_in_ = now_;
    source.first->walk.skip(run.count);
    source.first->under_way += run.count;
    aim(source);
    turn_left_ = turn_length_ - (turn_length_ - turn_left_ + run.count) % turn_length_;
  }
  answer(run.id, run.count, run.last + rules_.read_data_end);
  return true;
}

/// offer() within a streak. False: one was left for offer() itself, which ends the streak.
bool DramChannel::stream_offer() {
  const std::size_t index = taker();
  if (index == nobody) return true;
  if (!controller_.streak_accept(sources_[index].next, now_)) return false;
  taken(index);
  return true;
}

void DramChannel::advance(std::int64_t cycle) {
  while (now_ < cycle) {
    if (controller_.in_streak() || controller_.begin_streak()) {
      stream(cycle);
      if (now_ >= cycle) break;
    }
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
