// SPDX-License-Identifier: Apache-2.0
// The INT4 unit: `lanes` 4 x 4 multipliers, one tree, one accumulator. Wider operands go in passes
// of 3-bit sign-magnitude planes, at the plane's fixed distance; it has no shifter for flags.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Int4 {
  static constexpr UnitInfo info{
      .name = "int4",
      .meaning =
          "INT4 x INT4 multipliers, dot product of lanes an element; wider operands in passes of 3 "
          "bits",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 3,
      .plane_bits_w = 3,
      .latency_scalar = 1,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
