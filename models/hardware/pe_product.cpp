// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_product.h"

#include "models/base/errors.h"
#include "models/hardware/pe_scalar.h"

namespace razorsim {

void step_product(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                  const EncodedMatrix& right, PeProduct& product, PeObserver* observer) {
  promise(unit.accumulator_bits >= 8, "an array steps with an accumulator of no width");
  const bool sums_stay = array.dataflow == Dataflow::output_stationary;
  if (observer == nullptr && has_scalar_stepper(plan(unit, left.format, right.format))) {
    const auto step = sums_stay ? step_scalar_output_stationary : step_scalar_operand_stationary;
    return step(array, unit, left, right, product);
  }
  const auto step = sums_stay ? step_output_stationary : step_operand_stationary;
  step(array, unit, left, right, product, observer);
}

}  // namespace razorsim
