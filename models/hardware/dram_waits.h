// SPDX-License-Identifier: Apache-2.0
// Why a channel's data bus stood still while somebody waited.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/base/cause.h"

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

  void column(const Column& c) {
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
  /// other reason than the pace.
  void more_columns(std::int64_t count, std::int64_t distance) {
    causes_[Cause::bandwidth] += count * distance;
    data_end_ += count * distance;
  }

  [[nodiscard]] std::int64_t data_end() const { return data_end_; }
  [[nodiscard]] const ByCause<std::int64_t>& causes() const { return causes_; }

 private:
  std::int64_t data_end_ = 0;
  std::int64_t waiting_since_ = 0;
  std::int64_t refresh_from_ = 0, refresh_to_ = 0;
  bool was_write_ = false;
  ByCause<std::int64_t> causes_;
};

}  // namespace razorsim
