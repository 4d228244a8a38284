// SPDX-License-Identifier: Apache-2.0
// The INT4 unit for a scale a group: `lanes` 4 x 4 multipliers and one exact tree for a group, its
// sum times the FP16 scales of both operands (where an operand has none, one), rounded once to FP32
// and accumulated. Integer operands without such scales go in passes of 3 bits to an integer
// accumulator.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Int4Group {
  static constexpr UnitInfo info{
      .name = "int4_group",
      .meaning =
          "INT4 x INT4 dot product of lanes an element, FP16 scale a group, FP32 accumulator; "
          "wider "
          "operands in passes of 3 bits",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 3,
      .plane_bits_w = 3,
      .latency_scalar = 4,
      .latency_tree = 4,
      .scaled_format = "int4",
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
