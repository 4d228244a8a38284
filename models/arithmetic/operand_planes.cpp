// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/operand_planes.h"

#include <cstdlib>

#include "models/arithmetic/unit_plan.h"
#include "models/base/errors.h"
#include "models/formats/planes.h"

namespace razorsim {

OperandPlanes::OperandPlanes(const EncodedMatrix& matrix, int plane_bits)
    : flags_(matrix.group_codes), rows_(matrix.rows), cols_(matrix.cols) {
  const IntegerOperand operand = integer_operand(matrix.format);
  shifts_ = plane_shifts(operand.magnitude_bits, plane_bits);
  group_ = operand.group;
  groups_per_row_ = operand.grouped() ? matrix.groups_per_row() : 0;
  const std::size_t size = static_cast<std::size_t>(rows_ * cols_);
  promise(matrix.codes.size() == size, "an encoded matrix without all its codes");
  promise(!operand.grouped() || flags_.size() == static_cast<std::size_t>(rows_ * groups_per_row_),
          "an encoded matrix without all its flags");
  codes_.resize(size * shifts_.size());
  int above = operand.magnitude_bits + 1;  // the top plane is not masked
  for (std::size_t plane = 0; plane < shifts_.size(); ++plane) {
    const int mask = (1 << (above - shifts_[plane])) - 1;
    above = shifts_[plane];
    for (std::size_t i = 0; i < size; ++i) {
      const int code = matrix.codes[i];
      const int digit = (std::abs(code) >> shifts_[plane]) & mask;
      codes_[plane * size + i] = static_cast<std::int16_t>(code < 0 ? -digit : digit);
    }
  }
}

}  // namespace razorsim
