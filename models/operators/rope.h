// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding, half-rotated as Hugging Face has it: element i turns with element i +
// d/2.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// Radians a position of each of the head_dim / 2 pairs: theta^(-2i/d), with Llama-3's scaling of
/// the low frequencies where rope_factor is not 1. Source: RoFormer, arXiv 2104.09864; Llama-3.1's
/// published reference (rope_scaling, "llama3").
[[nodiscard]] std::vector<double> rope_frequencies(const NetworkSpec& network);

/// Sines and cosines of positions first .. first + count - 1, computed in double and rounded to
/// FP32.
class RopeTable {
 public:
  /// Throws Defect for an odd head_dim, or an angle above 2^20.
  RopeTable(const NetworkSpec& network, std::int64_t first_position, std::int64_t count);

  [[nodiscard]] MatrixView<const float> sines() const { return {sines_.data(), count_, pairs_}; }
  [[nodiscard]] MatrixView<const float> cosines() const {
    return {cosines_.data(), count_, pairs_};
  }

  /// Rotates one head: out[i] = x[i] cos - x[i+d/2] sin; out[i+d/2] = x[i+d/2] cos + x[i] sin.
  /// x and out: m x head_dim, row r at position first + offset + r; may be the same.
  void rotate(MatrixView<const float> x, MatrixView<float> out, std::int64_t offset = 0) const;

 private:
  std::int64_t count_;
  std::int64_t pairs_;
  std::vector<float> sines_;
  std::vector<float> cosines_;
};

}  // namespace razorsim
