// SPDX-License-Identifier: Apache-2.0
// The INT8 unit: `lanes` 8 x 8 multipliers, one tree, one accumulator; scalar at one lane. Wider
// operands go in passes of 7-bit sign-magnitude planes, at the plane's fixed distance.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Int8 {
  static constexpr UnitInfo info{
      .name = "int8",
      .meaning =
          "INT8 x INT8 multipliers, dot product of lanes an element; wider operands in passes of 7 "
          "bits",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 7,
      .plane_bits_w = 7,
      .latency_scalar = 1,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
