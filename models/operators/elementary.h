// SPDX-License-Identifier: Apache-2.0
// exp, log, sine and cosine of our own: the same bits on every machine and with every C library.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace razorsim {

// Constants of exp_f32. The polynomial p of e^r = 1 + r + r^2 p(r) is minimax for |r| <= ln(2) / 2,
// made by Remez exchange (error 3e-9 of e^r); highest power first.
inline constexpr float exp_lowest = -104.0F;  // e^x is less than half the smallest number
inline constexpr float exp_highest = 89.0F;   // e^x is above the largest
inline constexpr float exp_log2_e = 0x1.715476p+0F;
inline constexpr float exp_ln2_high = 0x1.62e4p-1F;  // 14 bits, so that a product with k is exact
inline constexpr float exp_ln2_low = 0x1.7f7d1cp-20F;
inline constexpr float exp_whole = 12582912.0F;  // 1.5 * 2^23: a sum with it has no fraction
inline constexpr std::array<float, 5> exp_polynomial = {
    0.00138148267795F, 0.00836870975192F, 0.0416683832309F, 0.166665207084F, 0.499999934724F};

/// e^x in FP32, within 1 ulp (tested against the library over all binades). 0 below -104, infinity
/// above 88.73, NaN for NaN, subnormal results rounded once. Method: x = k ln 2 + r.
[[nodiscard]] inline float exp_f32(float x) {
  const float high_enough = x < exp_lowest ? exp_lowest : x;
  const float bounded = high_enough > exp_highest ? exp_highest : high_enough;
  const float shifted = bounded * exp_log2_e + exp_whole;
  const float k = shifted - exp_whole;
  const float r = (bounded - k * exp_ln2_high) - k * exp_ln2_low;
  float p = exp_polynomial[0];
  for (std::size_t term = 1; term < exp_polynomial.size(); ++term) p = p * r + exp_polynomial[term];
  const float power = 1.0F + (r + (r * r) * p);
  // 2^k in two factors, both normal numbers: only the second product can round.
  const std::int32_t exponent =
      std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(exp_whole);
  const std::int32_t half = exponent >> 1;
  const auto first = std::bit_cast<float>(static_cast<std::uint32_t>(half + 127) << 23);
  const auto second = std::bit_cast<float>(static_cast<std::uint32_t>(exponent - half + 127) << 23);
  const float result = (power * first) * second;
  return x == x ? result : x;
}

/// The same for every element, by vectors; equal in every bit. `out` may be `x`.
void exp_f32(std::span<const float> x, std::span<float> out);

struct SineCosine {
  double sine;
  double cosine;
};

/// Sine and cosine within 1e-15, for |angle| <= 2^20 radians. Throws Defect beyond.
[[nodiscard]] SineCosine sine_cosine(double angle);

/// e^x and the natural logarithm in double precision, relative error below 1e-15 (exp: |x| <= 700;
/// log: x positive and normal). For constants such as the rotary frequencies, not for speed.
[[nodiscard]] double exp_f64(double x);
[[nodiscard]] double log_f64(double x);

}  // namespace razorsim
