// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_burst.h"

#include <algorithm>

namespace razorsim {

DramWalk::DramWalk(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
                   std::int64_t channel)
    : map_(&map),
      burst_(burst),
      channel_(static_cast<std::uint64_t>(channel)),
      transaction_(static_cast<std::uint64_t>(spec.organisation.transaction().count())),
      left_(count()) {
  if (left_ > 0) enter_line();
}

std::int64_t DramWalk::count() const {
  std::int64_t count = 0;
  for (std::int64_t line = 0; line < burst_.lines; ++line) {
    const std::uint64_t start = burst_.address + static_cast<std::uint64_t>(line * burst_.pitch);
    const std::uint64_t end = start + static_cast<std::uint64_t>(burst_.line);
    const std::uint64_t from = start & ~(transaction_ - 1);
    const std::uint64_t to = (end + transaction_ - 1) & ~(transaction_ - 1);
    if (!map_->hashes_channel()) {
      const std::uint64_t bytes = map_->local_of(to, channel_) - map_->local_of(from, channel_);
      count += static_cast<std::int64_t>(bytes / transaction_);
      continue;
    }
    for (std::uint64_t at = from; at < to; at += transaction_)
      count += static_cast<std::uint64_t>(map_->channel_of(at)) == channel_ ? 1 : 0;
  }
  return count;
}

/// Finds the line's first transaction in this channel, in the next lines where it has none.
/// Precondition: there is one.
void DramWalk::enter_line() {
  for (;; ++line_) {
    const std::uint64_t start = burst_.address + static_cast<std::uint64_t>(line_ * burst_.pitch);
    at_ = start & ~(transaction_ - 1);
    line_end_ =
        (start + static_cast<std::uint64_t>(burst_.line) + transaction_ - 1) & ~(transaction_ - 1);
    stretch_ = 0;
    enter_stretch();
    if (at_ < line_end_) return;
  }
}

/// Goes to the channel's next transaction after the stretch, and measures the one it begins.
void DramWalk::enter_stretch() {
  if (map_->hashes_channel()) {
    at_ += static_cast<std::uint64_t>(stretch_) * transaction_;
    while (at_ < line_end_ && static_cast<std::uint64_t>(map_->channel_of(at_)) != channel_)
      at_ += transaction_;
    stretch_ = 1;
  } else {
    const std::uint64_t local =
        map_->local_of(at_, channel_) + static_cast<std::uint64_t>(stretch_) * transaction_;
    at_ = map_->address_of(local, channel_);
    const std::uint64_t span = std::max(map_->rotation_span(), transaction_);
    const std::uint64_t end =
        std::min((local / span + 1) * span, map_->local_of(line_end_, channel_));
    stretch_ = static_cast<std::int64_t>((end - local) / transaction_);
    turn_ = local / transaction_ % static_cast<std::uint64_t>(map_->rotation_banks());
  }
  stretch_left_ = stretch_;
  if (at_ < line_end_) place_ = map_->decode(at_);
}

void DramWalk::leave_stretch() {
  if (left_ == 0) return;
  enter_stretch();
  if (at_ < line_end_) return;
  ++line_;
  enter_line();
}

ByCause<std::int64_t> DramShare::delay() const {
  ByCause<std::int64_t> delay = causes;
  // The first gap may have begun before the share did, and a write's end leaves data still to move.
  std::int64_t excess = delay.sum() - (end - start);
  const auto reduce = [&](Cause cause) {
    const std::int64_t part = std::clamp<std::int64_t>(excess, 0, delay[cause]);
    delay[cause] -= part;
    excess -= part;
  };
  if (is_write) reduce(Cause::bandwidth);
  for (const Cause cause :
       {Cause::row_miss, Cause::bank_conflict, Cause::refresh, Cause::turnaround, Cause::bandwidth})
    reduce(cause);
  delay[Cause::bandwidth] -= excess;  // before the first gap, other data was moving
  return delay;
}

}  // namespace razorsim
