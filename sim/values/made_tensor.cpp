// SPDX-License-Identifier: Apache-2.0
#include "sim/values/made_tensor.h"

#include <algorithm>
#include <cmath>

#include "models/base/errors.h"

namespace razorsim {
namespace {

MadeTensor zeros(std::int64_t rows, std::int64_t cols) {
  return {std::vector<float>(static_cast<std::size_t>(rows * cols), 0.0F), rows, cols, 0};
}

}  // namespace

MadeTensor MadeTensor::by_token(const Operation& operation) {
  const bool by_head =
      operation.kind == OperationKind::rope || operation.kind == OperationKind::context;
  const bool has_heads = !by_head && operation.kind != OperationKind::linear;
  return zeros(operation.m * (has_heads ? operation.heads : 1),
               operation.n * (by_head ? operation.heads : 1));
}

MadeTensor MadeTensor::by_head(const Operation& operation) {
  return zeros(operation.heads * operation.m, operation.n);
}

OutputComparison compare(const Operation& operation, MatrixView<const float> reference,
                         MatrixView<const float> output) {
  promise(reference.rows() == output.rows() && reference.cols() == output.cols(),
          "an output's shape is not its reference's");
  OutputComparison sums;
  // What no query may see is not computed, so it is not compared.
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
