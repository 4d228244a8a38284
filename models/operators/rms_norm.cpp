// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rms_norm.h"

#include <cmath>

#include "models/base/errors.h"

namespace razorsim {

void rms_norm(MatrixView<const float> x, std::span<const float> weight, float epsilon,
              MatrixView<float> out) {
  promise(static_cast<std::int64_t>(weight.size()) == x.cols(), "rms_norm has one weight a column");
  promise(out.rows() == x.rows() && out.cols() == x.cols(), "rms_norm keeps the shape");
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    const auto from = x.row(row);
    const auto to = out.row(row);
    float sum = 0;
    for (const float element : from) sum += element * element;
    const float inverse = 1.0F / std::sqrt(sum / static_cast<float>(x.cols()) + epsilon);
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = (from[i] * inverse) * weight[i];
  }
}

}  // namespace razorsim
