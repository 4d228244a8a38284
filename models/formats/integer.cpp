// SPDX-License-Identifier: Apache-2.0
#include "models/formats/integer.h"

#include <algorithm>
#include <sstream>

namespace razorsim {
namespace {

/// Throws TraceError, naming the place, when an integer lies outside the base of `bits` bits.
void refuse_outside(int bits, std::span<const std::int16_t> base, std::int64_t row) {
  const auto limit = static_cast<std::int16_t>(largest_integer(bits));
  std::int16_t low = 0;
  std::int16_t high = 0;
  for (const std::int16_t value : base) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low >= -limit && high <= limit) return;
  std::ostringstream text;
  text << "base integer " << (low < -limit ? low : high) << " in row " << row
       << " is outside the base of " << bits << " bits; allowed: " << -limit << " to " << limit;
  throw TraceError(text.str());
}

void reserve(EncodedMatrix& out) {
  out.values.reserve(static_cast<std::size_t>(out.rows * out.cols));
  out.codes.reserve(out.values.capacity());
}

}  // namespace

void IntegerBased::encode(MatrixView<const float> numbers, const ScaleSource& source,
                          EncodedMatrix& out) const {
  Quantiser quantiser(out.format, traits(out.format).base_bits, numbers, source);
  reserve(out);
  std::vector<std::int16_t> base(static_cast<std::size_t>(numbers.cols()));
  for (std::int64_t row = 0; row < numbers.rows(); ++row) {
    quantiser.quantise_row(row, base);
    encode_row(base, out);
  }
  out.scales = quantiser.take_scales();
}

void IntegerBased::encode_integers(MatrixView<const std::int16_t> base, EncodedMatrix& out) const {
  const int bits = traits(out.format).base_bits;
  reserve(out);
  for (std::int64_t row = 0; row < base.rows(); ++row) {
    refuse_outside(bits, base.row(row), row);
    encode_row(base.row(row), out);
  }
}

void IntegerBased::decode(const EncodedMatrix& encoded, MatrixView<float> out) const {
  const auto values = encoded.values_view();
  const bool by_group = encoded.format.granularity == ScaleGranularity::group;
  const std::int64_t width =
      by_group ? encoded.format.group : std::max<std::int64_t>(encoded.cols, 1);
  const std::int64_t pieces = ceil_div(encoded.cols, width);
  for (std::int64_t row = 0; row < encoded.rows; ++row) {
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const float scale = by_group ? encoded.scales[static_cast<std::size_t>(row * pieces + piece)]
                                   : encoded.scale_of(row);
      const std::int64_t last = std::min((piece + 1) * width, encoded.cols);
      for (std::int64_t col = piece * width; col < last; ++col) {
        out(row, col) = static_cast<float>(values(row, col)) * scale;
      }
    }
  }
}

FormatTraits PlainInteger::traits(const FormatSpec& spec) const {
  FormatTraits traits;
  const bool by_group = spec.granularity == ScaleGranularity::group;
  traits.is_integer = true;
  traits.has_groups = by_group;
  traits.base_bits = bits_;
  traits.magnitude_bits = bits_ - 1;
  traits.element_bits = Bits(bits_);
  traits.group_bits = Bits(by_group ? 16 : 0);
  traits.scale_bits = Bits(by_group ? 0 : 32);
  traits.smallest_code = -largest_integer(bits_);
  traits.largest_code = largest_integer(bits_);
  traits.largest_value = largest_integer(bits_);
  return traits;
}

void PlainInteger::check(const FormatSpec& spec, Complaints& complaints) const {
  if (spec.granularity == ScaleGranularity::group && spec.calibration == Calibration::unit_range) {
    complaints.add("granularity",
                   "is 'group' with calibration 'unit', which is one scale for the whole tensor");
  }
}

std::vector<FormatSpec> PlainInteger::variants() const {
  FormatSpec spec;
  spec.name = name_;
  spec.base_bits = bits_ > 8 ? 16 : 8;
  std::vector<FormatSpec> all = {spec, spec, spec, spec};
  all[1].granularity = ScaleGranularity::row;
  all[2].granularity = ScaleGranularity::group;
  all[3].calibration = Calibration::unit_range;
  return all;
}

void PlainInteger::encode_row(std::span<const std::int16_t> base, EncodedMatrix& out) const {
  out.values.insert(out.values.end(), base.begin(), base.end());
  out.codes.insert(out.codes.end(), base.begin(), base.end());
}

}  // namespace razorsim
