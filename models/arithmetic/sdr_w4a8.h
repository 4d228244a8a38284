// SPDX-License-Identifier: Apache-2.0
// The SDR dot unit for W4A8: as sdr_dot, but `lanes` multipliers of 7 by 3 magnitude bits, so that
// 8-bit activation codes (7 magnitude bits) take one pass instead of three.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct SdrW4a8 {
  static constexpr UnitInfo info{
      .name = "sdr_w4a8",
      .meaning =
          "lanes SDR multipliers of 7 x 3 magnitude bits (8-bit activation codes in one pass), one "
          "tree, flag add, barrel shift and accumulator an element",
      .scalar = false,
      .shifts = true,
      .shares_shifter = false,
      .plane_bits_a = 7,
      .plane_bits_w = 3,
      .latency_scalar = 2,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
