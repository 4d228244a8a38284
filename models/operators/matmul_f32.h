// SPDX-License-Identifier: Apache-2.0
// The FP32 reference matrix product.
#pragma once

#include <hwy/aligned_allocator.h>

#include "models/base/tensor_view.h"

namespace razorsim {

/// A right operand, packed once and multiplied often: panels of 64 output columns, [panel][k][64],
/// zero beyond the last column.
class PackedF32 {
 public:
  static constexpr std::int64_t panel_columns = 64;

  PackedF32() = default;
  /// Of w: n x k, the rows of a weight.
  [[nodiscard]] static PackedF32 transposed(MatrixView<const float> w);
  /// Of b: k x n as it is.
  [[nodiscard]] static PackedF32 plain(MatrixView<const float> b);

  [[nodiscard]] std::int64_t k() const { return k_; }
  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] const float* panel(std::int64_t index) const {
    return memory_.get() + index * k_ * panel_columns;
  }

 private:
  PackedF32(std::int64_t k, std::int64_t n);

  std::int64_t k_ = 0;
  std::int64_t n_ = 0;
  hwy::AlignedFreeUniquePtr<float[]> memory_;
};

/// out = a times w transposed, in FP32. a: m x k, w: n x k, out: m x n.
/// Each output is one chain of rounded products and rounded sums from 0, k ascending, nothing
/// fused: the same bits on every machine, for any vector width and any number of threads. `threads`
/// >= 1 share the columns of the output.
void matmul_f32(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
                int threads = 1);

/// out = a times b, b: k x n (attention context: softmax output times V). Same order, same promise.
void matmul_f32_untransposed(MatrixView<const float> a, MatrixView<const float> b,
                             MatrixView<float> out, int threads = 1);

/// The same of a packed operand. `a` may have fewer columns than it has k, `out` fewer columns than
/// it has n: the rest is left out, as where causal attention sees only zeros.
void matmul_f32(MatrixView<const float> a, const PackedF32& w, MatrixView<float> out);

}  // namespace razorsim
