// SPDX-License-Identifier: Apache-2.0
#include "models/formats/minifloat.h"

#include <algorithm>
#include <bit>

namespace razorsim {

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

int exponent_of(double x) {
  return static_cast<int>((std::bit_cast<std::uint64_t>(x) >> 52) & 0x7FF) - 1023;
}

std::uint32_t encode_minifloat(const Minifloat& format, double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const auto sign = static_cast<std::uint32_t>(bits >> 63) << format.sign_shift();
  const double magnitude = std::bit_cast<double>(bits << 1 >> 1);

  // In units of the last place of its binade (subnormals share that of the smallest normal) the
  // magnitude is below 2^(mantissa_bits + 1), and adding 2^52 rounds it to nearest even exactly.
  const int smallest = 1 - format.bias;
  const int exponent = std::max(exponent_of(magnitude), smallest);
  if (exponent > format.bias + 1) return sign | format.largest_code;
  constexpr double whole = 4503599627370496.0;
  const double units = magnitude * power_of_two(format.mantissa_bits - exponent);
  const auto significand = static_cast<std::uint32_t>((units + whole) - whole);
  // The hidden bit adds one to the exponent field, and so does a carry out of the mantissa.
  const std::uint32_t code =
      (static_cast<std::uint32_t>(exponent - smallest) << format.mantissa_bits) + significand;
  return sign | std::min(code, format.largest_code);
}

double decode_minifloat(const Minifloat& format, std::uint32_t code) {
  const std::uint32_t mantissa = code & ((1U << format.mantissa_bits) - 1);
  const auto field =
      static_cast<int>((code >> format.mantissa_bits) & ((1U << format.exponent_bits) - 1));
  const std::uint32_t significand = field == 0 ? mantissa : mantissa | (1U << format.mantissa_bits);
  const int exponent = std::max(field, 1) - format.bias - format.mantissa_bits;
  const double magnitude = static_cast<double>(significand) * power_of_two(exponent);
  return ((code >> format.sign_shift()) & 1U) != 0 ? -magnitude : magnitude;
}

}  // namespace razorsim
