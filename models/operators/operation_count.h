// SPDX-License-Identifier: Apache-2.0
// How much a vector operation costs the vector unit: its timing and energy count these.
#pragma once

#include <cstdint>

#include "models/base/elementary_counts.h"
#include "models/base/operation.h"

namespace razorsim {

/// Elementary operations an element and a row, as the operator's own source carries them out.
/// `passes` counts how often the row's elements are read.
struct OperationCount {
  ElementaryCounts element{};
  ElementaryCounts row{};
  std::int64_t passes = 1;

  bool operator==(const OperationCount&) const = default;
};

// square, add | times 1/rms, times weight; row: mean, + epsilon, root, reciprocal
inline constexpr OperationCount rms_norm_count{
    .element = {.additions = 1, .multiplications = 3},
    .row = {.additions = 1, .divisions = 2, .square_roots = 1},
    .passes = 2};
// per output element: two products, one sum (sines and cosines come from a table)
inline constexpr OperationCount rope_count{.element = {.additions = 1, .multiplications = 2}};
// scale, maximum | subtract, exp, add | times 1/sum; row: reciprocal
inline constexpr OperationCount softmax_count{
    .element = {.additions = 2, .multiplications = 2, .comparisons = 1, .exponentials = 1},
    .row = {.divisions = 1},
    .passes = 3};
// negate, exp, + 1, divide, times up
inline constexpr OperationCount silu_gate_count{
    .element = {.additions = 2, .multiplications = 1, .divisions = 1, .exponentials = 1}};
inline constexpr OperationCount add_count{.element = {.additions = 1}};
// convert the accumulator, times scale_a * scale_w (that product is one a channel and row)
inline constexpr OperationCount rescale_count{.element = {.multiplications = 2, .conversions = 1}};
// Requantising: absmax and quantise of models/formats/scales.h, which the vector unit calls.
// magnitude, maximum: the pass a dynamic scale needs; the scale's own division, one a row, is left
// out
inline constexpr OperationCount maximum_count{.element = {.comparisons = 2}};
// divide, two clamps, round: stage 1 to base integers
inline constexpr OperationCount quantise_count{
    .element = {.comparisons = 2, .divisions = 1, .conversions = 1}};

/// The count of a vector operation of a trace; nothing for matrix products.
[[nodiscard]] constexpr OperationCount operation_count(OperationKind kind) {
  switch (kind) {
    case OperationKind::rms_norm: return rms_norm_count;
    case OperationKind::rope: return rope_count;
    case OperationKind::softmax: return softmax_count;
    case OperationKind::silu_gate: return silu_gate_count;
    case OperationKind::add: return add_count;
    case OperationKind::embedding:
    case OperationKind::linear:
    case OperationKind::scores:
    case OperationKind::context: break;
  }
  return {.passes = 0};
}

}  // namespace razorsim
