// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_scalar.h"

#include <algorithm>

namespace razorsim {

ScalarOperand::ScalarOperand(const EncodedMatrix& operand, int plane_bits, std::int64_t group)
    : lines_(operand.rows), group_(group), groups_(ceil_div(operand.cols, group)) {
  const OperandPlanes planes(operand, plane_bits);
  const std::int64_t padded = groups_ * group_;
  codes_.resize(static_cast<std::size_t>(planes.count() * lines_ * padded));
  for (int plane = 0; plane < planes.count(); ++plane) {
    for (std::int64_t line = 0; line < lines_; ++line) {
      const auto codes = planes.codes(plane, line, 0, operand.cols);
      std::transform(codes.begin(), codes.end(), codes_.begin() + (plane * lines_ + line) * padded,
                     [](std::int16_t code) { return static_cast<std::int8_t>(code); });
    }
    for (std::int64_t k = 0; k < operand.cols; k += group_) {
      for (std::int64_t line = 0; line < lines_; ++line)
        shifts_.push_back(static_cast<std::uint8_t>(planes.shift(plane, line, k)));
    }
  }
}

int ScalarOperand::largest_shift() const {
  return shifts_.empty() ? 0 : *std::max_element(shifts_.begin(), shifts_.end());
}

}  // namespace razorsim
