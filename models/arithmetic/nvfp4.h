// SPDX-License-Identifier: Apache-2.0
// The NVFP4 unit: as the MXFP4 unit, but a block's exact sum is multiplied by the significands of
// both E4M3 scales, which still loses nothing: 12 + 8 bits fit FP32's 24. The tensors' own FP32
// scales are the vector unit's.
#pragma once

#include "models/arithmetic/arithmetic_unit.h"

namespace razorsim {

struct Nvfp4 {
  static constexpr UnitInfo info{
      .name = "nvfp4",
      .meaning =
          "E2M1 x E2M1 dot product of lanes an element, exact inside a block, E4M3 scales, FP32 "
          "accumulator; integers in passes of 4 bits",
      .scalar = false,
      .shifts = false,
      .shares_shifter = false,
      .plane_bits_a = 4,
      .plane_bits_w = 4,
      .latency_scalar = 4,
      .latency_tree = 4,
      .scaled_format = "nvfp4",
  };
  static void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                   UnitCounters& counters);
};

}  // namespace razorsim
