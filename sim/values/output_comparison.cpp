// SPDX-License-Identifier: Apache-2.0
#include "sim/values/output_comparison.h"

#include <algorithm>
#include <cmath>

#include "models/base/errors.h"

namespace razorsim {

OutputComparison compare(const Operation& operation, MatrixView<const float> reference,
                         MatrixView<const float> output) {
  promise(reference.rows() == output.rows() && reference.cols() == output.cols(),
          "an output's shape is not its reference's");
  OutputComparison sums;
  const bool masked =
      operation.kind == OperationKind::scores || operation.kind == OperationKind::softmax;
  for (std::int64_t row = 0; row < reference.rows(); ++row) {
    const std::int64_t visible = masked ? operation.past + row % operation.m + 1 : reference.cols();
    sums.elements += visible;
    for (std::int64_t col = 0; col < visible; ++col) {
      const double wanted = reference(row, col);
      const double got = output(row, col);
      sums.signal_power += wanted * wanted;
      sums.noise_power += (got - wanted) * (got - wanted);
      sums.cross_power += got * wanted;
      sums.output_power += got * got;
      sums.largest_error = std::max(sums.largest_error, std::abs(got - wanted));
    }
  }
  return sums;
}

}  // namespace razorsim
