// SPDX-License-Identifier: Apache-2.0
#include "models/formats/number_format.h"

namespace razorsim {
namespace {

/// The reference itself: elements are the numbers, in EncodedMatrix::reals.
class Fp32 final : public NumberFormat {
 public:
  std::string_view name() const override { return "fp32"; }
  std::string_view meaning() const override { return "IEEE 754 binary32, the reference"; }

  FormatTraits traits(const FormatSpec&) const override {
    FormatTraits traits;
    traits.element_bits = Bits(32);
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
    promise(source.given.empty(), "fp32 has no scales");
    out.reals.reserve(static_cast<std::size_t>(numbers.size()));
    for (std::int64_t row = 0; row < numbers.rows(); ++row) {
      static_cast<void>(absmax(numbers.row(row)));  // refuses NaN and infinity
      out.reals.insert(out.reals.end(), numbers.row(row).begin(), numbers.row(row).end());
    }
  }

  void decode(const EncodedMatrix& encoded, MatrixView<float> out) const override {
    for (std::int64_t row = 0; row < out.rows(); ++row) {
      for (std::int64_t col = 0; col < out.cols(); ++col) {
        out(row, col) = encoded.reals[static_cast<std::size_t>(row * encoded.cols + col)];
      }
    }
  }
};

}  // namespace

const NumberFormat& fp32_format() {
  static const Fp32 format;
  return format;
}

}  // namespace razorsim
