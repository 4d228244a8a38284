// SPDX-License-Identifier: Apache-2.0
// The list of arithmetic units: which there are, which formats they take, and the exact product of
// two encoded matrices, beat by beat.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/arithmetic/arithmetic_unit.h"
#include "models/arithmetic/unit_plan.h"
#include "models/arithmetic/unit_spec.h"
#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Every line of units.def, in its order.
[[nodiscard]] std::span<const UnitInfo> units();
/// Throws ConfigError at `path` with the nearest name.
[[nodiscard]] const UnitInfo& unit_info(std::string_view name,
                                        std::string_view path = "array.unit.unit");

/// How `spec` multiplies format `a` (left: activations) by format `w` (right: weights).
/// Throws ConfigError naming units that can where this one can't, or where groups and lanes clash.
/// Messages name fields below `path`, where the configuration has the unit.
[[nodiscard]] UnitPlan plan(const UnitSpec& spec, const FormatSpec& a, const FormatSpec& w,
                            std::string_view path = "array.unit");
/// Names of the units that take the pair; empty where none does (FP32, two floating formats).
[[nodiscard]] std::vector<std::string_view> units_that_take(const FormatSpec& a,
                                                            const FormatSpec& w);

/// One clock of one element of a unit. Exact; the counters gain the events.
using UnitStep = void (*)(const UnitSpec&, const UnitPlan&, UnitState&, const Beat&, UnitCounters&);
[[nodiscard]] UnitStep unit_step(std::string_view name);
/// The same by the name in `spec`.
void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
          UnitCounters& counters);

/// An accumulated product.
struct UnitProduct {
  /// m x n, row-major: integers, or where the plan says `floating` the bits of FP32 numbers
  std::vector<std::int64_t> accumulators;
  UnitCounters counters;

  bool operator==(const UnitProduct&) const = default;
};

/// a (m x k) times w (n x k) transposed with every beat of every element stepped: the definition
/// that the kernel, the arrays and the RTL are compared with. Order of accumulation: SDR units take
/// K ascending, a group (or the groups of one beat) at a time, and within it the plane pairs from
/// the top, planes of `w` innermost; integer units take one plane pair after the other, K ascending
/// in each; floating units take K ascending, a group at a time. Slow: see kernel.h and saturating.h
/// for the same result fast.
[[nodiscard]] UnitProduct multiply_by_unit(const UnitSpec& spec, const EncodedMatrix& a,
                                           const EncodedMatrix& w);

}  // namespace razorsim
