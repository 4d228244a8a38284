// SPDX-License-Identifier: Apache-2.0
// Why a channel's data bus stood still while somebody waited.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/base/cause.h"
#include "models/base/units.h"

namespace razorsim {

/// Divides the time of the data bus, from the first request that waits to the last data's end,
/// among causes. Each column command answers for the gap its data leaves after the data before it:
/// the part spent refreshing, then opening its row (if it is the first one of that row), then
/// turning the bus; the rest, and the time of the data itself, is bandwidth (bank-group distances
/// and, after idleness, the latency of the device included).
class DramWaits {
 public:
  struct Column {
    std::int64_t cycle = 0;      ///< of the command
    std::int64_t data_end = 0;   ///< first cycle after its data
    std::int64_t burst = 0;      ///< cycles of data
    std::int64_t row_began = 0;  ///< cycle its row's opening began; only where opens_row
    bool opens_row = false;
    bool after_conflict = false;
    bool is_write = false;
  };

  void reset() { *this = DramWaits{}; }
  void first_request(std::int64_t cycle) { waiting_since_ = cycle; }
  void refresh(std::int64_t from, std::int64_t to) {
    refresh_from_ = from;
    refresh_to_ = to;
  }

  /// Writes down there what causes() will be once all columns up to `cycle` have gone.
  /// Precondition: no earlier than those noted before.
  void note_at(std::int64_t cycle, ByCause<std::int64_t>& causes) {
    notes_.push_back({cycle, &causes});
  }
  /// What is still to be noted there is what they are now.
  void note_now(const ByCause<std::int64_t>& causes) {
    std::erase_if(notes_, [&](const Note& each) {
      if (each.causes != &causes) return false;
      *each.causes = causes_;
      return true;
    });
  }

  void column(const Column& c) {
    if (!notes_.empty()) take_notes(c.cycle);
    const std::int64_t gap = c.data_end - std::max(data_end_, waiting_since_);
    if (gap > 0 && gap <= c.burst) {
      causes_[Cause::bandwidth] += gap;
      data_end_ = c.data_end;
    } else if (gap > 0) {
      const bool was_idle = waiting_since_ >= data_end_;
      std::int64_t left = std::max<std::int64_t>(0, gap - c.burst);
      const auto charge = [&](Cause cause, std::int64_t cycles) {
        cycles = std::clamp<std::int64_t>(cycles, 0, left);
        causes_[cause] += cycles;
        left -= cycles;
      };
      causes_[Cause::bandwidth] += gap - left;
      const std::int64_t waited_from = c.cycle - left;
      charge(Cause::refresh, std::min(refresh_to_, c.cycle) - std::max(refresh_from_, waited_from));
      if (c.opens_row)
        charge(c.after_conflict ? Cause::bank_conflict : Cause::row_miss, c.cycle - c.row_began);
      if (was_idle) charge(Cause::bandwidth, c.data_end - c.cycle - c.burst);
      if (c.is_write != was_write_) charge(Cause::turnaround, left);
      charge(Cause::bandwidth, left);
      data_end_ = c.data_end;
    }
    was_write_ = c.is_write;
  }

  /// `count` columns like the last one, each `distance` cycles after the one before and for no
  /// other reason than the pace, the last one at cycle `last`.
  void more_columns(std::int64_t count, std::int64_t distance, std::int64_t last) {
    while (!notes_.empty() && notes_.front().cycle < last) {
      const std::int64_t later = ceil_div(last - notes_.front().cycle, distance);
      const std::int64_t sooner = std::max<std::int64_t>(0, count - later);
      pass(sooner * distance);
      count -= sooner;
      take_notes(notes_.front().cycle + 1);
    }
    pass(count * distance);
  }

  [[nodiscard]] std::int64_t data_end() const { return data_end_; }
  [[nodiscard]] const ByCause<std::int64_t>& causes() const { return causes_; }

 private:
  struct Note {
    std::int64_t cycle;
    ByCause<std::int64_t>* causes;
  };
  void pass(std::int64_t cycles) {
    causes_[Cause::bandwidth] += cycles;
    data_end_ += cycles;
  }
  /// Those of before `cycle`.
  void take_notes(std::int64_t cycle) {
    while (!notes_.empty() && notes_.front().cycle < cycle) {
      *notes_.front().causes = causes_;
      notes_.erase(notes_.begin());
    }
  }

  std::int64_t data_end_ = 0;
  std::int64_t waiting_since_ = 0;
  std::int64_t refresh_from_ = 0, refresh_to_ = 0;
  bool was_write_ = false;
  ByCause<std::int64_t> causes_;
  std::vector<Note> notes_;  ///< in order of time; few
};

}  // namespace razorsim
