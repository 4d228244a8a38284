// SPDX-License-Identifier: Apache-2.0
// Encoded operands for the tests: random, and at the edges of what a format can hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "models/formats/format.h"

namespace razorsim::testing_operands {

inline FormatSpec sdr(int base_bits, int magnitude_bits = 3, int group = 16,
                      Overflow overflow = Overflow::floor) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = base_bits;
  format.magnitude_bits = magnitude_bits;
  format.group = group;
  format.overflow = overflow;
  return format;
}

inline FormatSpec integer(const std::string& name) {
  FormatSpec format;
  format.name = name;
  return format;
}

inline std::string describe(const FormatSpec& format) {
  if (format.name != "sdr") return format.name;
  return "sdr base " + std::to_string(format.base_bits) + " m" +
         std::to_string(format.magnitude_bits) + " g" + std::to_string(format.group) +
         (format.overflow == Overflow::saturate ? " saturate" : "");
}

/// The integer formats of every scheme, groups of several sizes.
inline std::vector<FormatSpec> integer_formats() {
  return {sdr(8),
          sdr(16),
          sdr(16, 7),
          sdr(8, 5),
          sdr(8, 3, 8),
          sdr(16, 3, 32),
          sdr(16, 3, 16, Overflow::saturate),
          integer("int4"),
          integer("int8"),
          integer("int16")};
}

enum class Fill { random, largest, smallest, zero, spread };

/// rows x cols base integers, encoded. `spread` has outliers, so that flags differ.
inline EncodedMatrix operand(const FormatSpec& format, std::int64_t rows, std::int64_t cols,
                             Fill fill, unsigned seed) {
  const int bits = traits_of(format).base_bits;
  const int most = (1 << (bits - 1)) - 1;
  std::mt19937 random(seed);
  std::vector<std::int16_t> base(static_cast<std::size_t>(rows * cols));
  for (auto& each : base) {
    int value = std::uniform_int_distribution<int>(-most, most)(random);
    if (fill == Fill::largest) value = most;
    if (fill == Fill::smallest) value = -most;
    if (fill == Fill::zero) value = 0;
    if (fill == Fill::spread) value >>= random() % static_cast<unsigned>(bits);
    each = static_cast<std::int16_t>(value);
  }
  std::vector<float> scales(1, 1.0F);
  return encode_integers(format, {base.data(), rows, cols}, scales);
}

}  // namespace razorsim::testing_operands
