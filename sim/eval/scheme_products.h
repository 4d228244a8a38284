// SPDX-License-Identifier: Apache-2.0
// The matrix products of a network in a scheme's formats, by the definitions the hardware uses: the
// formats' encode, the exact integer kernel, the vector unit's rescale.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/arithmetic/kernel.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"
#include "models/operators/matmul_f32.h"
#include "sim/eval/observed_products.h"
#include "sim/eval/quantised_weights.h"
#include "sim/values/tensor_dump.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/forward.h"

namespace razorsim {

/// Whether `scheme` quantises attention in an evaluation: its name says KV, or K or V is razored.
/// Else attention stays FP32.
[[nodiscard]] bool names_key_value(const Scheme& scheme);

/// Linear operations, and attention where the scheme names KV; everything else stays FP32. Static
/// scales come from `ranges`. The same bits on any number of threads.
class SchemeProducts : public Products {
 public:
  /// `ranges` must outlive it. Throws ConfigError for K encoded before rotary embedding.
  /// `imported` may be null.
  SchemeProducts(Scheme scheme, const StaticRanges& ranges, int threads,
                 std::shared_ptr<const QuantisedWeights> imported = nullptr);

  void begin_layer(std::int64_t layer, const LayerWeights& weights) override;
  void linear(std::int64_t layer, Projection projection, MatrixView<const float> a,
              MatrixView<const float> weight, MatrixView<float> out) override;
  void attention(std::int64_t layer, const NetworkSpec& network, const AttentionOperands& operands,
                 MatrixView<float> out, const Tap& tap) override;

  /// The operands of a linear operation in this scheme's formats, and its exact sums where it has
  /// them: made again, by the same definitions.
  void add_tensors(const LinearCall& call, DumpedTensors& to) const;

 private:
  /// A weight, in the form it is multiplied in.
  struct Right {
    bool exact = false;     // both operands are integers: exact sums, rescaled
    EncodedMatrix encoded;  // only scales and shape
    PackedRight packed;     // exact
    PackedF32 numbers;      // else, decoded
  };
  /// A block of activations, likewise.
  struct Left {
    EncodedMatrix encoded;
    PackedLeft packed;
    std::vector<float> numbers;
  };
  [[nodiscard]] EncodedMatrix encode_weight(const FormatSpec& format,
                                            MatrixView<const float> weight,
                                            const std::string& name) const;
  /// Of the edge an operation reads; 1 where `format` has no static scale.
  [[nodiscard]] float absmax_of(const FormatSpec& format, const std::string& edge) const;
  [[nodiscard]] Right encode_right(const FormatSpec& left, const FormatSpec& right,
                                   MatrixView<const float> weight, const std::string& name) const;
  [[nodiscard]] Left encode_left(const FormatSpec& format, bool exact, MatrixView<const float> a,
                                 float absmax) const;
  [[nodiscard]] std::string operation(std::int64_t layer, std::string_view name) const;

  Scheme scheme_;
  const StaticRanges& ranges_;
  std::shared_ptr<const QuantisedWeights> imported_;
  std::array<Right, 7> weights_;
  // What lefts_ holds: q, k and v read one edge, gate and up another.
  std::string left_edge_;
  bool left_exact_ = false;
  std::vector<Left> lefts_;  // in blocks of rows
};

}  // namespace razorsim
