// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_queue.h"

namespace razorsim {

namespace {

// Fibonacci hashing: the top byte of the product mixes all bits of the line.
std::size_t hash_of(std::uint64_t line) { return (line * 0x9E3779B97F4A7C15u) >> 56; }

}  // namespace

DramQueue::DramQueue(std::int64_t capacity, std::int64_t banks)
    : entries_(static_cast<std::size_t>(capacity)),
      lanes_(static_cast<std::size_t>(banks)),
      place_(static_cast<std::size_t>(banks), 0) {
  free_.reserve(entries_.size());
  for (std::size_t i = entries_.size(); i-- > 0;) free_.push_back(static_cast<Slot>(i));
  busy_.reserve(lanes_.size());
}

bool DramQueue::holds(const DramRequest& request) const {
  if (lines_[hash_of(request.line)] == 0) return false;
  for (Slot slot = lane(request.bank).first; slot != none; slot = (*this)[slot].next) {
    if ((*this)[slot].request.line == request.line) return true;
  }
  return false;
}

DramQueue::Slot DramQueue::find(Slot from, std::int64_t open_row, bool hit) const {
  while (from != none && ((*this)[from].request.row == open_row) != hit) from = (*this)[from].next;
  return from;
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
  Slot& oldest = request.row == open_row ? lane.hit : lane.other;
  if (oldest == none) oldest = slot;
}

DramQueue::Entry DramQueue::take(Slot slot, std::int64_t open_row) {
  const Entry entry = (*this)[slot];
  Lane& lane = lanes_[static_cast<std::size_t>(entry.request.bank)];
  if (lane.hit == slot) lane.hit = find(entry.next, open_row, true);
  if (lane.other == slot) lane.other = find(entry.next, open_row, false);
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
  lane.hit = find(lane.first, open_row, true);
  lane.other = find(lane.first, open_row, false);
}

}  // namespace razorsim
