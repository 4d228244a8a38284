// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/nvfp4.h"

namespace razorsim {

void Nvfp4::step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                 UnitCounters& counters) {
  step_with_scale(spec, plan, state, beat, counters);
}

}  // namespace razorsim
