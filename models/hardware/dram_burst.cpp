// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_burst.h"

#include <algorithm>

namespace razorsim {

DramWalk::DramWalk(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
                   std::int64_t channel)
    : map_(&map),
      burst_(burst),
      channel_(channel),
      channels_(map.channels()),
      interleave_(map.interleave()),
      transaction_(static_cast<std::uint64_t>(spec.organisation.transaction().count())) {
  enter_line();
}

void DramWalk::enter_line() {
  for (; line_ < burst_.lines; ++line_) {
    const std::uint64_t start = burst_.address + static_cast<std::uint64_t>(line_ * burst_.pitch);
    at_ = start / transaction_ * transaction_;
    line_end_ = round_up(start + static_cast<std::uint64_t>(burst_.line), transaction_);
    find_block();
    if (at_ < line_end_) return;
  }
}

/// Moves on to the line's next bytes in this channel, or to its end.
void DramWalk::find_block() {
  if (channels_ == 1) {
    block_end_ = line_end_;
    return;
  }
  while (at_ < line_end_ && map_->channel_of(at_) != channel_) {
    const std::uint64_t block = at_ / interleave_;
    const std::uint64_t ahead =
        map_->hashes_channel()
            ? 1
            : (static_cast<std::uint64_t>(channel_) + channels_ - block % channels_) % channels_;
    at_ = (block + ahead) * interleave_;
  }
  block_end_ = std::min((at_ / interleave_ + 1) * interleave_, line_end_);
}

void DramWalk::step() {
  at_ += transaction_;
  if (at_ < block_end_) return;
  if (at_ < line_end_) find_block();
  if (at_ < line_end_) return;
  ++line_;
  enter_line();
}

std::int64_t DramWalk::left() const {
  std::uint64_t count = 0;
  for (DramWalk rest = *this; !rest.done();) {
    const std::uint64_t in_block = (rest.block_end_ - rest.at_) / transaction_;
    count += in_block;
    rest.at_ = rest.block_end_ - transaction_;
    rest.step();
  }
  return static_cast<std::int64_t>(count);
}

DramChannel::DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel)
    : map_(&map),
      rules_(spec),
      turn_length_(spec.controller.burst_turn),
      transaction_(static_cast<std::uint64_t>(spec.organisation.transaction().count())),
      controller_(spec, channel) {}

void DramChannel::begin(DramShare& share, std::int64_t cycle) {
  advance(cycle);
  share.start = share.taken_at = share.end = cycle;
  share.serial = ++shares_begun_;
  share.data_end_before = controller_.waits().data_end();
  share.causes_before = controller_.waits().causes();
  if (share.waiting == 0) return;
  if (shares_.empty()) turn_left_ = turn_length_;
  shares_.push_back(&share);
  offer();
}

DramRequest DramChannel::request_of(const DramShare& share) const {
  const std::uint64_t address = share.walk.address();
  const DramAddress place = map_->decode(address);
  // Reads find their share by its address. Writes outlive theirs in the queue, where a later share
  // at the same address would be taken for it, so they carry its number.
  const std::int64_t id = share.is_write
                              ? -share.serial
                              : static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(&share));
  return {id, place.bank, place.row, place.column, share.is_write};
}

/// Lets the queues take one transaction in this cycle. Returns whether they did.
bool DramChannel::offer() {
  if (taken_in_ >= now_) return false;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    const DramShare& share = *shares_[i];
    if (!controller_.may_accept(share.is_write)) continue;
    if (i > 0) {
      const DramRequest request = request_of(share);
      if (!controller_.can_accept(request)) continue;
      take(i, request);
      return true;
    }
    if (!front_) {
      front_ = request_of(share);
      front_address_ = share.walk.address();
    }
    if (!controller_.can_accept(*front_)) continue;
    take(0, *front_);
    return true;
  }
  return false;
}

void DramChannel::take(std::size_t index, const DramRequest& request) {
  DramShare& share = *shares_[index];
  controller_.accept(request, now_);
  taken_in_ = now_;
  share.walk.step();
  --share.waiting;
  if (!share.is_write) ++share.under_way;
  share.taken_at = now_ + 1;
  if (share.is_write) share.end = share.taken_at;
  if (!controller_.completions.empty()) collect();  // answered from the write queue
  if (index == 0) {
    --turn_left_;
    const std::uint64_t next = share.waiting > 0 ? share.walk.address() : 0;
    if (turn_left_ > 0 && next == front_address_ + transaction_ && next % map_->contiguous() != 0) {
      ++front_->column;
      front_address_ = next;
      return;
    }
    front_.reset();
  }
  if (share.waiting == 0) {
    shares_.erase(shares_.begin() + static_cast<std::ptrdiff_t>(index));
  } else if (index == 0 && turn_left_ == 0 && shares_.size() > 1) {
    std::rotate(shares_.begin(), shares_.begin() + 1, shares_.end());
  } else if (turn_left_ > 0 || index > 0) {
    return;
  }
  if (index == 0) turn_left_ = turn_length_;
}

void DramChannel::collect() {
  for (const DramCompletion& each : controller_.completions) {
    if (each.is_write) continue;
    auto& share = *reinterpret_cast<DramShare*>(static_cast<std::intptr_t>(each.id));
    --share.under_way;
    share.end = std::max(share.end, each.cycle);
  }
  controller_.completions.clear();
}

void DramChannel::advance(std::int64_t cycle) {
  while (now_ < cycle) {
    const bool took = !shares_.empty() && offer();
    if (controller_.wake() <= now_ + 1) {
      controller_.tick(now_ + 1);
      if (!controller_.completions.empty()) collect();
      ++now_;
      continue;
    }
    const bool more = took && !shares_.empty();
    now_ = more ? now_ + 1 : std::min(cycle, controller_.wake() - 1);
  }
  if (!shares_.empty()) offer();
}

std::int64_t DramChannel::next_taken(const DramShare& share) const {
  return controller_.has_room(share.is_write) ? now_ + 1 : std::max(now_ + 1, controller_.wake());
}

std::int64_t DramChannel::done_not_before(const DramShare& share) const {
  if (share.done()) return share.end;
  if (share.is_write) {
    const std::int64_t over = share.waiting - controller_.write_room();
    return now_ + std::max(share.waiting, over * rules_.burst);
  }
  return now_ + (share.waiting + share.under_way - 1) * rules_.burst + rules_.read_data_end;
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
  front_.reset();
}

ByCause<std::int64_t> DramChannel::delay(const DramShare& share) const {
  const std::int64_t time = share.end - share.start;
  ByCause<std::int64_t> delay;
  for (std::size_t i = 0; i < cause_count; ++i) {
    delay.values[i] = controller_.waits().causes().values[i] - share.causes_before.values[i];
  }
  // The first gap may have begun before the share did, and a write's end leaves data still to move.
  std::int64_t excess = delay.sum() - time;
  const auto reduce = [&](Cause cause) {
    const std::int64_t part = std::clamp<std::int64_t>(excess, 0, delay[cause]);
    delay[cause] -= part;
    excess -= part;
  };
  if (share.is_write) reduce(Cause::bandwidth);
  for (const Cause cause :
       {Cause::row_miss, Cause::bank_conflict, Cause::refresh, Cause::turnaround, Cause::bandwidth})
    reduce(cause);
  delay[Cause::bandwidth] -= excess;  // before the first gap, other data was moving
  return delay;
}

}  // namespace razorsim
