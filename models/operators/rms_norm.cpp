// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rms_norm.h"

#include <algorithm>
#include <cmath>

#include "models/base/errors.h"

namespace razorsim {
namespace {

// Rows whose sums run side by side: each stays one chain in order of the columns, but a chain alone
// waits for its own additions.
constexpr std::int64_t block_rows = 8;

}  // namespace

void rms_norm(MatrixView<const float> x, std::span<const float> weight, float epsilon,
              MatrixView<float> out) {
  promise(static_cast<std::int64_t>(weight.size()) == x.cols(), "rms_norm has one weight a column");
  promise(out.rows() == x.rows() && out.cols() == x.cols(), "rms_norm keeps the shape");
  for (std::int64_t first = 0; first < x.rows(); first += block_rows) {
    const std::int64_t last = std::min(first + block_rows, x.rows());
    const float* rows[block_rows];
    for (std::int64_t i = 0; i < block_rows; ++i) {
      rows[i] = x.row(std::min(first + i, last - 1)).data();
    }
    float sums[block_rows] = {};
    for (std::int64_t col = 0; col < x.cols(); ++col) {
      for (std::int64_t i = 0; i < block_rows; ++i) sums[i] += rows[i][col] * rows[i][col];
    }
    for (std::int64_t row = first; row < last; ++row) {
      const float mean = sums[row - first] / static_cast<float>(x.cols());
      const float inverse = 1.0F / std::sqrt(mean + epsilon);
      const auto from = x.row(row);
      const auto to = out.row(row);
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = (from[i] * inverse) * weight[i];
    }
  }
}

}  // namespace razorsim
