// SPDX-License-Identifier: Apache-2.0
// The lean SDR element: one multiplier and an 11-bit group sum (at g = 16). The wide accumulators
// and ceil(rows / group) shift units sit at the column, since its rows end a group every `group`
// cycles. A sum meets one register more than in the other units: the one at the column's foot.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct SdrLean {
  static constexpr UnitInfo info{
      .name = "sdr_lean",
      .meaning =
          "scalar SDR element with a group sum only; shift units and accumulators at the column",
      .scalar = true,
      .shifts = true,
      .shares_shifter = true,
      .plane_bits_a = 3,
      .plane_bits_w = 3,
      .latency_scalar = 3,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
