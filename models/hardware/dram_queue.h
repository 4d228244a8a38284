// SPDX-License-Identifier: Apache-2.0
// One request queue of a channel: requests of all banks in one line, the oldest first.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/hardware/dram_spec.h"

namespace razorsim {

/// One transaction as the controller sees it. Bank, row and column say which bytes it moves.
struct DramRequest {
  std::int64_t id = 0;
  std::int64_t bank = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
  bool is_write = false;
};

/// Requests in order of age. Most leave about in the order they came, so that looking from the
/// front soon finds the one meant. Nothing is allocated after construction.
class DramLine {
 public:
  struct Entry {
    DramRequest request;
    std::int64_t order = 0;    ///< accepted before every request of a higher order
    std::int64_t arrival = 0;  ///< cycle it was accepted in
    bool counted = false;      ///< already counted as row hit, miss or conflict
  };

  // Room to wander: requests slide back once in as many as the line holds.
  explicit DramLine(std::int64_t capacity) : places_(static_cast<std::size_t>(capacity) * 2) {}

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(end_ - begin_); }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] const Entry& front() const { return places_[begin_]; }
  [[nodiscard]] const Entry& back() const { return places_[end_ - 1]; }
  [[nodiscard]] std::span<const Entry> entries() const {
    return {places_.data() + begin_, end_ - begin_};
  }
  /// Precondition: it is in the line.
  [[nodiscard]] Entry& of_order(std::int64_t order) { return places_[place_of(order)]; }

  void add(const DramRequest& request, std::int64_t order, std::int64_t arrival) {
    if (end_ == places_.size()) slide();
    Entry& entry = places_[end_++];
    // Member by member: a copy of the whole of what was just put together waits for its stores.
    entry.request.id = request.id;
    entry.request.bank = request.bank;
    entry.request.row = request.row;
    entry.request.column = request.column;
    entry.request.is_write = request.is_write;
    entry.order = order;
    entry.arrival = arrival;
    entry.counted = false;
  }
  void drop_front() { ++begin_; }
  /// Precondition: it is in the line.
  void drop(std::int64_t order) {
    for (std::size_t place = place_of(order); place > begin_; --place)
      places_[place] = places_[place - 1];
    ++begin_;
  }
  /// Those of `bank` that `leaves` is true of take their places in `other`.
  template <class Leaves>
  void move_to(DramLine& other, std::int64_t bank, const Leaves& leaves);

 private:
  [[nodiscard]] std::size_t place_of(std::int64_t order) const {
    std::size_t place = begin_;
    while (places_[place].order != order) ++place;
    return place;
  }
  void insert(const Entry& entry);
  void slide();

  std::vector<Entry> places_;  ///< the requests lie from begin_ to end_, and wander to its end
  std::size_t begin_ = 0, end_ = 0;
};

/// Those that want the row that is open in their bank (hits) and all others stand in two lines.
class DramQueue {
 public:
  using Entry = DramLine::Entry;

  /// `searched`: holds() will be asked.
  DramQueue(std::int64_t capacity, std::int64_t banks, bool searched);

  [[nodiscard]] std::int64_t size() const { return hits_.size() + others_.size(); }
  [[nodiscard]] bool full() const { return size() == capacity_; }
  [[nodiscard]] const DramLine& hits() const { return hits_; }
  [[nodiscard]] const DramLine& others() const { return others_; }
  [[nodiscard]] DramLine& hits() { return hits_; }
  [[nodiscard]] DramLine& others() { return others_; }
  /// How many of a bank there are in each line.
  [[nodiscard]] std::int32_t hits(std::int64_t bank) const { return lane(bank).hits; }
  [[nodiscard]] std::int32_t others(std::int64_t bank) const { return lane(bank).others; }
  /// Order of the bank's oldest hit; last_order where it has none.
  static constexpr std::int64_t last_order = std::numeric_limits<std::int64_t>::max();
  [[nodiscard]] std::int64_t oldest_hit(std::int64_t bank) const {
    if (lane(bank).hits == 0) return last_order;
    const Entry* entry = &hits_.front();
    while (entry->request.bank != bank) ++entry;
    return entry->order;
  }
  [[nodiscard]] bool holds(const DramRequest& request) const {
    return filled_[hash_of(request)] > 0 && size() > 0 && finds(request);
  }

  /// The open row of the request's bank is `open_row`. Precondition: !full().
  void add(const DramRequest& request, std::int64_t order, std::int64_t arrival,
           std::int64_t open_row) {
    const bool hit = request.row == open_row;
    (hit ? hits_ : others_).add(request, order, arrival);
    Lane& lane = lanes_[static_cast<std::size_t>(request.bank)];
    ++(hit ? lane.hits : lane.others);
    if (searched_) ++filled_[hash_of(request)];
  }
  /// Precondition: it is in its line.
  void drop_hit(std::int64_t order) {
    leave(hits_.of_order(order).request, &Lane::hits);
    hits_.drop(order);
  }
  void drop_other(std::int64_t order) {
    leave(others_.of_order(order).request, &Lane::others);
    others_.drop(order);
  }
  void drop_first_hit() {
    leave(hits_.front().request, &Lane::hits);
    hits_.drop_front();
  }
  /// The bank's open row changed.
  void reopen(std::int64_t bank, std::int64_t open_row);

 private:
  struct Lane {
    std::int32_t hits = 0, others = 0;
  };

  [[nodiscard]] const Lane& lane(std::int64_t bank) const {
    return lanes_[static_cast<std::size_t>(bank)];
  }
  void leave(const DramRequest& request, std::int32_t Lane::*line) {
    --(lanes_[static_cast<std::size_t>(request.bank)].*line);
    if (searched_) --filled_[hash_of(request)];
  }
  // Fibonacci hashing: the top byte of the product mixes all bits.
  [[nodiscard]] static std::size_t hash_of(const DramRequest& r) {
    return (static_cast<std::uint64_t>((r.row << 24) + (r.column << 10) + r.bank) *
            0x9E3779B97F4A7C15u) >>
           56;
  }
  [[nodiscard]] bool finds(const DramRequest& request) const;

  std::int64_t capacity_;
  bool searched_;
  DramLine hits_, others_;
  std::vector<Lane> lanes_;  ///< of each bank
  std::array<std::uint16_t, 256>
      filled_{};  ///< how many queued requests hash here: answers most holds()
};

}  // namespace razorsim
