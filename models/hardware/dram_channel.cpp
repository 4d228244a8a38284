// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_channel.h"

#include <algorithm>

#include "models/hardware/dram_streak.h"

namespace razorsim {

DramChannel::DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel,
                         RowChanges& row_changes)
    : rotation_banks_(map.rotation_banks()),
      rules_(spec),
      turn_length_(spec.controller.burst_turn),
      controller_(spec, channel),
      row_changes_(&row_changes) {}

void DramChannel::begin(DramShare& share, std::int64_t cycle) {
  const auto of_same = [&] {
    return std::find_if(sources_.begin(), sources_.end(), [&](const Source& each) {
      return each.first->initiator == share.initiator;
    });
  };
  auto source = of_same();
  // Behind so many others it need not be seen before `cycle`, nor what happens up to then.
  const bool looks = source == sources_.end() || !has_enough(*source, cycle);
  if (looks) {
    advance(cycle);
    source = of_same();
  }
  share.start = share.end = cycle;
  share.number = numbered_;
  enrol(share);
  if (looks) {
    share.causes = controller_.waits().causes();
  } else {
    controller_.waits().note_at(cycle, share.causes);
  }
  if (share.waiting() == 0) {
    finish(share);
    return;
  }
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

/// Whether some of its transactions have surely not come in by `cycle`.
bool DramChannel::has_enough(const Source& source, std::int64_t cycle) const {
  // One a cycle comes in, and a read only where one has left, unless the write queue has its bytes.
  std::int64_t most = cycle - now_;
  if (written() == 0)
    most = std::min(most, controller_.read_room() + controller_.banks() + 1 + most / rules_.burst);
  for (const DramShare* each = source.first; each != nullptr && most >= 0; each = each->behind)
    most -= each->waiting();
  return most < 0;
}

/// Takes `share` into the ring of those under way, which grows by doubling.
void DramChannel::enrol(DramShare& share) {
  if (numbered_ - first_ == static_cast<std::int64_t>(under_way_.size())) {
    std::vector<DramShare*> wider(under_way_.size() * 2);
    for (std::int64_t i = first_; i < numbered_; ++i)
      wider[static_cast<std::size_t>(i) & (wider.size() - 1)] = of_number(i);
    under_way_ = std::move(wider);
  }
  of_number(numbered_++) = &share;
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
  if (!controller_.completions.empty()) collect();  // answered from the write queue
}

/// The controller has taken the transaction of sources_[index].
void DramChannel::taken(std::size_t index) {
  Source& source = sources_[index];
  DramShare& share = *source.first;
  taken_in_ = now_;
  if (share.is_write) {
    share.end = now_ + 1;
  } else {
    ++share.under_way;
    sources_.size() > 1 ? end_run() : run_on(source.next, 1, share.walk.place_after());
  }
  share.walk.step();
  if (share.waiting() == 0 && !goes_on(index)) return;
  aim(source);
  if (index == 0) turn_on(1);
}

/// A source's first share has all its transactions taken. Whether there is another behind it.
bool DramChannel::goes_on(std::size_t index) {
  Source& source = sources_[index];
  DramShare& share = *source.first;
  source.first = share.behind;
  if (share.is_write) finish(share);
  if (source.first != nullptr) return true;
  sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(index));
  if (index == 0) turn_left_ = turn_length_;
  return false;
}

/// The first source's turn is over by `beyond` transactions of those behind it.
void DramChannel::go_round(std::int64_t beyond) {
  const std::size_t turns = static_cast<std::size_t>(1 + beyond / turn_length_) % sources_.size();
  turn_left_ = turn_length_ - beyond % turn_length_;
  std::rotate(sources_.begin(), sources_.begin() + static_cast<std::ptrdiff_t>(turns),
              sources_.end());
}

void DramChannel::collect() {
  for (const DramCompletion& each : controller_.completions) {
    if (!each.is_write) answer(each.id, 1, each.cycle);
  }
  controller_.completions.clear();
}

void DramChannel::finish(DramShare& share) {
  if (to_done_) {
    any_done_ = true;
    until_ = std::min(until_, share.end);
  }
  controller_.waits().note_now(share.causes);
  const ByCause<std::int64_t>& causes = controller_.waits().causes();
  for (std::size_t i = 0; i < cause_count; ++i)
    share.causes.values[i] = causes.values[i] - share.causes.values[i];
  finished.push_back(&share);
  of_number(share.number) = nullptr;
  while (first_ < numbered_ && of_number(first_) == nullptr) ++first_;
}

void DramChannel::advance(std::int64_t cycle, bool to_done) {
  until_ = cycle;
  to_done_ = to_done;
  any_done_ = false;
  while (now_ < until_ && !any_done_) {
    if (controller_.may_streak()) stream();
    if (now_ >= until_ || any_done_) break;
    if (!sources_.empty()) offer();
    if (controller_.wake() <= now_ + 1) {
      controller_.tick(now_ + 1);
      if (!controller_.completions.empty()) collect();
      ++now_;
      continue;
    }
    now_ = offers_next() ? now_ + 1 : std::min(until_, controller_.wake() - 1);
  }
  if (!sources_.empty()) offer();
  to_done_ = false;
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
  // Those that the write queue answers come in one a cycle.
  const std::int64_t answered = std::min(share.waiting(), written());
  const std::int64_t columns = share.waiting() + share.under_way - answered;
  if (columns == 0) return now_ + share.waiting();
  return now_ + (columns - 1) * rules_.burst + rules_.read_data_end;
}

/// How many transactions are queued to be written, or come to be.
std::int64_t DramChannel::written() const {
  std::int64_t count = controller_.writes();
  for (const Source& source : sources_) {
    for (const DramShare* each = source.first; each != nullptr && each->is_write;
         each = each->behind)
      count += each->waiting();
  }
  return count;
}

std::int64_t DramChannel::any_done_not_before() const {
  std::int64_t least = DramController::never;
  for (std::int64_t i = first_; i < numbered_; ++i) {
    const DramShare* each = under_way_[ring_place(i)];
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
