// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_product.h"

namespace razorsim {

void step_product(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                  const EncodedMatrix& right, PeProduct& product, PeObserver* observer) {
  const auto step = array.dataflow == Dataflow::output_stationary ? step_output_stationary
                                                                  : step_operand_stationary;
  step(array, unit, left, right, product, observer);
}

}  // namespace razorsim
