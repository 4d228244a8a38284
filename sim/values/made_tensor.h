// SPDX-License-Identifier: Apache-2.0
// A tensor the machine makes, and how it compares with its reference.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// Its numbers, and how many of them have passed the razor unit.
struct MadeTensor {
  std::vector<float> numbers;  ///< row-major, zero until made
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t encoded_elements = 0;

  [[nodiscard]] MatrixView<float> view() { return {numbers.data(), rows, cols}; }

  /// Tokens x features, whatever the operation's own view by heads is.
  [[nodiscard]] static MadeTensor by_token(const Operation& operation);
  /// (heads * tokens) x columns: scores and softmax.
  [[nodiscard]] static MadeTensor by_head(const Operation& operation);
};

/// Sums from which an output's error follows; see NumericError in results.
struct OutputComparison {
  std::int64_t elements = 0;
  double signal_power = 0;
  double noise_power = 0;
  double largest_error = 0;
  double cross_power = 0;
  double output_power = 0;
};

/// `output` beside `reference`, both rows x cols; of scores and softmax only what a query may see.
[[nodiscard]] OutputComparison compare(const Operation& operation,
                                       MatrixView<const float> reference,
                                       MatrixView<const float> output);

}  // namespace razorsim
