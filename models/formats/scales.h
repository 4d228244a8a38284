// SPDX-License-Identifier: Apache-2.0
// Real-valued scales and stage 1 of SDR: from real numbers to symmetric base integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/base/scheme.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// Smallest absolute maximum a scale is made from, so that a tensor of zeros has a scale (chosen).
inline constexpr float smallest_absmax = 1e-12F;

/// Where the scales of an encoding come from: `given` ones (1 a tensor, or 1 a row or group as the
/// format's granularity says), or, when there are none, the absolute maximum of the data at hand.
struct ScaleSource {
  std::vector<float> given;
};

/// Base integers with their scales, rows x cols: what a trace holds as normative.
struct BaseIntegers {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<std::int16_t> values;
  std::vector<float> scales;  ///< as EncodedMatrix::scales

  [[nodiscard]] MatrixView<const std::int16_t> view() const { return {values.data(), rows, cols}; }
};

/// Largest base integer of `bits` bits, sign included: 7, 127, 32767.
[[nodiscard]] constexpr std::int32_t largest_integer(int bits) { return (1 << (bits - 1)) - 1; }

/// Neither NaN nor infinity among them.
[[nodiscard]] bool all_finite(std::span<const float> numbers);

/// Largest magnitude of `numbers`, 0 for none. Throws TraceError on NaN or infinity.
[[nodiscard]] float absmax(std::span<const float> numbers);

/// max(absmax, 1e-12) / (2^(bits-1) - 1), a correctly rounded FP32 division.
[[nodiscard]] float scale_of_absmax(float absolute_maximum, int bits);

/// Stage 1: clamp(round_half_to_even(x / scale), -(2^(bits-1)-1), 2^(bits-1)-1) in FP32 of one
/// finite number, `scale` > 0. Source: QRazor, arXiv 2501.13331 (absolute-max quantisation).
[[nodiscard]] std::int16_t quantised(int bits, float number, float scale);

/// The same for each number; `out` is as long as `numbers`. Throws TraceError on NaN or infinity.
void quantise(int bits, std::span<const float> numbers, float scale, std::span<std::int16_t> out);

/// The same for a matrix at one scale, row major.
[[nodiscard]] std::vector<std::int16_t> quantise(int bits, MatrixView<const float> numbers,
                                                 float scale);

/// Stage 1 of an integer format (sdr, int4, int8, int16) at `bits`, with the format's granularity,
/// row by row. A group's scale is rounded to FP16 and used as rounded; one that rounds to zero
/// makes all its elements 0, one that would overflow is 65504 (both chosen).
class Quantiser {
 public:
  /// The scales are `source`'s, or else those of `numbers`, which must outlive it.
  Quantiser(const FormatSpec& format, int bits, MatrixView<const float> numbers,
            const ScaleSource& source);

  /// `out` is as long as a row. Throws TraceError on NaN or infinity.
  void quantise_row(std::int64_t row, std::span<std::int16_t> out) const;
  [[nodiscard]] std::vector<float> take_scales() { return std::move(scales_); }

 private:
  int bits_;
  bool by_group_;
  std::size_t piece_;  ///< elements that share a scale within a row
  MatrixView<const float> numbers_;
  std::vector<float> scales_;
};

/// The same for all rows.
[[nodiscard]] BaseIntegers quantise(const FormatSpec& format, int bits,
                                    MatrixView<const float> numbers, const ScaleSource& source);

}  // namespace razorsim
