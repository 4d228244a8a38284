// SPDX-License-Identifier: Apache-2.0
// The INT16 x INT8 unit: the dedicated unit for base-16 activations against INT8 weights. Two
// 16-bit operands go in three passes of the right operand.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Int16x8 {
  static constexpr UnitInfo info{
      .name = "int16x8",
      .meaning = "INT16 x INT8 multipliers, dot product of lanes an element",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 15,
      .plane_bits_w = 7,
      .latency_scalar = 1,
      .latency_tree = 2,
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
