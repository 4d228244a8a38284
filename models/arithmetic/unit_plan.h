// SPDX-License-Identifier: Apache-2.0
// How a unit takes a pair of formats: planes, passes, groups and beats. Shapes only, no values.
#pragma once

#include <cstdint>

#include "models/arithmetic/unit_spec.h"
#include "models/base/scheme.h"
#include "models/base/units.h"

namespace razorsim {

/// E2M1's values are multiples of a half: twice the value is an integer of at most 12.
inline constexpr int doubled_e2m1_bits = 4;

/// An integer operand as a multiplier sees it. Throws ConfigError for a floating format.
struct IntegerOperand {
  int magnitude_bits = 0;      ///< of a code; its sign comes on top
  int group = 0;               ///< elements that share a flag, 0 where the format has none
  bool reaches_minus = false;  ///< -2^magnitude_bits is a code too (overflow rule `saturate`)

  [[nodiscard]] bool grouped() const { return group > 0; }
};
[[nodiscard]] IntegerOperand integer_operand(const FormatSpec& format);
/// False for floating formats and for a real scale a group: their group sums need a multiplication.
[[nodiscard]] bool is_integer(const FormatSpec& format);
/// What a multiplier sees of any format but FP32: elements of the 4-bit floating formats as fixed
/// point, FP16's codes whole.
[[nodiscard]] IntegerOperand multiplier_operand(const FormatSpec& format);

/// What `UnitSpec` and two formats come to. Made by `plan()` in units.h.
struct UnitPlan {
  int lanes = 1;                ///< multipliers of the element
  int plane_bits_a = 3;         ///< magnitude bits the multiplier takes of the left operand
  int plane_bits_w = 3;         ///< and of the right
  int planes_a = 1;             ///< planes of the left operand (activations, query, softmax output)
  int planes_w = 1;             ///< planes of the right operand (weights, K, V)
  int group = 16;               ///< elements one addition to the accumulator covers
  int products_per_beat = 1;    ///< multipliers at work in a full beat
  bool shifts = true;           ///< group sums are shifted by the sum of two flags, or scaled
  bool floating = false;        ///< real scales or exponents: the accumulator is FP32
  bool scalar = false;          ///< one multiplier, with K along the rows where an operand stays
  bool shares_shifter = false;  ///< shift units and accumulators sit at the column
  int latency_cycles = 1;       ///< register stages from operands to accumulator

  [[nodiscard]] int passes() const { return planes_a * planes_w; }
  /// Group sums that end in one beat at most, each with a shifter of its own.
  [[nodiscard]] int shifters() const {
    return products_per_beat > group ? products_per_beat / group : 1;
  }
  /// Beats that a group takes in one pass; 1 where a beat holds one group or several.
  [[nodiscard]] int beats_per_group() const {
    return group > products_per_beat ? group / products_per_beat : 1;
  }
  [[nodiscard]] std::int64_t groups(std::int64_t k) const {
    return ceil_div<std::int64_t>(k, group);
  }
  /// Beats of one output element: K padded in time to whole groups, every pass.
  [[nodiscard]] std::int64_t beats(std::int64_t k) const {
    return ceil_div<std::int64_t>(groups(k), shifters()) * beats_per_group() * passes();
  }
  bool operator==(const UnitPlan&) const = default;
};

/// Counters of an m x n x k product on units of this plan, `overflows` left 0.
[[nodiscard]] UnitCounters count(const UnitPlan& plan, std::int64_t m, std::int64_t n,
                                 std::int64_t k);

}  // namespace razorsim
