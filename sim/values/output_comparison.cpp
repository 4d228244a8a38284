// SPDX-License-Identifier: Apache-2.0
#include "sim/values/output_comparison.h"

#include <algorithm>
#include <cstddef>
#include <vector>

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

OutputComparison compare_row(std::span<const float> reference, std::span<const float> output) {
  promise(reference.size() == output.size(), "an output's shape is not its reference's");
  const LaneSums sums = lane_sums(reference, output);
  OutputComparison row;
  row.elements = static_cast<std::int64_t>(reference.size());
  for (std::size_t lane = 0; lane < LaneSums::lanes; ++lane) {
    row.signal_power += sums.signal[lane];
    row.noise_power += sums.noise[lane];
    row.largest_error = std::max(row.largest_error, sums.largest[lane]);
    row.cross_power += sums.cross[lane];
    row.output_power += sums.output[lane];
  }
  return row;
}

OutputComparison compare(MatrixView<const float> reference, MatrixView<const float> output,
                         int threads) {
  promise(reference.rows() == output.rows() && reference.cols() == output.cols(),
          "an output's shape is not its reference's");
  std::vector<OutputComparison> rows(static_cast<std::size_t>(reference.rows()));
  constexpr std::int64_t piece_rows = 16;
  parallel_for((reference.rows() + piece_rows - 1) / piece_rows, threads, [&](std::int64_t piece) {
    const std::int64_t end = std::min((piece + 1) * piece_rows, reference.rows());
    for (std::int64_t row = piece * piece_rows; row < end; ++row)
      rows[static_cast<std::size_t>(row)] = compare_row(reference.row(row), output.row(row));
  });
  OutputComparison all;
  for (const OutputComparison& row : rows) all.add(row);
  return all;
}

}  // namespace razorsim
