// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rescale.h"

#include <bit>

#include "models/base/errors.h"
#include "models/operators/rescale_row.h"

namespace razorsim {
namespace {

void check(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
           std::span<const float> scale_w, MatrixView<float> out) {
  const auto fits = [](std::span<const float> scales, std::int64_t count) {
    return scales.size() == 1 || static_cast<std::int64_t>(scales.size()) == count;
  };
  promise(out.rows() == accumulators.rows() && out.cols() == accumulators.cols(),
          "rescale keeps the shape");
  promise(fits(scale_a, out.rows()) && fits(scale_w, out.cols()),
          "rescale has one scale, or one a row and one a column");
}

float scale_of_row(std::span<const float> scale_a, std::int64_t row) {
  return scale_a[scale_a.size() == 1 ? 0 : static_cast<std::size_t>(row)];
}

}  // namespace

std::span<const float> scales_of(std::span<const float> scales, IndexRange range) {
  return scales.size() <= 1 ? scales
                            : scales.subspan(static_cast<std::size_t>(range.begin),
                                             static_cast<std::size_t>(range.size()));
}

void rescale(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
             std::span<const float> scale_w, MatrixView<float> out) {
  check(accumulators, scale_a, scale_w, out);
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    rescale_row(accumulators.row(row).data(), scale_of_row(scale_a, row), scale_w.data(),
                scale_w.size() == 1, out.row(row).data(), out.row(row).size());
  }
}

void rescale_add(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                 std::span<const float> scale_w, MatrixView<float> out) {
  check(accumulators, scale_a, scale_w, out);
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    const auto from = accumulators.row(row);
    const auto to = out.row(row);
    const float a = scale_of_row(scale_a, row);
    for (std::size_t col = 0; col < to.size(); ++col)
      to[col] += rescaled(from[col], a, scale_w[scale_w.size() == 1 ? 0 : col]);
  }
}

void rescale_fp32(MatrixView<const std::int64_t> accumulators, std::span<const float> scale_a,
                  std::span<const float> scale_w, MatrixView<float> out) {
  check(accumulators, scale_a, scale_w, out);
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    const auto from = accumulators.row(row);
    const auto to = out.row(row);
    const float a = scale_of_row(scale_a, row);
    for (std::size_t col = 0; col < to.size(); ++col) {
      const auto sum = std::bit_cast<float>(static_cast<std::uint32_t>(from[col]));
      to[col] = sum * (a * scale_w[scale_w.size() == 1 ? 0 : col]);
    }
  }
}

}  // namespace razorsim
