// SPDX-License-Identifier: Apache-2.0
// When a channel's refreshes fall due, and which are still owed.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>

#include "models/hardware/dram_spec.h"

namespace razorsim {

/// All-bank: every rank is owed one each interval. Per-bank: one bank each interval, in turn.
/// Nothing is postponed or pulled in.
class DramRefresh {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max() / 4;

  explicit DramRefresh(const DramSpec& spec)
      : by_bank_(spec.controller.refresh == RefreshMode::per_bank),
        interval_(spec.controller.refresh == RefreshMode::none ? never
                  : by_bank_                                   ? spec.timing.refi_bank.count()
                                                               : spec.timing.refi.count()),
        targets_(by_bank_ ? spec.organisation.ranks * spec.organisation.banks()
                          : spec.organisation.ranks) {
    reset();
  }

  void reset() {
    due_ = interval_;
    next_ = 0;
    owed_.clear();
  }
  [[nodiscard]] bool by_bank() const { return by_bank_; }
  [[nodiscard]] std::int64_t due() const { return due_; }
  [[nodiscard]] bool owed() const { return !owed_.empty(); }
  /// Rank or bank whose turn it is. Precondition: owed().
  [[nodiscard]] std::int64_t target() const { return owed_.front().target; }
  [[nodiscard]] std::int64_t owed_since() const { return owed_.front().since; }
  void done() { owed_.pop_front(); }
  /// Takes over what fell due up to `cycle`.
  void advance(std::int64_t cycle) {
    for (; due_ <= cycle; due_ += interval_) {
      if (by_bank_) {
        owed_.push_back({next_, due_});
        next_ = (next_ + 1) % targets_;
      } else {
        for (std::int64_t rank = 0; rank < targets_; ++rank) owed_.push_back({rank, due_});
      }
    }
  }

 private:
  struct Owed {
    std::int64_t target, since;
  };

  bool by_bank_;
  std::int64_t interval_, targets_;
  std::int64_t due_ = 0, next_ = 0;
  std::deque<Owed> owed_;
};

}  // namespace razorsim
