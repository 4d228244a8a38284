// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/group_scales.h"

#include <array>
#include <utility>

#include "models/arithmetic/unit_plan.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/formats/fp16.h"

namespace razorsim {
namespace {

constexpr int half = -1;            // exponent of what a doubled element counts
constexpr int e8m0_bias = 127;      // OCP MX v1.0, 5.4.1
constexpr int e4m3_exponent = -9;   // of the lowest bit of E4M3's smallest numbers (bias 7, 3 bits)
constexpr int fp16_exponent = -24;  // the same of FP16 (bias 15, 10 bits)

/// Significand and exponent of a positive code of `mantissa_bits`; `smallest` is that of its lowest
/// bit where the exponent field is 0.
std::pair<int, int> parts(int code, int mantissa_bits, int smallest) {
  const int field = code >> mantissa_bits;
  const int mantissa = code & ((1 << mantissa_bits) - 1);
  if (field == 0) return {mantissa, smallest};
  return {mantissa | 1 << mantissa_bits, smallest + field - 1};
}

}  // namespace

GroupScales group_scales(const EncodedMatrix& matrix) {
  GroupScales scales;
  const auto put = [&](std::pair<int, int> scale) {
    scales.significands.push_back(static_cast<std::int16_t>(scale.first));
    scales.exponents.push_back(static_cast<std::int16_t>(scale.second));
  };
  const std::string& name = matrix.format.name;
  if (name == "mxfp4") {
    for (const std::uint8_t code : matrix.group_codes)
      scales.exponents.push_back(static_cast<std::int16_t>(code - e8m0_bias + half));
  } else if (name == "nvfp4") {
    for (const std::uint8_t code : matrix.group_codes) put(parts(code, 3, e4m3_exponent + half));
  } else if (name == "sdr") {
    scales.exponents.assign(matrix.group_codes.begin(), matrix.group_codes.end());
  } else if (is_integer_format(matrix.format) && !is_integer(matrix.format)) {
    for (const float scale : matrix.scales) {
      promise(from_fp16(to_fp16(scale)) == scale, "a group's scale is an FP16 number");
      put(parts(to_fp16(scale), 10, fp16_exponent));
    }
  }
  return scales;
}

std::vector<std::int16_t> fixed_point_elements(const EncodedMatrix& matrix) {
  if (matrix.format.name != "mxfp4" && matrix.format.name != "nvfp4") return matrix.codes;
  constexpr std::array<std::int16_t, 16> doubled = {0, 1,  2,  3,  4,  6,  8,  12,
                                                    0, -1, -2, -3, -4, -6, -8, -12};
  std::vector<std::int16_t> elements;
  elements.reserve(matrix.codes.size());
  for (const std::int16_t code : matrix.codes)
    elements.push_back(doubled[static_cast<std::size_t>(code & 15)]);
  return elements;
}

}  // namespace razorsim
