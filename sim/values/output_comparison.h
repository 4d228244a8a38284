// SPDX-License-Identifier: Apache-2.0
// How far an output is from its reference.
#pragma once

#include <cstdint>
#include <span>

#include "models/base/tensor_view.h"

namespace razorsim {

/// Sums from which an output's error follows; see NumericError in results. Rows are summed apart
/// and then added in their order, so that no cut of the work changes a bit.
struct OutputComparison {
  std::int64_t elements = 0;
  double signal_power = 0;
  double noise_power = 0;
  double largest_error = 0;
  double cross_power = 0;
  double output_power = 0;

  /// Adds the next row.
  void add(const OutputComparison& row);
};

/// One row. Its columns are summed eight side by side, then the eight in order.
[[nodiscard]] OutputComparison compare_row(std::span<const float> reference,
                                           std::span<const float> output);

/// A whole matrix. Throws Defect where the shapes differ.
[[nodiscard]] OutputComparison compare(MatrixView<const float> reference,
                                       MatrixView<const float> output, int threads);

}  // namespace razorsim
