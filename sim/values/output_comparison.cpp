// SPDX-License-Identifier: Apache-2.0
#include "sim/values/output_comparison.h"

#include <algorithm>

#include "models/base/errors.h"
#include "sim/values/compare_vectors.h"
#include "traces/llama/parallel.h"

namespace razorsim {
void OutputComparison::add(const OutputComparison& row) {
  elements += row.elements;
  signal_power += row.signal_power;
  noise_power += row.noise_power;
  largest_error = std::max(largest_error, row.largest_error);
  cross_power += row.cross_power;
  output_power += row.output_power;
}

void RowComparison::add(std::span<const float> reference, std::span<const float> output,
                        std::ptrdiff_t ahead) {
  promise(reference.size() == output.size(), "an output's shape is not its reference's");
  promise(elements_ % LaneSums::lanes == 0, "a row is compared in multiples of eight columns");
  add_lane_sums(reference, output, ahead, sums_);
  elements_ += std::ssize(reference);
}

OutputComparison RowComparison::result() const {
  OutputComparison row;
  row.elements = elements_;
  for (std::size_t lane = 0; lane < LaneSums::lanes; ++lane) {
    row.signal_power += sums_.signal[lane];
    row.noise_power += sums_.noise[lane];
    row.largest_error = std::max(row.largest_error, sums_.largest[lane]);
    row.cross_power += sums_.cross[lane];
    row.output_power += sums_.output[lane];
  }
  return row;
}

OutputComparison compare_row(std::span<const float> reference, std::span<const float> output,
                             std::ptrdiff_t ahead) {
  RowComparison row;
  row.add(reference, output, ahead);
  return row.result();
}

OutputComparison compare(MatrixView<const float> reference, MatrixView<const float> output,
                         int threads, std::vector<OutputComparison> rows) {
  promise(reference.rows() == output.rows() && reference.cols() == output.cols(),
          "an output's shape is not its reference's");
  rows.resize(static_cast<std::size_t>(reference.rows()));
  constexpr std::int64_t piece_rows = 16;
  parallel_for((reference.rows() + piece_rows - 1) / piece_rows, threads, [&](std::int64_t piece) {
    const std::int64_t end = std::min((piece + 1) * piece_rows, reference.rows());
    for (std::int64_t row = piece * piece_rows; row < end; ++row) {
      OutputComparison& own = rows[static_cast<std::size_t>(row)];
      if (own.elements == 0) own = compare_row(reference.row(row), output.row(row));
    }
  });
  OutputComparison all;
  for (const OutputComparison& row : rows) all.add(row);
  return all;
}

}  // namespace razorsim
