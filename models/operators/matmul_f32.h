// SPDX-License-Identifier: Apache-2.0
// The FP32 reference matrix product.
#pragma once

#include "models/base/tensor_view.h"

namespace razorsim {

/// out = a times w transposed, in FP32. a: m x k, w: n x k, out: m x n.
/// Each output is one chain of rounded products and rounded sums from 0, k ascending, nothing
/// fused: the same bits on every machine, for any vector width and any number of threads. `threads`
/// >= 1 share the columns of the output.
void matmul_f32(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
                int threads = 1);

/// out = a times b, b: k x n (attention context: softmax output times V). Same order, same promise.
void matmul_f32_untransposed(MatrixView<const float> a, MatrixView<const float> b,
                             MatrixView<float> out, int threads = 1);

}  // namespace razorsim
