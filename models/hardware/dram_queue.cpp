// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_queue.h"

#include <algorithm>

namespace razorsim {

void DramLine::slide() {
  std::copy(places_.begin() + static_cast<std::ptrdiff_t>(begin_),
            places_.begin() + static_cast<std::ptrdiff_t>(end_), places_.begin());
  end_ -= begin_;
  begin_ = 0;
}

/// To its place by age.
void DramLine::insert(const Entry& entry) {
  if (end_ == places_.size()) slide();
  std::size_t place = end_++;
  for (; place > begin_ && places_[place - 1].order > entry.order; --place)
    places_[place] = places_[place - 1];
  places_[place] = entry;
}

template <class Leaves>
void DramLine::move_to(DramLine& other, std::int64_t bank, const Leaves& leaves) {
  std::size_t kept = begin_;
  for (std::size_t i = begin_; i < end_; ++i) {
    const Entry& entry = places_[i];
    if (entry.request.bank == bank && leaves(entry.request)) {
      other.insert(entry);
    } else if (kept++ != i) {
      places_[kept - 1] = entry;
    }
  }
  end_ = kept;
}

DramQueue::DramQueue(std::int64_t capacity, std::int64_t banks, bool searched)
    : capacity_(capacity),
      searched_(searched),
      hits_(capacity),
      others_(capacity),
      lanes_(static_cast<std::size_t>(banks)) {}

bool DramQueue::finds(const DramRequest& request) const {
  const auto in = [&](const DramLine& line) {
    return std::any_of(line.entries().begin(), line.entries().end(), [&](const Entry& entry) {
      const DramRequest& each = entry.request;
      return each.bank == request.bank && each.row == request.row && each.column == request.column;
    });
  };
  return in(hits_) || in(others_);
}

void DramQueue::reopen(std::int64_t bank, std::int64_t open_row) {
  Lane& lane = lanes_[static_cast<std::size_t>(bank)];
  const std::int32_t all = lane.hits + lane.others;
  const std::int64_t before = hits_.size();
  if (lane.hits > 0)
    hits_.move_to(others_, bank, [&](const DramRequest& each) { return each.row != open_row; });
  if (lane.others > 0)
    others_.move_to(hits_, bank, [&](const DramRequest& each) { return each.row == open_row; });
  lane.hits += static_cast<std::int32_t>(hits_.size() - before);
  lane.others = all - lane.hits;
}

}  // namespace razorsim
