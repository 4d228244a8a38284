// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_queue.h"

namespace razorsim {

DramQueue::DramQueue(std::int64_t capacity, std::int64_t banks)
    : entries_(static_cast<std::size_t>(capacity)),
      lanes_(static_cast<std::size_t>(banks)),
      place_(static_cast<std::size_t>(banks), 0) {
  free_.reserve(entries_.size());
  for (std::size_t i = entries_.size(); i-- > 0;) free_.push_back(static_cast<Slot>(i));
  busy_.reserve(lanes_.size());
}

bool DramQueue::finds(const DramRequest& request) const {
  for (Slot slot = lane(request.bank).first; slot != none; slot = (*this)[slot].next) {
    if ((*this)[slot].request.line == request.line) return true;
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

void DramQueue::add(const DramRequest& request, std::int64_t order, std::int64_t arrival,
                    std::int64_t open_row) {
  const Slot slot = free_.back();
  free_.pop_back();
  ++size_;
  ++lines_[hash_of(request.line)];
  Lane& lane = lanes_[static_cast<std::size_t>(request.bank)];
  (*this)[slot] = Entry{request, order, arrival, false, none, lane.last};
  if (lane.last == none) {
    lane.first = slot;
    place_[static_cast<std::size_t>(request.bank)] = static_cast<std::int32_t>(busy_.size());
    busy_.push_back(static_cast<std::int32_t>(request.bank));
  } else {
    (*this)[lane.last].next = slot;
  }
  lane.last = slot;
  if (request.row == open_row) {
    if (lane.hit == none) { lane.hit = slot; lane.hit_order = order; }
  } else if (lane.other == none) {
    lane.other = slot;
    lane.other_order = order;
  }
}

const DramQueue::Entry& DramQueue::take(Slot slot, std::int64_t open_row) {
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
  --lines_[hash_of(entry.request.line)];
  --size_;
  free_.push_back(slot);
  return entry;
}

void DramQueue::reopen(std::int64_t bank, std::int64_t open_row) {
  Lane& lane = lanes_[static_cast<std::size_t>(bank)];
  seek_hit(lane, lane.first, open_row);
  seek_other(lane, lane.first, open_row);
}

}  // namespace razorsim
