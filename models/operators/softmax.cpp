// SPDX-License-Identifier: Apache-2.0
#include "models/operators/softmax.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/operators/elementary.h"

namespace razorsim {

void softmax(MatrixView<const float> scores, float scale, std::int64_t past, MatrixView<float> out,
             std::span<float> row_maxima) {
  promise(out.rows() == scores.rows() && out.cols() == scores.cols(), "softmax keeps the shape");
  promise(past >= 0 && scores.cols() > 0, "every row of a softmax sees a column");
  promise(row_maxima.empty() || static_cast<std::int64_t>(row_maxima.size()) == scores.rows(),
          "softmax has one maximum a row");
  for (std::int64_t row = 0; row < scores.rows(); ++row) {
    const auto visible = static_cast<std::size_t>(std::min(past + row + 1, scores.cols()));
    const auto from = scores.row(row).first(visible);
    const auto to = out.row(row).first(visible);
    for (std::size_t i = 0; i < visible; ++i) to[i] = from[i] * scale;
    float most = to[0];
    for (const float each : to) most = each > most ? each : most;
    for (float& each : to) each -= most;
    exp_f32(to, to);
    float sum = 0;
    for (const float each : to) sum += each;
    const float inverse = 1.0F / sum;
    for (float& each : to) each *= inverse;
    std::ranges::fill(out.row(row).subspan(visible), 0.0F);
    if (!row_maxima.empty()) row_maxima[static_cast<std::size_t>(row)] = most;
  }
}

}  // namespace razorsim
