// SPDX-License-Identifier: Apache-2.0
// How much a vector operation costs the vector unit: its timing and energy count these.
#pragma once

#include <cstdint>

#include "models/base/operation.h"

namespace razorsim {

/// Elementary operations on one row of n elements, as the operator's own source carries them out.
/// Simple: add, subtract, multiply, compare, convert, round. Special: exp, division, square root
/// (one each, however a unit computes them). `passes` counts how often the row's elements are read.
struct OperationCount {
  std::int64_t simple_per_element = 0;
  std::int64_t special_per_element = 0;
  std::int64_t simple_per_row = 0;
  std::int64_t special_per_row = 0;
  std::int64_t passes = 1;

  [[nodiscard]] constexpr std::int64_t operations_per_element() const {
    return simple_per_element + special_per_element;
  }
  bool operator==(const OperationCount&) const = default;
};

// square, add | times 1/rms, times weight; row: mean, + epsilon | root, reciprocal
inline constexpr OperationCount rms_norm_count{4, 0, 1, 3, 2};
// per output element: two products, one sum (sines and cosines come from a table)
inline constexpr OperationCount rope_count{3, 0, 0, 0, 1};
// scale, maximum | subtract, exp, add | times 1/sum; row: reciprocal
inline constexpr OperationCount softmax_count{5, 1, 0, 1, 3};
// negate, exp, + 1, divide, times up
inline constexpr OperationCount silu_gate_count{3, 2, 0, 0, 1};
inline constexpr OperationCount add_count{1, 0, 0, 0, 1};
// convert the accumulator, times scale_a * scale_w (that product is one a channel and row)
inline constexpr OperationCount rescale_count{3, 0, 0, 0, 1};
// Requantising: absmax and quantise of models/formats/scales.h, which the vector unit calls.
// magnitude, maximum: the pass a dynamic scale needs; row: the scale's division
inline constexpr OperationCount maximum_count{2, 0, 0, 1, 1};
// divide, two clamps, round: stage 1 to base integers
inline constexpr OperationCount quantise_count{3, 1, 0, 0, 1};

/// The count of a vector operation of a trace; nothing for matrix products.
[[nodiscard]] constexpr OperationCount operation_count(OperationKind kind) {
  switch (kind) {
    case OperationKind::rms_norm: return rms_norm_count;
    case OperationKind::rope: return rope_count;
    case OperationKind::softmax: return softmax_count;
    case OperationKind::silu_gate: return silu_gate_count;
    case OperationKind::add: return add_count;
    case OperationKind::linear:
    case OperationKind::scores:
    case OperationKind::context: break;
  }
  return {0, 0, 0, 0, 0};
}

}  // namespace razorsim
