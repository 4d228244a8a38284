// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/sdr_full.h"

namespace razorsim {

void SdrFull::step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters) {
  step_with_shift(spec, plan, state, beat, counters);
}

}  // namespace razorsim
