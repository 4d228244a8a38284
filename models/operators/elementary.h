// SPDX-License-Identifier: Apache-2.0
// exp, log, sine and cosine of our own: the same bits on every machine and with every C library.
#pragma once

#include <bit>
#include <cstdint>

namespace razorsim {

/// e^x in FP32, within 1 ulp (tested against the library over all binades). 0 below -104, infinity
/// above 88.73, NaN for NaN, subnormal results rounded once. Without a branch, so that loops vectorise.
/// Method: x = k ln 2 + r, e^r = 1 + (r + r^2 p(r)), with p a minimax polynomial made for
/// |r| <= ln(2) / 2 by Remez exchange (error 3e-9 of e^r).
[[nodiscard]] inline float exp_f32(float x) {
  constexpr float log2_e = 0x1.715476p+0F;
  constexpr float ln2_high = 0x1.62e4p-1F;  // 14 bits, so that k * ln2_high is exact
  constexpr float ln2_low = 0x1.7f7d1cp-20F;
  constexpr float whole = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer in the low bits

  const float bounded = x < -104.0F ? -104.0F : (x > 89.0F ? 89.0F : x);
  const float shifted = bounded * log2_e + whole;
  const float k = shifted - whole;
  const float r = (bounded - k * ln2_high) - k * ln2_low;
  float p = 0.00138148267795F;
  p = p * r + 0.00836870975192F;
  p = p * r + 0.0416683832309F;
  p = p * r + 0.166665207084F;
  p = p * r + 0.499999934724F;
  const float power = 1.0F + (r + (r * r) * p);
  // 2^k in two factors, both normal numbers: only the second product can round.
  const std::int32_t exponent = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(whole);
  const std::int32_t half = exponent >> 1;
  const auto first = std::bit_cast<float>(static_cast<std::uint32_t>(half + 127) << 23);
  const auto second = std::bit_cast<float>(static_cast<std::uint32_t>(exponent - half + 127) << 23);
  const float result = (power * first) * second;
  return x == x ? result : x;
}

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
