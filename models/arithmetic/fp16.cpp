// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/fp16.h"

#include "models/arithmetic/fp32_datapath.h"

namespace razorsim {

void Fp16Dot::step(const UnitSpec&, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters) {
  count_products(plan, beat, counters);
  datapath::add_fp32(state.accumulator, datapath::fp16_dot(beat.a.data(), beat.w.data(),
                                                           static_cast<int>(beat.a.size())));
  ++counters.group_ends;
}

}  // namespace razorsim
