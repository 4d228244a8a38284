// SPDX-License-Identifier: Apache-2.0
// Query, K and V as attention reads them: cut into heads, encoded along the dimension it reduces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

/// The dimension along which an operand is grouped and reduced.
enum class ReductionAxis { features, tokens };

/// Query, K or V, one matrix a head: tokens x head_dim, or head_dim x tokens where it is grouped
/// along tokens.
struct AttentionOperand {
  std::vector<EncodedMatrix> heads;
  /// V grouped along features as its product takes it, head_dim x tokens: FP16, or plain integers,
  /// since groups along head_dim cannot be summed over tokens.
  std::vector<EncodedMatrix> turned;
  /// V in plain integers of its base, head_dim x tokens, at which its incomplete groups are read;
  /// of no other operand.
  std::vector<EncodedMatrix> base;
  ReductionAxis axis = ReductionAxis::features;
  FormatSpec format;

  /// The heads that a product takes as its right operand.
  [[nodiscard]] const std::vector<EncodedMatrix>& right() const {
    return turned.empty() ? heads : turned;
  }
};

/// How a tensor of (sequences * tokens) x (heads * head_dim) is cut, and whether it is V.
struct HeadShape {
  std::int64_t sequences = 1;
  std::int64_t head_dim = 0;
  bool is_value = false;
};

/// Cuts a tensor into heads, those of the first sequence first, and encodes each. `numbers`
/// replaces the source's reference in a chain. A sequence's cached tokens come before its own.
[[nodiscard]] AttentionOperand attention_operand(const TensorSource& source,
                                                 std::optional<MatrixView<const float>> numbers,
                                                 const std::string& name, const FormatSpec& format,
                                                 ReductionAxis axis, HeadShape shape, int threads);

}  // namespace razorsim
