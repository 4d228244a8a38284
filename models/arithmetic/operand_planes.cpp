// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/operand_planes.h"

#include <cstdlib>

#include "models/arithmetic/group_scales.h"
#include "models/arithmetic/unit_plan.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/formats/planes.h"

namespace razorsim {

OperandPlanes::OperandPlanes(const EncodedMatrix& matrix, int plane_bits)
    : rows_(matrix.rows), cols_(matrix.cols) {
  const IntegerOperand operand = multiplier_operand(matrix.format);
  const std::size_t size = static_cast<std::size_t>(rows_ * cols_);
  promise(matrix.codes.size() == size, "an encoded matrix without all its codes");
  group_ = operand.group;
  groups_per_row_ = operand.grouped() ? matrix.groups_per_row() : 0;
  GroupScales scales = group_scales(matrix);
  promise(scales.exponents.size() == static_cast<std::size_t>(rows_ * groups_per_row_),
          "an encoded matrix without all its flags or scales");
  group_shifts_ = std::move(scales.exponents);
  factors_ = std::move(scales.significands);
  if (operand.magnitude_bits == 0) {
    shifts_ = {0};
    codes_ = matrix.codes;
    return;
  }
  const std::vector<std::int16_t> elements = fixed_point_elements(matrix);
  shifts_ = plane_shifts(operand.magnitude_bits, plane_bits);
  codes_.resize(size * shifts_.size());
  int above = operand.magnitude_bits + 1;  // the top plane is not masked
  for (std::size_t plane = 0; plane < shifts_.size(); ++plane) {
    const int mask = (1 << (above - shifts_[plane])) - 1;
    above = shifts_[plane];
    for (std::size_t i = 0; i < size; ++i) {
      const int code = elements[i];
      const int digit = (std::abs(code) >> shifts_[plane]) & mask;
      codes_[plane * size + i] = static_cast<std::int16_t>(code < 0 ? -digit : digit);
    }
  }
}

}  // namespace razorsim
