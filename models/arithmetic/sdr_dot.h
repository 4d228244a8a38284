// SPDX-License-Identifier: Apache-2.0
// The SDR dot unit: `lanes` sign-magnitude multipliers of 3 magnitude bits, one signed tree, one
// flag adder, one barrel shifter and one accumulator. lanes < group holds the group in a sum
// register; lanes > group builds lanes / group trees and shifters.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct SdrDot {
  static constexpr UnitInfo info{
      .name = "sdr_dot",
      .meaning =
          "lanes SDR multipliers, one tree, flag add, barrel shift and accumulator an element",
      .scalar = false,
      .shifts = true,
      .shares_shifter = false,
      .plane_bits_a = 3,
      .plane_bits_w = 3,
      .latency_scalar = 2,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
