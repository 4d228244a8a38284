// SPDX-License-Identifier: Apache-2.0
// Inside output_comparison: the sums of one row, every eighth column apart. Users include
// output_comparison.h.
#pragma once

#include <cstddef>
#include <span>

namespace razorsim {

struct LaneSums {
  static constexpr std::size_t lanes = 8;
  double signal[lanes] = {};
  double noise[lanes] = {};
  double largest[lanes] = {};
  double cross[lanes] = {};
  double output[lanes] = {};

  void take(std::size_t lane, double wanted, double got);
};

/// Equal in every bit on every instruction set.
[[nodiscard]] LaneSums lane_sums(std::span<const float> reference, std::span<const float> output);

}  // namespace razorsim
