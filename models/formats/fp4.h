// SPDX-License-Identifier: Apache-2.0
// What the two 4-bit floating formats share: E2M1 elements under a scale a block.
#pragma once

#include <cstdint>
#include <span>

#include "models/formats/number_format.h"

namespace razorsim {

/// E2M1 elements (sign, 2 exponent bits, 1 mantissa bit; 0 to 6) in blocks that share an 8-bit
/// scale.
class Fp4 : public NumberFormat {
 public:
  void encode(MatrixView<const float> numbers, const ScaleSource& source,
              EncodedMatrix& out) const final;
  void decode(const EncodedMatrix& encoded, MatrixView<float> out) const final;

 protected:
  /// Traits but for the group scale's and the tensor scale's.
  [[nodiscard]] static FormatTraits element_traits();
  static void check_block(const FormatSpec& spec, int block, Complaints& complaints);

 private:
  /// The tensor scale: 1 entry, or none where the format has no such thing.
  [[nodiscard]] virtual std::vector<float> tensor_scale(MatrixView<const float> numbers,
                                                        const ScaleSource& source) const = 0;
  /// The code of a block's scale from its absolute maximum.
  [[nodiscard]] virtual std::uint8_t block_code(float absolute_maximum,
                                                float tensor_scale) const = 0;
  /// The real number that a code of 1.0 stands for in a block; 0 makes all its elements +0. An
  /// element is the code of its quotient by it in FP32.
  [[nodiscard]] virtual float step(std::uint8_t block_code, float tensor_scale) const = 0;
};

}  // namespace razorsim
