// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/sdr_w4a8.h"

namespace razorsim {

void SdrW4a8::step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters) {
  step_with_shift(spec, plan, state, beat, counters);
}

}  // namespace razorsim
