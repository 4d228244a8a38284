// SPDX-License-Identifier: Apache-2.0
// The FP16 unit: `lanes` multipliers of 11-bit significands, products aligned to the largest
// exponent (one guard bit, the rest cut off), one tree, one rounding to FP32 and an FP32
// accumulator.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Fp16Dot {
  static constexpr UnitInfo info{
      .name = "fp16",
      .meaning =
          "FP16 x FP16 dot product of lanes an element: products aligned to the largest, FP32 "
          "accumulator",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 0,
      .plane_bits_w = 0,
      .latency_scalar = 4,
      .latency_tree = 4,
      .scaled_format = "fp16",
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
