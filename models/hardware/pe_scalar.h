// SPDX-License-Identifier: Apache-2.0
// Arrays of scalar SDR elements, the products of a clock side by side in vectors: what the steppers
// of pe_product.h do, cycle for cycle and bit for bit, many times faster and without a view inside.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/operand_planes.h"
#include "models/hardware/pe_product.h"

namespace razorsim {

/// True where the two below take a product.
[[nodiscard]] inline bool has_scalar_stepper(const UnitPlan& plan) {
  return plan.scalar && plan.shifts;
}

void step_scalar_output_stationary(const ArraySpec& array, const UnitSpec& unit,
                                   const EncodedMatrix& left, const EncodedMatrix& right,
                                   PeProduct& product);
void step_scalar_operand_stationary(const ArraySpec& array, const UnitSpec& unit,
                                    const EncodedMatrix& left, const EncodedMatrix& right,
                                    PeProduct& product);

/// A scalar element's operand: all its planes in bytes, each line padded to whole groups, and the
/// shift of every group in each plane.
class ScalarOperand {
 public:
  ScalarOperand(const EncodedMatrix& operand, int plane_bits, std::int64_t group);

  [[nodiscard]] std::int64_t groups() const { return groups_; }
  [[nodiscard]] const std::int8_t* codes(int plane, std::int64_t line) const {
    return codes_.data() + (plane * lines_ + line) * groups_ * group_;
  }
  /// Of one group in one plane, a byte a line.
  [[nodiscard]] const std::uint8_t* shifts(int plane, std::int64_t group) const {
    return shifts_.data() + (plane * groups_ + group) * lines_;
  }
  /// Of all planes and groups.
  [[nodiscard]] int largest_shift() const;

 private:
  std::int64_t lines_;
  std::int64_t group_;
  std::int64_t groups_;
  std::vector<std::int8_t> codes_;
  std::vector<std::uint8_t> shifts_;
};

}  // namespace razorsim
