// SPDX-License-Identifier: Apache-2.0
// One clock of a whole array of scalar SDR elements: multipliers and group sums, a row side by side
// in vectors. What SdrLean::step does to one element with one beat.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
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

/// Rows of registers that pass their codes on to the right, all in the same clock: windows that
/// slide to the left over memory, so that a shift costs the codes that enter.
class ShiftRows {
 public:
  ShiftRows(std::int64_t rows, std::int64_t cols)
      : rows_(rows),
        cols_(cols),
        stride_(turn + cols + row_margin),
        memory_(static_cast<std::size_t>(rows * stride_)) {}

  /// Moves every row on by one; the codes that enter are to be written to the front of `row()`.
  void shift() {
    if (at_ == 0) {
      for (std::int64_t row = 0; row < rows_; ++row) {
        const auto first = memory_.begin() + row * stride_;
        std::copy_backward(first, first + cols_, first + turn + cols_);
      }
      at_ = turn;
    }
    --at_;
  }
  [[nodiscard]] std::int8_t* row(std::int64_t index) {
    return memory_.data() + index * stride_ + at_;
  }

 private:
  static constexpr std::int64_t turn = 1024;
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t stride_;
  std::vector<std::int8_t> memory_;
  std::int64_t at_ = turn;
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
template <class Sum>
struct RowShift {
  const std::int16_t* sums = nullptr;
  const std::int8_t* flags_moving = nullptr;  ///< never negative
  const std::uint8_t* flags_held = nullptr;
  const Sum* from = nullptr;  ///< partial sums of the row above, before this clock
  Sum* to = nullptr;
};

/// All rows of shift units of an array, in the order given; returns how many additions did not fit
/// the accumulator.
[[nodiscard]] std::int64_t shift_rows(const std::vector<RowShift<std::int64_t>>& rows,
                                      std::int64_t cols, const datapath::Accumulator& form);

/// The same where `fits_narrow`: twice as many side by side, and none to look at again.
void shift_rows(const std::vector<RowShift<std::int32_t>>& rows, std::int64_t cols);

/// Whether neither 32 bits nor the accumulator can overflow: `additions` of sums of up to
/// `products` products each, shifted by `distance` at most, onto zero.
[[nodiscard]] inline bool fits_narrow(std::int64_t additions, std::int64_t products, int distance,
                                      const datapath::Accumulator& form) {
  constexpr std::int64_t largest_product = 64;  // of the codes -8 and -8
  constexpr std::int64_t narrow = std::numeric_limits<std::int32_t>::max();
  return distance < 31 &&
         additions * products * largest_product <= (std::min(narrow, form.largest()) >> distance);
}

}  // namespace razorsim
