// SPDX-License-Identifier: Apache-2.0
// Inside output_comparison: the sums of one row by vectors. Users include output_comparison.h.
#pragma once

#include <cstddef>
#include <span>

#include "sim/values/output_comparison.h"

namespace razorsim {

/// Adds a part of a row to its sums. Equal in every bit on every instruction set. What lies `ahead`
/// elements beyond each of the reference is asked for meanwhile.
void add_lane_sums(std::span<const float> reference, std::span<const float> output,
                   std::ptrdiff_t ahead, LaneSums& sums);

}  // namespace razorsim
