// SPDX-License-Identifier: Apache-2.0
// What accumulators hold, in real units: integers or FP32, as the product's plan says.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/arithmetic/unit_plan.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "models/operators/rescale.h"

namespace razorsim {

/// The scales of tensor or rows that the vector unit multiplies by; {1} where there are none or the
/// array has already multiplied by one a group.
[[nodiscard]] inline const std::vector<float>& real_scales(const EncodedMatrix& operand) {
  static const std::vector<float> one = {1.0F};
  const bool a_group = operand.format.granularity == ScaleGranularity::group;
  return a_group || operand.scales.empty() ? one : operand.scales;
}

inline void rescale_accumulators(const UnitPlan& plan, MatrixView<const std::int64_t> accumulators,
                                 std::span<const float> scale_a, std::span<const float> scale_w,
                                 MatrixView<float> out) {
  (plan.floating ? rescale_fp32 : rescale)(accumulators, scale_a, scale_w, out);
}

}  // namespace razorsim
