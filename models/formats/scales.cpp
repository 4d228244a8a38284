// SPDX-License-Identifier: Apache-2.0
#include "models/formats/scales.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "models/formats/format_kernels.h"
#include "models/formats/fp16.h"

namespace razorsim {
namespace {

constexpr std::uint32_t infinity_bits = 0x7F800000;

/// One scale a row or group where `counted` says so, else one for all.
std::vector<float> scales_for(const FormatSpec& format, int bits, MatrixView<const float> numbers) {
  if (format.calibration == Calibration::unit_range) return {scale_of_absmax(1.0F, bits)};
  std::vector<float> scales;
  switch (format.granularity) {
    case ScaleGranularity::tensor: {
      float most = 0;
      for (std::int64_t row = 0; row < numbers.rows(); ++row)
        most = std::max(most, absmax(numbers.row(row)));
      scales.push_back(scale_of_absmax(most, bits));
      break;
    }
    case ScaleGranularity::row:
      for (std::int64_t row = 0; row < numbers.rows(); ++row) {
        scales.push_back(scale_of_absmax(absmax(numbers.row(row)), bits));
      }
      break;
    case ScaleGranularity::group:
      for (std::int64_t row = 0; row < numbers.rows(); ++row) {
        for (std::int64_t col = 0; col < numbers.cols(); col += format.group) {
          const auto width =
              static_cast<std::size_t>(std::min<std::int64_t>(format.group, numbers.cols() - col));
          const float most = absmax(numbers.row(row).subspan(static_cast<std::size_t>(col), width));
          const float scale = std::min(scale_of_absmax(most, bits), fp16_largest);
          scales.push_back(from_fp16(to_fp16(scale)));
        }
      }
      break;
  }
  return scales;
}

}  // namespace

bool all_finite(std::span<const float> numbers) {
  return largest_magnitude_bits(numbers) < infinity_bits;
}

float absmax(std::span<const float> numbers) {
  const std::uint32_t most = largest_magnitude_bits(numbers);
  if (most >= infinity_bits) throw TraceError("a number to quantise is not finite");
  return std::bit_cast<float>(most);
}

float scale_of_absmax(float absolute_maximum, int bits) {
  return std::max(absolute_maximum, smallest_absmax) / static_cast<float>(largest_integer(bits));
}

std::int16_t quantised(int bits, float number, float scale) {
  // Adding 1.5 * 2^23 leaves no fraction bits, so the sum rounds to nearest even, and this needs no
  // library call (SSE2 has no rounding instruction). Clamping first is the same: the limit is
  // whole.
  constexpr float whole = 12582912.0F;
  const auto limit = static_cast<float>(largest_integer(bits));
  const float quotient = std::clamp(number / scale, -limit, limit);
  return static_cast<std::int16_t>(static_cast<std::int32_t>((quotient + whole) - whole));
}

void quantise(int bits, std::span<const float> numbers, float scale, std::span<std::int16_t> out) {
  promise(scale > 0 && std::isfinite(scale), "a scale is positive and finite");
  promise(out.size() == numbers.size(), "quantise writes as many integers as it reads numbers");
  static_cast<void>(absmax(numbers));  // refuses NaN, which no comparison below would catch
  quantise_vectors(bits, numbers, scale, out);
}

std::vector<std::int16_t> quantise(int bits, MatrixView<const float> numbers, float scale) {
  std::vector<std::int16_t> values(static_cast<std::size_t>(numbers.size()));
  const MatrixView<std::int16_t> out(values.data(), numbers.rows(), numbers.cols());
  for (std::int64_t row = 0; row < numbers.rows(); ++row)
    quantise(bits, numbers.row(row), scale, out.row(row));
  return values;
}

Quantiser::Quantiser(const FormatSpec& format, int bits, MatrixView<const float> numbers,
                     const ScaleSource& source)
    : bits_(bits),
      by_group_(format.granularity == ScaleGranularity::group),
      piece_(static_cast<std::size_t>(by_group_ ? format.group : numbers.cols())),
      numbers_(numbers),
      scales_(source.given.empty() ? scales_for(format, bits, numbers) : source.given) {
  const std::int64_t pieces = by_group_ ? ceil_div<std::int64_t>(numbers.cols(), format.group) : 1;
  const auto count = static_cast<std::int64_t>(scales_.size());
  promise((count == 1 && !by_group_) || count == numbers.rows() * pieces,
          "there is one scale a tensor, or one a row or group");
}

void Quantiser::quantise_row(std::int64_t row, std::span<std::int16_t> out) const {
  const auto numbers = numbers_.row(row);
  if (!by_group_) {
    const auto index = scales_.size() == 1 ? 0 : static_cast<std::size_t>(row);
    return quantise(bits_, numbers, scales_[index], out);
  }
  std::size_t index = static_cast<std::size_t>(row) * ceil_div(numbers.size(), piece_);
  for (std::size_t first = 0; first < numbers.size(); first += piece_, ++index) {
    const std::size_t width = std::min(piece_, numbers.size() - first);
    const auto integers = out.subspan(first, width);
    if (scales_[index] == 0) {  // its FP16 scale rounded to zero
      std::ranges::fill(integers, std::int16_t{0});
    } else {
      quantise(bits_, numbers.subspan(first, width), scales_[index], integers);
    }
  }
}

BaseIntegers quantise(const FormatSpec& format, int bits, MatrixView<const float> numbers,
                      const ScaleSource& source) {
  Quantiser quantiser(format, bits, numbers, source);
  BaseIntegers base{numbers.rows(), numbers.cols(), {}, {}};
  base.values.resize(static_cast<std::size_t>(numbers.size()));
  const MatrixView<std::int16_t> out(base.values.data(), numbers.rows(), numbers.cols());
  for (std::int64_t row = 0; row < numbers.rows(); ++row) quantiser.quantise_row(row, out.row(row));
  base.scales = quantiser.take_scales();
  return base;
}

}  // namespace razorsim
