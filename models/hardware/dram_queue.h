// SPDX-License-Identifier: Apache-2.0
// One request queue of a channel: requests of all banks, the oldest first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
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

/// Those that want the row that is open in their bank are hits, all others are others. Requests lie
/// in places by age, and sets of places are sets of bits, a bank's too: so the oldest of any kind
/// is the lowest bit. Nothing is allocated after construction.
class DramQueue {
 public:
  struct Entry {
    DramRequest request;
    std::int64_t order = 0;    ///< accepted before every request of a higher order
    std::int64_t arrival = 0;  ///< cycle it was accepted in
    bool counted = false;      ///< already counted as row hit, miss or conflict
  };

  static constexpr std::size_t most = 256;  ///< requests

  /// `searched`: holds() will be asked.
  DramQueue(std::int64_t capacity, std::int64_t banks, bool searched);

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] bool full() const { return size_ == capacity_; }
  [[nodiscard]] bool any_hit() const { return any(hits_.data()); }
  [[nodiscard]] bool any_other() const { return any(others_.data()); }
  [[nodiscard]] bool any_hit(std::int64_t bank) const { return meet(hits_.data(), of(bank)); }
  [[nodiscard]] bool any_other(std::int64_t bank) const { return meet(others_.data(), of(bank)); }
  /// Precondition of each: there is one.
  [[nodiscard]] const Entry& oldest_hit() const { return places_[first(hits_.data())]; }
  [[nodiscard]] const Entry& oldest_other() const { return places_[first(others_.data())]; }
  [[nodiscard]] const Entry& youngest_hit() const { return places_[last(hits_.data())]; }
  /// All requests, if they are hits and lie in places one after the other; else none.
  [[nodiscard]] std::span<Entry> hits_in_a_row() {
    if (!any_hit() || any_other()) return {};
    const std::size_t oldest = first(hits_.data()), count = static_cast<std::size_t>(size_);
    if (last(hits_.data()) - oldest + 1 != count) return {};
    return {places_.data() + oldest, count};
  }
  [[nodiscard]] Entry& oldest_hit(std::int64_t bank) {
    return places_[first_common(hits_.data(), of(bank))];
  }
  [[nodiscard]] Entry& oldest_other(std::int64_t bank) {
    return places_[first_common(others_.data(), of(bank))];
  }
  [[nodiscard]] const Entry& oldest_other(std::int64_t bank) const {
    return places_[first_common(others_.data(), of(bank))];
  }
  /// Whether the bank has a hit that is older than all its others.
  [[nodiscard]] bool leads_with_hit(std::int64_t bank) const {
    return leads_with_hit(of(bank), 0, 0);
  }
  /// The same besides `entry`.
  [[nodiscard]] bool leads_with_another_hit(const Entry& entry) const {
    const std::size_t place = static_cast<std::size_t>(&entry - places_.data());
    return leads_with_hit(of(entry.request.bank), place / 64, Bits{1} << place % 64);
  }
  /// Looks at the hits, or at the oldest hit or other of each bank, by age, until `look` says true.
  /// The first may change what leaves an entry in its bank and row.
  template <class Look>
  void each_hit(const Look& look) {
    for (std::size_t word = 0; word < words_; ++word) {
      for (Bits left = hits_[word]; left != 0; left &= left - 1) {
        if (look(places_[place_in(word, left)])) return;
      }
    }
  }
  template <class Look>
  void oldest_hits(const Look& look) const {
    oldest_of_banks(hits_, look);
  }
  template <class Look>
  void oldest_others(const Look& look) const {
    oldest_of_banks(others_, look);
  }

  /// Whether any waits for this row.
  [[nodiscard]] bool any_of_row(std::int64_t bank, std::int64_t row) const {
    const Bits* places = of(bank);
    for (std::size_t word = 0; word < words_; ++word) {
      for (Bits left = places[word]; left != 0; left &= left - 1) {
        if (places_[place_in(word, left)].request.row == row) return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool holds(const DramRequest& request) const {
    return size_ > 0 && any(of(request.bank)) && filled_[hash_of(request)] > 0 && finds(request);
  }

  /// The open row of the request's bank is `open_row`. Precondition: !full().
  void add(const DramRequest& request, std::int64_t order, std::int64_t arrival,
           std::int64_t open_row) {
    if (end_ == places_.size()) make_room();
    Entry& entry = places_[end_];
    // Member by member: a copy of the whole of what was just put together waits for its stores.
    entry.request.id = request.id;
    entry.request.bank = request.bank;
    entry.request.row = request.row;
    entry.request.column = request.column;
    entry.request.is_write = request.is_write;
    entry.order = order;
    entry.arrival = arrival;
    entry.counted = false;
    const std::size_t word = end_ / 64;
    const Bits bit = Bits{1} << end_ % 64;
    (request.row == open_row ? hits_ : others_)[word] |= bit;
    of(request.bank)[word] |= bit;
    ++end_;
    ++size_;
    if (searched_) ++filled_[hash_of(request)];
  }
  /// Takes in `count` reads at once, all hits: `each` calls what it is given once for each of them,
  /// by age, with id, place, order and arrival. Precondition: it is empty, and nobody searches it.
  template <class Each>
  void fill(std::int64_t count, const Each& each) {
    end_ = static_cast<std::size_t>(count);
    size_ = count;
    // In locals, for what is written may lie anywhere.
    Entry* const places = places_.data();
    Bits* const of_bank = of_bank_.data();
    const std::size_t words = words_;
    std::size_t next = 0;
    each([=, &next](std::int64_t id, const auto& place, std::int64_t order, std::int64_t arrival) {
      places[next] = {{id, place.bank, place.row, place.column, false}, order, arrival, false};
      of_bank[static_cast<std::size_t>(place.bank) * words + next / 64] |= Bits{1} << next % 64;
      ++next;
    });
    for (std::size_t place = 0; place < end_; place += 64)
      hits_[place / 64] = ~Bits{0} >> (64 - std::min<std::size_t>(64, end_ - place));
  }
  /// Precondition: `entry` is a reference into this queue.
  void drop(const Entry& entry) {
    const auto place = static_cast<std::size_t>(&entry - places_.data());
    const Bits rest = ~(Bits{1} << place % 64);
    hits_[place / 64] &= rest;
    others_[place / 64] &= rest;
    of(entry.request.bank)[place / 64] &= rest;
    --size_;
    if (searched_) --filled_[hash_of(entry.request)];
  }
  /// The oldest hits leave, one after the other, for as long as `leaves` says true of the next.
  template <class Leaves>
  void drop_hits(const Leaves& leaves) {
    bool goes_on = true;
    std::int64_t gone = 0;
    for (std::size_t word = 0; goes_on && word < words_; ++word) {
      Bits left = hits_[word];
      for (; left != 0; left &= left - 1) {
        const Entry& entry = places_[place_in(word, left)];
        goes_on = leaves(entry);
        if (!goes_on) break;
        of(entry.request.bank)[word] &= ~(left & -left);
        if (searched_) --filled_[hash_of(entry.request)];
        ++gone;
      }
      hits_[word] = left;
    }
    size_ -= gone;
  }
  /// All leave. Precondition: nobody searches this queue.
  void clear() {
    hits_ = others_ = {};
    std::fill(of_bank_.begin(), of_bank_.end(), 0);
    size_ = 0;
    end_ = 0;
  }
  /// The bank's open row changed.
  void reopen(std::int64_t bank, std::int64_t open_row) {
    if (any(of(bank))) sort_anew(of(bank), open_row);
  }

 private:
  using Bits = std::uint64_t;
  static constexpr std::size_t most_words = most * 2 / 64;
  using Places = std::array<Bits, most_words>;  ///< the first words_ are in use

  [[nodiscard]] Bits* of(std::int64_t bank) {
    return of_bank_.data() + static_cast<std::size_t>(bank) * words_;
  }
  [[nodiscard]] const Bits* of(std::int64_t bank) const {
    return of_bank_.data() + static_cast<std::size_t>(bank) * words_;
  }
  [[nodiscard]] static std::size_t place_in(std::size_t word, Bits bits) {
    return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  }
  [[nodiscard]] bool any(const Bits* places) const {
    if (words_ == 1) return places[0] != 0;
    for (std::size_t word = 0; word < words_; ++word) {
      if (places[word] != 0) return true;
    }
    return false;
  }
  [[nodiscard]] bool meet(const Bits* a, const Bits* b) const {
    if (words_ == 1) return (a[0] & b[0]) != 0;
    for (std::size_t word = 0; word < words_; ++word) {
      if ((a[word] & b[word]) != 0) return true;
    }
    return false;
  }
  [[nodiscard]] std::size_t first(const Bits* places) const { return first_common(places, places); }
  [[nodiscard]] std::size_t last(const Bits* places) const {
    std::size_t word = words_ - 1;
    while (places[word] == 0) --word;
    return word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(places[word]));
  }
  [[nodiscard]] std::size_t first_common(const Bits* a, const Bits* b) const {
    std::size_t word = 0;
    while ((a[word] & b[word]) == 0) ++word;
    return place_in(word, a[word] & b[word]);
  }
  template <class Look>
  void oldest_of_banks(const Places& kind, const Look& look) const {
    if (words_ == 1) {
      for (Bits left = kind[0]; left != 0;) {
        const Entry& entry = places_[place_in(0, left)];
        if (look(entry)) return;
        left &= ~*of(entry.request.bank);
      }
      return;
    }
    Places left = kind;
    for (std::size_t word = 0; word < words_; ++word) {
      while (left[word] != 0) {
        const Entry& entry = places_[place_in(word, left[word])];
        if (look(entry)) return;
        const Bits* bank = of(entry.request.bank);
        for (std::size_t later = word; later < words_; ++later) left[later] &= ~bank[later];
      }
    }
  }
  // Fibonacci hashing: the top byte of the product mixes all bits.
  [[nodiscard]] static std::size_t hash_of(const DramRequest& r) {
    return (static_cast<std::uint64_t>((r.row << 24) + (r.column << 10) + r.bank) *
            0x9E3779B97F4A7C15u) >>
           56;
  }
  /// `but` in word `but_in` does not count.
  [[nodiscard]] bool leads_with_hit(const Bits* bank, std::size_t but_in, Bits but) const {
    const auto leads = [](Bits hits, Bits others) { return (hits & ~others & (others - 1)) != 0; };
    if (words_ == 1) return leads(hits_[0] & bank[0] & ~but, others_[0] & bank[0]);
    for (std::size_t word = 0; word < words_; ++word) {
      const Bits hits = hits_[word] & bank[word] & (word == but_in ? ~but : ~Bits{0});
      const Bits others = others_[word] & bank[word];
      if ((hits | others) != 0) return leads(hits, others);
    }
    return false;
  }
  void sort_anew(const Bits* places, std::int64_t open_row);
  [[nodiscard]] bool finds(const DramRequest& request) const;
  void make_room();
  void shift_down(Bits* places, std::size_t by) const;

  std::int64_t capacity_, size_ = 0;
  std::size_t words_;
  bool searched_;
  std::vector<Entry> places_;  ///< twice as many as requests at least
  std::size_t end_ = 0;        ///< the next one's
  Places hits_{}, others_{};
  std::vector<Bits> of_bank_;  ///< words_ of each bank
  std::array<std::uint16_t, 256>
      filled_{};  ///< how many queued requests hash here: answers most holds()
};

}  // namespace razorsim
