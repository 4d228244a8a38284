// SPDX-License-Identifier: Apache-2.0
// What every line of units.def provides, and the state and operands of one clock of an element.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/arithmetic/unit_plan.h"
#include "models/arithmetic/unit_spec.h"

namespace razorsim {

/// One line of units.def as data, for `razorsim list units` and error messages.
struct UnitInfo {
  std::string_view name;
  std::string_view meaning;
  bool scalar = false;          ///< one product a cycle: lanes must be 1
  bool shifts = false;          ///< group sums are shifted by flags: takes SDR
  bool shares_shifter = false;  ///< shift units and accumulators sit at the column
  int plane_bits_a = 0;         ///< magnitude bits of one multiplier input
  int plane_bits_w = 0;         ///< and of the other; the wider operand goes to the wider input
  int latency_scalar = 1;       ///< register stages from operands to accumulator at one lane
  int latency_tree = 2;         ///< and at several: the tree has a register behind it
  /// The format whose real scales it takes into its sums, which are then FP32: one a group of
  /// mxfp4, nvfp4 or int4, an exponent an element of fp16; empty where sums are integers only.
  std::string_view scaled_format = {};
};

/// What an element holds.
struct UnitState {
  std::int64_t accumulator =
      0;  ///< an integer, or where the plan says `floating` the bits of an FP32
  std::int32_t group_sum = 0;  ///< of the group under way, where a group takes several beats

  bool operator==(const UnitState&) const = default;
};

/// Operands of one beat: at most `products_per_beat` codes of one plane pair, consecutive along K
/// (fewer, or none, in the padding of a ragged tail).
struct Beat {
  std::span<const std::int16_t> a;
  std::span<const std::int16_t> w;
  std::span<const int> shifts;  ///< a group of the beat: both flags and both planes' shifts
  int pass = 0;                 ///< which plane pair
  bool ends_group = true;       ///< the group sum is complete with this beat
  /// A group of the beat: the product of both scales' significands (floating plans only).
  std::span<const std::int32_t> factors = {};
};

template <class U>
concept ArithmeticUnit = requires(const UnitSpec& spec, const UnitPlan& plan, UnitState& state,
                                  const Beat& beat, UnitCounters& counters) {
  { U::info } -> std::convertible_to<UnitInfo>;
  { U::step(spec, plan, state, beat, counters) } -> std::same_as<void>;
};

/// Events every unit counts alike, whatever it does with the sum.
void count_products(const UnitPlan& plan, const Beat& beat, UnitCounters& counters);

/// The step of units whose group sums go through a shifter (SDR): tree or multiplier, sum register,
/// flag add, barrel shift, accumulator.
void step_with_shift(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                     UnitCounters& counters);
/// The step of integer units: every beat's sum of products is accumulated, at the plane's distance.
void step_without_shift(const UnitSpec& spec, const UnitPlan& plan, UnitState& state,
                        const Beat& beat, UnitCounters& counters);
/// The step of units with a real scale a group: exact integer sum of the group, times both scales,
/// rounded once to FP32 and added to an FP32 accumulator. Plain integers go step_without_shift's
/// way to an integer accumulator beside it.
void step_with_scale(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                     UnitCounters& counters);

}  // namespace razorsim
