// SPDX-License-Identifier: Apache-2.0
// An encoded integer operand cut into planes a multiplier can take.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Sign-magnitude planes of the codes of `matrix`, from the top: the sum over planes of
/// code * 2^(plane shift + flag of the group) is the element's value. The top plane keeps whatever
/// lies above it, so the code -2^m of the overflow rule `saturate` stays exact.
class OperandPlanes {
 public:
  /// Throws ConfigError for floating formats. Keeps a reference to `matrix`'s flags.
  OperandPlanes(const EncodedMatrix& matrix, int plane_bits);

  [[nodiscard]] int count() const { return static_cast<int>(shifts_.size()); }
  /// Codes of elements [begin, end) of a row in one plane.
  [[nodiscard]] std::span<const std::int16_t> codes(int plane, std::int64_t row, std::int64_t begin,
                                                    std::int64_t end) const {
    return {codes_.data() + (plane * rows_ + row) * cols_ + begin,
            static_cast<std::size_t>(end - begin)};
  }
  /// Shift of element `col` of a row in one plane: the plane's own plus the flag of its group.
  [[nodiscard]] int shift(int plane, std::int64_t row, std::int64_t col) const {
    const int own = shifts_[static_cast<std::size_t>(plane)];
    if (group_ == 0) return own;
    return own + flags_[static_cast<std::size_t>(row * groups_per_row_ + col / group_)];
  }

 private:
  std::vector<int> shifts_;
  std::vector<std::int16_t> codes_;  // planes x rows x cols
  std::span<const std::uint8_t> flags_;
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t group_;
  std::int64_t groups_per_row_;
};

}  // namespace razorsim
