// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/int4.h"

namespace razorsim {

void Int4::step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                UnitCounters& counters) {
  step_without_shift(spec, plan, state, beat, counters);
}

}  // namespace razorsim
