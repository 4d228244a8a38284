// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_burst.h"

#include <algorithm>

namespace razorsim {

DramWalk::DramWalk(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
                   std::int64_t channel)
    : map_(&map),
      burst_(burst),
      channel_(channel),
      transaction_(static_cast<std::uint64_t>(spec.organisation.transaction().count())) {
  enter_line();
}

void DramWalk::enter_line() {
  for (; line_ < burst_.lines; ++line_) {
    const std::uint64_t start = burst_.address + static_cast<std::uint64_t>(line_ * burst_.pitch);
    at_ = start & ~(transaction_ - 1);
    line_end_ =
        (start + static_cast<std::uint64_t>(burst_.line) + transaction_ - 1) & ~(transaction_ - 1);
    find_block();
    if (at_ < line_end_) return;
  }
}

/// Moves on to the line's next bytes in this channel, or to its end.
void DramWalk::find_block() {
  if (map_->channels() == 1) {
    block_end_ = line_end_;
    return;
  }
  const std::uint64_t interleave = map_->interleave();
  while (at_ < line_end_ && map_->channel_of(at_) != channel_) {
    const std::uint64_t channels = map_->channels();
    const std::uint64_t block = at_ / interleave;
    const std::uint64_t ahead =
        map_->hashes_channel()
            ? 1
            : (static_cast<std::uint64_t>(channel_) + channels - block % channels) % channels;
    at_ = (block + ahead) * interleave;
  }
  block_end_ = std::min((at_ / interleave + 1) * interleave, line_end_);
}

void DramWalk::leave_block() {
  if (at_ < line_end_) find_block();
  if (at_ < line_end_) return;
  ++line_;
  enter_line();
}

std::int64_t DramWalk::left() const {
  std::uint64_t count = 0;
  for (DramWalk rest = *this; !rest.done();) {
    count += (rest.block_end_ - rest.at_) / transaction_;
    rest.at_ = rest.block_end_;
    rest.leave_block();
  }
  return static_cast<std::int64_t>(count);
}

/// Bytes of the channel before `address`, which lies in it or at its line's end.
std::uint64_t DramWalk::within_channel(std::uint64_t address) const {
  const std::uint64_t interleave = map_->interleave(), channels = map_->channels();
  if (channels == 1) return address;
  const std::uint64_t block = address / interleave, round = block / channels;
  const auto own = static_cast<std::uint64_t>(channel_);
  const std::uint64_t into = block % channels < own    ? 0
                             : block % channels == own ? address % interleave
                                                       : interleave;
  return round * interleave + into;
}

std::int64_t DramWalk::in_rotation() const {
  const std::uint64_t span = map_->rotation_span();
  if (span == 0) return 0;
  const std::uint64_t at = within_channel(at_);
  const std::uint64_t end = std::min((at / span + 1) * span, within_channel(line_end_));
  return static_cast<std::int64_t>((end - at) / transaction_);
}

void DramWalk::skip(std::int64_t count) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(count) * transaction_;
  if (map_->channels() == 1) {
    at_ += bytes;
    return;
  }
  const std::uint64_t interleave = map_->interleave(), at = within_channel(at_) + bytes;
  at_ = (at / interleave * map_->channels() + static_cast<std::uint64_t>(channel_)) * interleave +
        at % interleave;
  find_block();
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
