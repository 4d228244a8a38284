// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_queue.h"

#include <algorithm>

namespace razorsim {

DramQueue::DramQueue(std::int64_t capacity, std::int64_t banks, bool searched)
    : capacity_(capacity),
      searched_(searched),
      entries_(static_cast<std::size_t>(capacity)),
      lanes_(static_cast<std::size_t>(banks)),
      place_(static_cast<std::size_t>(banks), 0) {
  free_.reserve(entries_.size());
  for (std::size_t i = entries_.size(); i-- > 0;) free_.push_back(static_cast<Slot>(i));
  busy_.reserve(lanes_.size());
}

void DramQueue::Entry::drop_part() {
  std::copy(parts.begin() + 1, parts.begin() + part_count, parts.begin());
  --part_count;
  request.id = parts.front().id;
}

bool DramQueue::finds(const DramRequest& request) const {
  for (Slot slot = lane(request.bank).first; slot != none; slot = (*this)[slot].next) {
    const Entry& each = (*this)[slot];
    const std::int64_t offset = request.column - each.request.column;
    if (each.request.row == request.row && 0 <= offset && offset < each.count) return true;
  }
  return false;
}

void DramQueue::seek_hit(Lane& lane, Slot from, std::int64_t open_row) {
  while (from != none && (*this)[from].request.row != open_row) from = (*this)[from].next;
  lane.hit = from;
  lane.hit_order = from == none ? last_order : (*this)[from].order;
}

void DramQueue::seek_other(Lane& lane, Slot from, std::int64_t open_row) {
  while (from != none && (*this)[from].request.row == open_row) from = (*this)[from].next;
  lane.other = from;
  lane.other_order = from == none ? last_order : (*this)[from].order;
}

/// A new entry. Written member by member: a copy of a whole one made beside it would wait for its
/// own stores.
bool DramQueue::append(const DramRequest& request, std::int64_t order, std::int64_t arrival,
                       std::int64_t open_row) {
  Lane& lane = lanes_[static_cast<std::size_t>(request.bank)];
  const Slot slot = free_.back();
  free_.pop_back();
  Entry& entry = (*this)[slot];
  entry.request = request;
  entry.count = 1;
  entry.order = order;
  entry.step = 0;
  entry.parts.front() = {request.id, 1, arrival};
  entry.part_count = 1;
  entry.counted = false;
  entry.next = none;
  entry.previous = lane.last;
  if (lane.last == none) {
    lane.first = slot;
    place_[static_cast<std::size_t>(request.bank)] = static_cast<std::int32_t>(busy_.size());
    busy_.push_back(static_cast<std::int32_t>(request.bank));
  } else {
    (*this)[lane.last].next = slot;
  }
  lane.last = slot;
  const bool hits = request.row == open_row;
  Slot& oldest = hits ? lane.hit : lane.other;
  if (oldest != none) return false;
  oldest = slot;
  (hits ? lane.hit_order : lane.other_order) = order;
  return true;
}

void DramQueue::remove(Slot slot, std::int64_t open_row) {
  const Entry& entry = (*this)[slot];
  Lane& lane = lanes_[static_cast<std::size_t>(entry.request.bank)];
  if (lane.hit == slot) seek_hit(lane, entry.next, open_row);
  if (lane.other == slot) seek_other(lane, entry.next, open_row);
  (entry.previous == none ? lane.first : (*this)[entry.previous].next) = entry.next;
  (entry.next == none ? lane.last : (*this)[entry.next].previous) = entry.previous;
  if (lane.first == none) {
    const std::int32_t hole = place_[static_cast<std::size_t>(entry.request.bank)];
    busy_[static_cast<std::size_t>(hole)] = busy_.back();
    place_[static_cast<std::size_t>(busy_.back())] = hole;
    busy_.pop_back();
  }
  free_.push_back(slot);
}

void DramQueue::reopen(std::int64_t bank, std::int64_t open_row) {
  Lane& lane = lanes_[static_cast<std::size_t>(bank)];
  seek_hit(lane, lane.first, open_row);
  seek_other(lane, lane.first, open_row);
}

}  // namespace razorsim
