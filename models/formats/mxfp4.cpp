// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/formats/fp4.h"
#include "models/formats/minifloat.h"

namespace razorsim {
namespace {

constexpr int e8m0_bias = 127;            // MX v1.0, 5.4.1; code 255 is NaN and never made
constexpr int e2m1_largest_exponent = 2;  // 6 = 1.5 * 2^2

/// OCP Microscaling Formats v1.0: blocks of 32, scale 2^(floor(log2(absmax)) - 2) as E8M0 (6.3),
/// elements to nearest even, saturating. A block of zeros takes the smallest scale (chosen).
class Mxfp4 final : public Fp4 {
 public:
  std::string_view name() const override { return "mxfp4"; }
  std::string_view meaning() const override {
    return "OCP MX v1.0: E2M1 elements, one E8M0 scale a block of 32";
  }

  FormatTraits traits(const FormatSpec&) const override {
    FormatTraits traits = element_traits();
    traits.largest_group_code = 254;
    return traits;
  }

  void check(const FormatSpec& spec, Complaints& complaints) const override {
    check_block(spec, 32, complaints);
  }

  std::vector<FormatSpec> variants() const override {
    FormatSpec spec;
    spec.name = name();
    spec.group = 32;
    spec.granularity = ScaleGranularity::group;
    return {spec};
  }

 private:
  std::vector<float> tensor_scale(MatrixView<const float>,
                                  const ScaleSource& source) const override {
    promise(source.given.empty(), "mxfp4 has no tensor scale");
    return {};
  }

  std::uint8_t block_code(float absolute_maximum, float) const override {
    if (absolute_maximum == 0) return 0;
    const int exponent = exponent_of(absolute_maximum) - e2m1_largest_exponent;
    return static_cast<std::uint8_t>(std::max(exponent + e8m0_bias, 0));
  }

  // A quotient by a power of two is exact, and where FP32 cannot hold it its code is 0 anyway.
  float step(std::uint8_t block_code, float) const override {
    return static_cast<float>(power_of_two(block_code - e8m0_bias));
  }
};

}  // namespace

const NumberFormat& mxfp4_format() {
  static const Mxfp4 format;
  return format;
}

}  // namespace razorsim
