// SPDX-License-Identifier: Apache-2.0
// One clock of a whole array of scalar SDR elements: multipliers and group sums, rows side by side
// in vectors. What SdrLean::step does to one element with one beat.
#pragma once

#include <cstdint>
#include <vector>

namespace razorsim {

/// Registers of rows x cols elements, row by row, with room at both ends of a row for vectors that
/// run over. What lies there means nothing.
template <class T>
class RowRegisters {
 public:
  static constexpr std::int64_t margin = 64;

  RowRegisters(std::int64_t rows, std::int64_t cols)
      : stride_(margin + (cols + margin - 1) / margin * margin),
        memory_(static_cast<std::size_t>(rows * stride_ + margin)) {}

  [[nodiscard]] T* row(std::int64_t index) { return memory_.data() + index * stride_ + margin; }
  [[nodiscard]] T& at(std::int64_t index, std::int64_t col) { return row(index)[col]; }

 private:
  std::int64_t stride_;
  std::vector<T> memory_;
};

/// One row's part of a clock. Codes of `moving` go one element to the right and `entering` takes
/// the first; then sums[i] = above[i] + moving[i] * other[i]. `above` is `sums` where sums stay,
/// the row above (as it was before this clock) where they move down.
struct RowClock {
  std::int8_t* moving = nullptr;
  std::int8_t entering = 0;
  const std::int8_t* other = nullptr;
  const std::int16_t* above = nullptr;
  std::int16_t* sums = nullptr;
};

/// All rows of an array of `cols` columns, in the order given. |sum| <= 64 * 511 fits its register.
void clock_rows(const std::vector<RowClock>& rows, std::int64_t cols);

}  // namespace razorsim
