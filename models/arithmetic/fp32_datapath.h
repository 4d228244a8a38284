// SPDX-License-Identifier: Apache-2.0
// The floating datapath as inline functions: what a group's exact sum becomes, the FP32
// accumulator, and the aligned sum of FP16 products. Units, kernel and registers of the array all
// call these.
//
// Left out: signalling. Infinities and subnormals are FP32's own; formats hold neither NaN nor
// infinity, so the only way to one is a sum beyond FP32.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "models/formats/minifloat.h"

namespace razorsim::datapath {

/// An FP32 accumulator as its register holds it.
[[nodiscard]] inline float as_fp32(std::int64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}
[[nodiscard]] inline std::int64_t bits_of(float value) {
  return static_cast<std::int64_t>(std::bit_cast<std::uint32_t>(value));
}

/// accumulator + term in FP32, to nearest even.
inline void add_fp32(std::int64_t& accumulator, float term) {
  accumulator = bits_of(as_fp32(accumulator) + term);
}

/// sum * factor * 2^exponent, rounded once. The product is exact in double: a group's sum has at
/// most 17 bits and two FP16 significands 22.
[[nodiscard]] inline float scaled_sum(std::int32_t sum, std::int32_t factor, int exponent) {
  return static_cast<float>(static_cast<double>(sum) * static_cast<double>(factor) *
                            power_of_two(exponent));
}

/// Bits below the largest product's lowest one that the alignment keeps (chosen: the sum of 256
/// products then fits 32 bits).
inline constexpr int fp16_guard_bits = 1;
/// Exponent of the lowest bit of a product of FP16 elements whose exponent fields are both zero.
inline constexpr int fp16_product_exponent = -50;

/// A binary16 code as a signed significand of 11 bits and the exponent field it counts with.
struct Fp16Parts {
  std::int32_t significand = 0;
  int exponent = 1;
};
[[nodiscard]] constexpr Fp16Parts fp16_parts(std::int16_t code) {
  const int field = code >> 10 & 31;
  const std::int32_t magnitude = (code & 1023) | (field == 0 ? 0 : 1024);
  return {code < 0 ? -magnitude : magnitude, std::max(field, 1)};
}

/// Sum of `count` products of FP16 codes as a dot unit forms it: each product exact, its magnitude
/// aligned to the largest exponent among the products that are not zero, what falls below the guard
/// bits cut off; the sum is exact and rounded once.
[[nodiscard]] inline float fp16_dot(const std::int16_t* a, const std::int16_t* w, int count) {
  int largest = 0;
  for (int i = 0; i < count; ++i) {
    const Fp16Parts left = fp16_parts(a[i]);
    const Fp16Parts right = fp16_parts(w[i]);
    if (left.significand != 0 && right.significand != 0)
      largest = std::max(largest, left.exponent + right.exponent);
  }
  std::int32_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const Fp16Parts left = fp16_parts(a[i]);
    const Fp16Parts right = fp16_parts(w[i]);
    const std::int32_t product = left.significand * right.significand;
    if (product == 0) continue;
    const int distance = std::min(largest - left.exponent - right.exponent, 31);
    const std::int32_t aligned = (std::abs(product) << fp16_guard_bits) >> distance;
    sum += product < 0 ? -aligned : aligned;
  }
  // Both factors are exact, so is their product: FP16's exponents stay far inside FP32's.
  return static_cast<float>(sum) *
         static_cast<float>(power_of_two(largest + fp16_product_exponent - fp16_guard_bits));
}

}  // namespace razorsim::datapath
