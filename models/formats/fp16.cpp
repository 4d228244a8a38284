// SPDX-License-Identifier: Apache-2.0
#include "models/formats/fp16.h"

#include <bit>
#include <cmath>
#include <limits>

#include "models/formats/minifloat.h"
#include "models/formats/number_format.h"

namespace razorsim {
namespace {

constexpr std::uint16_t infinity = 0x7C00;
constexpr std::uint16_t quiet_nan = 0x7E00;
constexpr float first_to_infinity =
    65520.0F;  // half way from 65504 to 2^16; ties go to the even code

/// Elements saturate to +-65504 where the conversion of IEEE would give infinity (chosen): a
/// product with an infinity would tell nothing of the error.
class Fp16 final : public NumberFormat {
 public:
  std::string_view name() const override { return "fp16"; }
  std::string_view meaning() const override { return "IEEE 754 binary16"; }

  FormatTraits traits(const FormatSpec&) const override {
    FormatTraits traits;
    traits.element_bits = Bits(16);
    traits.largest_code = 0x7BFF;
    return traits;
  }

  void check(const FormatSpec&, Complaints&) const override {}

  std::vector<FormatSpec> variants() const override {
    FormatSpec spec;
    spec.name = name();
    return {spec};
  }

  void encode(MatrixView<const float> numbers, const ScaleSource& source,
              EncodedMatrix& out) const override {
    promise(source.given.empty(), "fp16 has no scales");
    out.codes.reserve(static_cast<std::size_t>(numbers.size()));
    for (std::int64_t row = 0; row < numbers.rows(); ++row) {
      static_cast<void>(absmax(numbers.row(row)));  // refuses NaN and infinity
      for (const float number : numbers.row(row)) {
        out.codes.push_back(static_cast<std::int16_t>(encode_minifloat(binary16, number)));
      }
    }
  }

  void decode(const EncodedMatrix& encoded, MatrixView<float> out) const override {
    const auto codes = encoded.codes_view();
    for (std::int64_t row = 0; row < out.rows(); ++row) {
      for (std::int64_t col = 0; col < out.cols(); ++col) {
        out(row, col) = from_fp16(static_cast<std::uint16_t>(codes(row, col)));
      }
    }
  }
};

}  // namespace

std::uint16_t to_fp16(float x) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(x) ? 0x8000U : 0U);
  if (std::isnan(x)) return sign | quiet_nan;
  if (std::fabs(x) >= first_to_infinity) return sign | infinity;
  return static_cast<std::uint16_t>(encode_minifloat(binary16, x));
}

float from_fp16(std::uint16_t bits) {
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  if ((bits & infinity) != infinity) {
    // Mantissa and exponent moved to a float's place are short of the two biases' difference, a
    // factor of 2^112; the product is exact, for subnormals too.
    return sign * (std::bit_cast<float>((bits & 0x7FFFU) << 13) * 0x1p112F);
  }
  if ((bits & 0x3FFU) != 0) return std::copysign(std::numeric_limits<float>::quiet_NaN(), sign);
  return sign * std::numeric_limits<float>::infinity();
}

const NumberFormat& fp16_format() {
  static const Fp16 format;
  return format;
}

}  // namespace razorsim
