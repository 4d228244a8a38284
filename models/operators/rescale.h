// SPDX-License-Identifier: Apache-2.0
// From accumulators, exact integers or FP32, to real numbers.
#pragma once

#include <cstdint>
#include <span>

#include "models/base/index_range.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// out = float(accumulator) * (scale_a * scale_w), three FP32 roundings in this order (SDR's result
/// in real units). accumulators and out: m x n; scale_a: 1 or m entries, scale_w: 1 or n.
void rescale(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
             std::span<const float> scale_w, MatrixView<float> out);

/// The same added to `out`: one group's share where each group has a real scale (INT4 with FP16
/// scales), called for K ascending.
void rescale_add(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                 std::span<const float> scale_w, MatrixView<float> out);

/// rescale() for accumulators that hold the bits of FP32 numbers.
void rescale_fp32(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                  std::span<const float> scale_w, MatrixView<float> out);

/// The scales of a range of rows or columns, where there is one for all or one each.
[[nodiscard]] std::span<const float> scales_of(std::span<const float> scales, IndexRange range);

}  // namespace razorsim
