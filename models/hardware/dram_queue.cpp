// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_queue.h"

#include <algorithm>

#include "models/base/errors.h"

namespace razorsim {

DramQueue::DramQueue(std::int64_t capacity, std::int64_t banks, bool searched)
    : capacity_(capacity),
      words_((static_cast<std::size_t>(capacity) * 2 + 63) / 64),
      searched_(searched),
      places_(words_ * 64),
      of_bank_(words_ * static_cast<std::size_t>(banks)) {
  promise(words_ <= most_words, "a DRAM queue of more requests than its sets of places hold");
}

void DramQueue::shift_down(Bits* places, std::size_t by) const {
  const std::size_t words = by / 64, bits = by % 64;
  for (std::size_t word = 0; word < words_; ++word) {
    const Bits low = word + words < words_ ? places[word + words] : 0;
    const Bits high = word + words + 1 < words_ ? places[word + words + 1] : 0;
    places[word] = bits == 0 ? low : low >> bits | high << (64 - bits);
  }
}

/// Requests move down to the first places, by age as before: as they lie if that gives room for
/// some time, for most queues have few gaps.
void DramQueue::make_room() {
  Places all = hits_;
  for (std::size_t word = 0; word < words_; ++word) all[word] |= others_[word];
  const std::size_t oldest = size_ > 0 ? first(all.data()) : end_;
  if (oldest >= static_cast<std::size_t>(capacity_) / 2) {
    std::copy(places_.begin() + static_cast<std::ptrdiff_t>(oldest),
              places_.begin() + static_cast<std::ptrdiff_t>(end_), places_.begin());
    shift_down(hits_.data(), oldest);
    shift_down(others_.data(), oldest);
    for (std::size_t bank = 0; bank < of_bank_.size(); bank += words_)
      shift_down(of_bank_.data() + bank, oldest);
    end_ -= oldest;
    return;
  }
  const Places hits = hits_, others = others_;
  hits_ = others_ = {};
  of_bank_.assign(of_bank_.size(), 0);
  end_ = 0;
  for (std::size_t word = 0; word < words_; ++word) {
    for (Bits left = hits[word] | others[word]; left != 0; left &= left - 1, ++end_) {
      const std::size_t place = place_in(word, left);
      if (place != end_) places_[end_] = places_[place];
      const Bits bit = Bits{1} << end_ % 64;
      ((hits[word] & left & -left) != 0 ? hits_ : others_)[end_ / 64] |= bit;
      of(places_[end_].request.bank)[end_ / 64] |= bit;
    }
  }
}

bool DramQueue::finds(const DramRequest& request) const {
  const Bits* places = of(request.bank);
  for (std::size_t word = 0; word < words_; ++word) {
    for (Bits left = places[word]; left != 0; left &= left - 1) {
      const DramRequest& each = places_[place_in(word, left)].request;
      if (each.row == request.row && each.column == request.column) return true;
    }
  }
  return false;
}

/// Those of one bank, into hits and others.
void DramQueue::sort_anew(const Bits* places, std::int64_t open_row) {
  for (std::size_t word = 0; word < words_; ++word) {
    Bits hits = 0;  // none where no row is open
    for (Bits left = open_row < 0 ? 0 : places[word]; left != 0; left &= left - 1) {
      if (places_[place_in(word, left)].request.row == open_row) hits |= left & -left;
    }
    hits_[word] = (hits_[word] & ~places[word]) | hits;
    others_[word] = (others_[word] & ~places[word]) | (places[word] & ~hits);
  }
}

}  // namespace razorsim
