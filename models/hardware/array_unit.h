// SPDX-License-Identifier: Apache-2.0
// Which arithmetic unit an array is built of, and what that unit is given to multiply.
#pragma once

#include <vector>

#include "models/arithmetic/units.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/hardware/specs.h"

namespace razorsim {

/// K and V at their base are plain integers to the unit.
[[nodiscard]] FormatSpec base_of(const FormatSpec& format);

/// What the unit multiplies the softmax output by: V itself where its groups run along tokens, its
/// base integers where each product would need a shift of its own.
[[nodiscard]] FormatSpec context_right(const FormatSpec& value, ValueAxis axis);

/// The unit of an array for `operations`. Named "auto": the one that takes all products, and the
/// linear operations of the layers in the fewest cycles, then with the smallest multiplier. Without
/// accumulator bits: as wide as those operations' formats need. Throws ConfigError.
[[nodiscard]] UnitSpec choose_unit(const UnitSpec& spec, const std::vector<Operation>& operations,
                                   const Scheme& scheme);

/// How `unit` takes the pair in an array of this dataflow. Throws ConfigError where it can't: FP32
/// partial sums that move on would add up in another order than the canonical one.
[[nodiscard]] UnitPlan plan_on(const ArraySpec& array, const UnitSpec& unit, const FormatSpec& left,
                               const FormatSpec& right);

}  // namespace razorsim
