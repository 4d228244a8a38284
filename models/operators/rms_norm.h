// SPDX-License-Identifier: Apache-2.0
// Root-mean-square norm of each row. Source: LLaMA, arXiv 2302.13971; Hugging Face's order of
// operations.
#pragma once

#include <span>

#include "models/base/tensor_view.h"

namespace razorsim {

/// out = (x * (1 / sqrt(mean(x^2) + epsilon))) * weight, FP32, squares summed in order of the
/// columns. x and out: m x n, may be the same; weight: n.
void rms_norm(MatrixView<const float> x, std::span<const float> weight, float epsilon,
              MatrixView<float> out);

}  // namespace razorsim
