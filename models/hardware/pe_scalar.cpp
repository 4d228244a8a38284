// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_scalar.h"

namespace razorsim {

bool has_scalar_stepper(const ArraySpec& array, const UnitPlan& plan) {
  const bool sums_stay = array.dataflow == Dataflow::output_stationary;
  return plan.scalar && plan.shifts && (sums_stay || plan.shares_shifter);
}

ScalarOperand::ScalarOperand(const EncodedMatrix& operand, int plane_bits, std::int64_t group)
    : lines_(operand.rows), k_(operand.cols), groups_(ceil_div(operand.cols, group)) {
  const OperandPlanes planes(operand, plane_bits);
  for (int plane = 0; plane < planes.count(); ++plane) {
    for (std::int64_t line = 0; line < lines_; ++line) {
      for (const std::int16_t code : planes.codes(plane, line, 0, k_))
        codes_.push_back(static_cast<std::int8_t>(code));
      for (std::int64_t k = 0; k < k_; k += group)
        shifts_.push_back(static_cast<std::uint8_t>(planes.shift(plane, line, k)));
    }
  }
}

}  // namespace razorsim
