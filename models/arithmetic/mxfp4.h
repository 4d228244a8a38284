// SPDX-License-Identifier: Apache-2.0
// The MXFP4 unit: E2M1 elements as fixed point (twice their value, 4 magnitude bits), `lanes`
// multipliers and one exact tree for a block, both E8M0 scales added as exponents, FP32 from block
// to block. Integer operands bypass the element decoder, in passes of 4 bits, to an integer
// accumulator.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Mxfp4 {
  static constexpr UnitInfo info{
      .name = "mxfp4",
      .meaning =
          "E2M1 x E2M1 dot product of lanes an element, exact inside a block, power-of-two scales, "
          "FP32 "
          "accumulator; integers in passes of 4 bits",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 4,
      .plane_bits_w = 4,
      .latency_scalar = 3,
      .latency_tree = 3,
      .scaled_format = "mxfp4",
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
