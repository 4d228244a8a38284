// SPDX-License-Identifier: Apache-2.0
// One request queue of a channel, unified over banks, that knows the oldest row hit and the oldest
// other request of each bank.
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

/// Requests of a bank form a list in order of arrival; slots are reused, none is allocated after
/// construction. Neighbouring columns that came at equal distances share an entry, so bursts cost
/// little; they leave one by one and each counts towards the capacity.
class DramQueue {
 public:
  using Slot = std::int32_t;
  static constexpr Slot none = -1;

  struct Entry {
    /// Requests of one id that follow each other in an entry.
    struct Part {
      std::int64_t id = 0;
      std::int64_t count = 0;
      std::int64_t arrival = 0;  ///< cycle the first of them was accepted in
    };

    DramRequest request;  ///< the oldest of the entry; the next ones lie in the columns after it
    std::int64_t count = 1;
    std::int64_t order = 0;     ///< accepted before every request of a higher order
    std::int64_t step = 0;      ///< from one request's order to the next one's
    std::array<Part, 4> parts;  ///< the oldest first; `request` has the id of that one
    std::int32_t part_count = 1;
    bool counted = false;  ///< already counted as row hit, miss or conflict
    Slot next = none, previous = none;

    [[nodiscard]] std::int64_t arrival() const { return parts.front().arrival; }
    [[nodiscard]] std::int64_t oldest_count() const { return parts.front().count; }
    /// Whether the request is the next of this entry, which then has it.
    bool joins(const DramRequest& other, std::int64_t its_order, std::int64_t its_arrival) {
      if (request.column + count != other.column || request.row != other.row) return false;
      if (count == 1) step = its_order - order;
      return order + step * count == its_order && extend(other.id, 1, its_arrival);
    }
    /// Room for requests of `id` at its end?
    [[nodiscard]] bool extends(std::int64_t id) const {
      return last_part().id == id || part_count < static_cast<std::int32_t>(parts.size());
    }
    bool extend(std::int64_t id, std::int64_t more, std::int64_t its_arrival) {
      if (!extends(id)) return false;
      if (last_part().id != id) {
        parts[static_cast<std::size_t>(part_count)] = {id, 0, its_arrival};
        ++part_count;
      }
      parts[static_cast<std::size_t>(part_count - 1)].count += more;
      count += more;
      return true;
    }
    /// The oldest `less` requests, all of one id, are gone.
    void shorten(std::int64_t less) {
      count -= less;
      order += step * less;
      request.column += less;
      counted = false;
      parts.front().count -= less;
      if (parts.front().count == 0 && part_count > 1) drop_part();
    }

   private:
    [[nodiscard]] const Part& last_part() const {
      return parts[static_cast<std::size_t>(part_count - 1)];
    }
    void drop_part();
  };
  static constexpr std::int64_t last_order = std::numeric_limits<std::int64_t>::max();
  struct Lane {
    Slot first = none, last = none;
    Slot hit = none;  ///< oldest request of the open row ...
    Slot other =
        none;  ///< ... and of another row, with their orders, last_order where there is none
    std::int64_t hit_order = last_order, other_order = last_order;
  };

  /// `searched`: holds() will be asked.
  DramQueue(std::int64_t capacity, std::int64_t banks, bool searched);

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] bool full() const { return size_ == capacity_; }
  [[nodiscard]] const Lane& lane(std::int64_t bank) const {
    return lanes_[static_cast<std::size_t>(bank)];
  }
  [[nodiscard]] Entry& operator[](Slot slot) { return entries_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const Entry& operator[](Slot slot) const {
    return entries_[static_cast<std::size_t>(slot)];
  }
  /// Banks with requests, in no order that matters.
  [[nodiscard]] std::span<const std::int32_t> busy_banks() const { return busy_; }
  [[nodiscard]] bool holds(const DramRequest& request) const {
    return size_ > 0 && filled_[hash_of(request)] > 0 && finds(request);
  }

  /// Returns whether its bank has a new oldest request of the open row, or of other rows.
  bool add(const DramRequest& request, std::int64_t order, std::int64_t arrival,
           std::int64_t open_row) {
    ++size_;
    if (searched_) ++filled_[hash_of(request)];
    const Slot last = lane(request.bank).last;
    if (last != none && (*this)[last].joins(request, order, arrival)) return false;
    return append(request, order, arrival, open_row);
  }
  /// Takes the entry's oldest request out; the open row of its bank is `open_row`.
  void drop(Slot slot, std::int64_t open_row) {
    Entry& entry = (*this)[slot];
    if (searched_) --filled_[hash_of(entry.request)];
    --size_;
    if (entry.count == 1) {
      remove(slot, open_row);
    } else {
      entry.shorten(1);
      note_order(slot);
    }
  }
  /// Takes the oldest `less` < count out of an entry of a queue that is not searched, all of one
  /// id, and adds `more` of `id`.
  void exchange(Slot slot, std::int64_t less, std::int64_t more, std::int64_t id,
                std::int64_t arrival) {
    Entry& entry = (*this)[slot];
    if (more > 0) entry.extend(id, more, arrival);
    entry.shorten(less);
    size_ += more - less;
    note_order(slot);
  }
  /// The bank's open row changed.
  void reopen(std::int64_t bank, std::int64_t open_row);

 private:
  // Fibonacci hashing: the top byte of the product mixes all bits.
  [[nodiscard]] static std::size_t hash_of(const DramRequest& r) {
    return (static_cast<std::uint64_t>((r.row << 24) + (r.column << 10) + r.bank) *
            0x9E3779B97F4A7C15u) >>
           56;
  }
  [[nodiscard]] bool finds(const DramRequest& request) const;
  bool append(const DramRequest& request, std::int64_t order, std::int64_t arrival,
              std::int64_t open_row);
  void remove(Slot slot, std::int64_t open_row);
  void note_order(Slot slot) {
    const Entry& entry = (*this)[slot];
    Lane& lane = lanes_[static_cast<std::size_t>(entry.request.bank)];
    if (lane.hit == slot) lane.hit_order = entry.order;
    if (lane.other == slot) lane.other_order = entry.order;
  }
  void seek_hit(Lane& lane, Slot from, std::int64_t open_row);
  void seek_other(Lane& lane, Slot from, std::int64_t open_row);

  std::int64_t capacity_, size_ = 0;
  bool searched_;
  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  std::vector<Lane> lanes_;
  std::vector<std::int32_t> busy_;
  std::vector<std::int32_t> place_;  ///< of each bank in busy_
  std::array<std::uint16_t, 256>
      filled_{};  ///< how many queued requests hash here: answers most holds()
};

}  // namespace razorsim
