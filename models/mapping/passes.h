// SPDX-License-Identifier: Apache-2.0
// Which operations run together in one pass over the machine, and in which format each tensor
// travels.
#pragma once

#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/scheme.h"

namespace razorsim {

enum class PassKind { product, attention, vector };

/// A fused group. Operations index the list given to `passes_of`, in its order.
///   product    one linear operation, or gate and up side by side, then what the vector unit does
///   to
///              each output tile on its way out: rope, silu_gate, residual add
///   attention  scores, softmax, context: head by head, row block by row block, nothing leaves the
///   chip between vector     a vector operation alone
struct Pass {
  PassKind kind = PassKind::vector;
  std::vector<int> operations;

  bool operator==(const Pass&) const = default;
};

/// Groups operations that follow one another. An operation whose input is not made by its neighbour
/// stays alone, so any list of operations is legal.
[[nodiscard]] std::vector<Pass> passes_of(const std::vector<Operation>& operations);

/// The format in which tensor `name` is stored: that of its consumers, FP32 where a vector
/// operation reads it or nothing does.
[[nodiscard]] FormatSpec stored_format(const std::string& name,
                                       const std::vector<Operation>& operations,
                                       const Scheme& scheme);

/// Formats of the two operands of a product.
struct ProductFormats {
  FormatSpec left;
  FormatSpec right;
};
[[nodiscard]] ProductFormats formats_of(const Operation& operation, const Scheme& scheme);

}  // namespace razorsim
