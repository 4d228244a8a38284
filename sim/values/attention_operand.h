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
/// along tokens. `base` has V's base integers (tokens x head_dim), at which its incomplete groups
/// are read; it is empty of the others.
struct AttentionOperand {
  std::vector<EncodedMatrix> heads;
  std::vector<BaseIntegers> base;
  ReductionAxis axis = ReductionAxis::features;
  FormatSpec format;
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

/// Plain integers at the base of `format`.
[[nodiscard]] FormatSpec plain_of(const FormatSpec& format);

/// tokens x head_dim elements of FP16 as a head_dim x tokens operand.
[[nodiscard]] EncodedMatrix turned_fp16(const EncodedMatrix& head);

/// tokens x head_dim integers as a head_dim x tokens operand with one scale.
[[nodiscard]] EncodedMatrix turned(const FormatSpec& format,
                                   MatrixView<const std::int16_t> integers,
                                   const std::vector<float>& scales);

}  // namespace razorsim
