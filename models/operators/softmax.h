// SPDX-License-Identifier: Apache-2.0
// Row softmax of scaled attention scores under the causal mask.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "models/base/tensor_view.h"

namespace razorsim {

/// `past` of a matrix without a mask: every row sees every column.
inline constexpr std::int64_t not_causal = std::numeric_limits<std::int64_t>::max() / 2;

/// out = exp(t - max t) * (1 / sum), t = score * scale, over the visible columns 0 .. past + row; 0
/// elsewhere. FP32, own exp, summed in order of the columns. scores and out: m x n, may be the
/// same; `row_maxima` (empty, or m) receives max t. Every row sees at least one column.
void softmax(MatrixView<const float> scores, float scale, std::int64_t past, MatrixView<float> out,
             std::span<float> row_maxima = {});

}  // namespace razorsim
