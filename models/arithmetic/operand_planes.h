// SPDX-License-Identifier: Apache-2.0
// An encoded operand cut into planes a multiplier can take.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Sign-magnitude planes of the codes of `matrix`, from the top: the sum over planes of
/// code * factor of the group * 2^(plane shift + shift of the group) is the element's value (but
/// for the real scales of tensor or row). A group's shift is its flag, or the exponent of its
/// scale; its factor is the scale's significand, 1 where that is all. The top plane keeps whatever
/// lies above it, so the code -2^m of the overflow rule `saturate` stays exact. FP16's codes are
/// one plane as they are.
class OperandPlanes {
 public:
  /// Throws ConfigError for FP32.
  OperandPlanes(const EncodedMatrix& matrix, int plane_bits);

  [[nodiscard]] int count() const { return static_cast<int>(shifts_.size()); }
  /// Codes of elements [begin, end) of a row in one plane.
  [[nodiscard]] std::span<const std::int16_t> codes(int plane, std::int64_t row, std::int64_t begin,
                                                    std::int64_t end) const {
    return {codes_.data() + (plane * rows_ + row) * cols_ + begin,
            static_cast<std::size_t>(end - begin)};
  }
  /// Shift of element `col` of a row in one plane: the plane's own plus that of its group.
  [[nodiscard]] int shift(int plane, std::int64_t row, std::int64_t col) const {
    const int own = shifts_[static_cast<std::size_t>(plane)];
    if (group_ == 0) return own;
    return own + group_shifts_[static_cast<std::size_t>(row * groups_per_row_ + col / group_)];
  }
  [[nodiscard]] std::int32_t factor(std::int64_t row, std::int64_t col) const {
    if (factors_.empty()) return 1;
    return factors_[static_cast<std::size_t>(row * groups_per_row_ + col / group_)];
  }

 private:
  std::vector<int> shifts_;
  std::vector<std::int16_t> codes_;  // planes x rows x cols
  std::vector<std::int16_t> group_shifts_;
  std::vector<std::int16_t> factors_;
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t group_;
  std::int64_t groups_per_row_;
};

}  // namespace razorsim
