// SPDX-License-Identifier: Apache-2.0
// How far an output is from its reference.
#pragma once

#include <cstdint>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// Sums from which an output's error follows; see NumericError in results.
struct OutputComparison {
  std::int64_t elements = 0;
  double signal_power = 0;
  double noise_power = 0;
  double largest_error = 0;
  double cross_power = 0;
  double output_power = 0;
};

/// What no query may see is not computed, so it is not compared. Throws Defect where the shapes
/// differ.
[[nodiscard]] OutputComparison compare(const Operation& operation,
                                       MatrixView<const float> reference,
                                       MatrixView<const float> output);

}  // namespace razorsim
