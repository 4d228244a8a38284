// SPDX-License-Identifier: Apache-2.0
#include "models/operators/softmax.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/operators/elementary_vectors.h"

namespace razorsim {
namespace {

// Rows whose sums run side by side: each stays one chain in order of the columns, but a chain alone
// waits for its own additions.
constexpr std::int64_t block_rows = 8;

/// exp(t - max t) of each visible column, 0 elsewhere; returns max t.
float exponentials(std::span<const float> scores, float scale, std::size_t visible,
                   std::span<float> out) {
  const auto to = out.first(visible);
  const float most = scale_and_maximum(scores.first(visible), scale, to);
  exp_f32_less(to, most, to);
  std::ranges::fill(out.subspan(visible), 0.0F);
  return most;
}

}  // namespace

void softmax(MatrixView<const float> scores, float scale, std::int64_t past, MatrixView<float> out,
             std::span<float> row_maxima) {
  promise(out.rows() == scores.rows() && out.cols() == scores.cols(), "softmax keeps the shape");
  promise(past >= 0 && scores.cols() > 0, "every row of a softmax sees a column");
  promise(row_maxima.empty() || static_cast<std::int64_t>(row_maxima.size()) == scores.rows(),
          "softmax has one maximum a row");
  const auto visible = [&](std::int64_t row) { return std::min(past + row + 1, scores.cols()); };
  for (std::int64_t first = 0; first < scores.rows(); first += block_rows) {
    const std::int64_t last = std::min(first + block_rows, scores.rows());
    const float* rows[block_rows];
    for (std::int64_t i = 0; i < block_rows; ++i) {
      rows[i] = out.row(std::min(first + i, last - 1)).data();
    }
    for (std::int64_t row = first; row < last; ++row) {
      const float most = exponentials(scores.row(row), scale,
                                      static_cast<std::size_t>(visible(row)), out.row(row));
      if (!row_maxima.empty()) row_maxima[static_cast<std::size_t>(row)] = most;
    }
    // The last row sees most; the zeros that the others have there change no sum.
    float sums[block_rows] = {};
    for (std::int64_t col = 0; col < visible(last - 1); ++col) {
      for (std::int64_t i = 0; i < block_rows; ++i) sums[i] += rows[i][col];
    }
    for (std::int64_t row = first; row < last; ++row) {
      const float inverse = 1.0F / sums[row - first];
      scale_row(out.row(row).first(static_cast<std::size_t>(visible(row))), inverse);
    }
  }
}

}  // namespace razorsim
