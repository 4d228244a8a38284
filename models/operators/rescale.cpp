// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rescale.h"

#include "models/base/errors.h"

namespace razorsim {
namespace {

template <class Store>
void each_element(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                  std::span<const float> scale_w, MatrixView<float> out, Store store) {
  const auto fits = [](std::span<const float> scales, std::int64_t count) {
    return scales.size() == 1 || static_cast<std::int64_t>(scales.size()) == count;
  };
  promise(out.rows() == accumulators.rows() && out.cols() == accumulators.cols(),
          "rescale keeps the shape");
  promise(fits(scale_a, out.rows()) && fits(scale_w, out.cols()),
          "rescale has one scale, or one a row and one a column");
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    const auto from = accumulators.row(row);
    const auto to = out.row(row);
    const float a = scale_a[scale_a.size() == 1 ? 0 : static_cast<std::size_t>(row)];
    for (std::size_t col = 0; col < to.size(); ++col) {
      const float w = scale_w[scale_w.size() == 1 ? 0 : col];
      store(to[col], static_cast<float>(from[col]) * (a * w));
    }
  }
}

}  // namespace

void rescale(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
             std::span<const float> scale_w, MatrixView<float> out) {
  each_element(accumulators, scale_a, scale_w, out, [](float& to, float value) { to = value; });
}

void rescale_add(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                 std::span<const float> scale_w, MatrixView<float> out) {
  each_element(accumulators, scale_a, scale_w, out, [](float& to, float value) { to += value; });
}

}  // namespace razorsim
