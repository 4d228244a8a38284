// SPDX-License-Identifier: Apache-2.0
// One clock of a whole array of scalar SDR elements: multipliers and group sums, a row side by side
// in vectors. What SdrLean::step does to one element with one beat.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/arithmetic/sdr_datapath.h"

namespace razorsim {

/// Vectors may run over the end of a row by so many bytes. What lies there means nothing.
inline constexpr std::int64_t row_margin = 64;

/// Registers of rows x cols elements, row by row.
template <class T>
class RowRegisters {
 public:
  RowRegisters(std::int64_t rows, std::int64_t cols)
      : stride_((cols + 2 * row_margin - 1) / row_margin * row_margin),
        memory_(static_cast<std::size_t>(rows * stride_)) {}

  [[nodiscard]] T* row(std::int64_t index) { return memory_.data() + index * stride_; }
  [[nodiscard]] T& at(std::int64_t index, std::int64_t col) { return row(index)[col]; }

 private:
  std::int64_t stride_;
  std::vector<T> memory_;
};

/// A row of registers that pass their codes on to the right: a window that slides to the left over
/// memory, so that a shift costs the one code that enters.
class ShiftRow {
 public:
  explicit ShiftRow(std::int64_t cols)
      : cols_(cols), memory_(static_cast<std::size_t>(turn + cols + row_margin)), at_(turn) {}

  void shift(std::int8_t entering) {
    if (at_ == 0) {
      std::copy_backward(memory_.begin(), memory_.begin() + cols_, memory_.begin() + turn + cols_);
      at_ = turn;
    }
    memory_[static_cast<std::size_t>(--at_)] = entering;
  }
  [[nodiscard]] const std::int8_t* codes() const { return memory_.data() + at_; }

 private:
  static constexpr std::int64_t turn = 1024;
  std::int64_t cols_;
  std::vector<std::int8_t> memory_;
  std::int64_t at_;
};

/// One row's part of a clock: sums[i] = above[i] + a[i] * w[i]. `above` is `sums` where sums stay,
/// the row above (as it was before this clock) where they move down.
struct RowClock {
  const std::int8_t* a = nullptr;
  const std::int8_t* w = nullptr;
  const std::int16_t* above = nullptr;
  std::int16_t* sums = nullptr;
};

/// All rows of an array of `cols` columns, in the order given. |sum| <= 64 * 511 fits its register.
void clock_rows(const std::vector<RowClock>& rows, std::int64_t cols);

/// A row of shift units at work: to[i] = from[i] + (sums[i] << (flags_moving[i] + flags_held[i])).
struct RowShift {
  const std::int16_t* sums = nullptr;
  const std::int8_t* flags_moving = nullptr;  ///< never negative
  const std::uint8_t* flags_held = nullptr;
  const std::int64_t* from = nullptr;  ///< partial sums of the row above, before this clock
  std::int64_t* to = nullptr;
};

/// All rows of shift units of an array, in the order given; returns how many additions did not fit
/// the accumulator.
[[nodiscard]] std::int64_t shift_rows(const std::vector<RowShift>& rows, std::int64_t cols,
                                      const datapath::Accumulator& form);

}  // namespace razorsim
