// SPDX-License-Identifier: Apache-2.0
// How far an output is from its reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/tensor_view.h"

namespace razorsim {

/// Sums from which an output's error follows; see NumericError in results. Rows are summed apart
/// and then added in their order, so that no cut of the work changes a bit.
struct OutputComparison {
  std::int64_t elements = 0;
  double signal_power = 0;
  double noise_power = 0;
  double largest_error = 0;
  double cross_power = 0;
  double output_power = 0;

  /// Adds the next row.
  void add(const OutputComparison& row);
};

/// The sums of one row: its columns are summed eight side by side, then the eight in order.
struct LaneSums {
  static constexpr std::size_t lanes = 8;
  double signal[lanes] = {};
  double noise[lanes] = {};
  double largest[lanes] = {};
  double cross[lanes] = {};
  double output[lanes] = {};
};

/// One row, part after part from the left; all but the last have a multiple of eight columns.
class RowComparison {
 public:
  /// The next columns. A reference comes from memory, page by page: what lies `ahead` elements
  /// further on, and is compared soon, is asked for meanwhile.
  void add(std::span<const float> reference, std::span<const float> output, std::ptrdiff_t ahead);
  [[nodiscard]] OutputComparison result() const;

 private:
  std::int64_t elements_ = 0;
  LaneSums sums_;
};

/// How far ahead of its place a comparison that goes on from row to row asks for its reference.
inline constexpr std::ptrdiff_t compared_ahead = 768;

/// One whole row.
[[nodiscard]] OutputComparison compare_row(std::span<const float> reference,
                                           std::span<const float> output,
                                           std::ptrdiff_t ahead = compared_ahead);

/// A whole matrix but for the `rows` that are compared already (they have elements), which need not
/// be in `output`. Throws Defect where the shapes differ.
[[nodiscard]] OutputComparison compare(MatrixView<const float> reference,
                                       MatrixView<const float> output, int threads,
                                       std::vector<OutputComparison> rows = {});

}  // namespace razorsim
