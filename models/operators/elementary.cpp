// SPDX-License-Identifier: Apache-2.0
#include "models/operators/elementary.h"

#include <cmath>

#include "models/base/errors.h"

namespace razorsim {
namespace {

constexpr double whole = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer

/// Value of 1 + z/a1 (1 + z/a2 (1 + ... )): a Taylor series whose term i is the one before times
/// z/a_i.
template <class Divisor>
double nested(double z, int terms, Divisor divisor) {
  double sum = 1;
  for (int i = terms; i >= 1; --i) sum = 1 + z / divisor(i) * sum;
  return sum;
}

}  // namespace

SineCosine sine_cosine(double angle) {
  promise(std::fabs(angle) <= 1048576.0, "an angle to rotate by is at most 2^20 radians");
  // pi/2 in three parts of 33, 33 and 53 bits (Cody and Waite): k below 2^20 times the first two is
  // exact.
  constexpr double part1 = 0x1.921fb544p+0;
  constexpr double part2 = 0x1.0b4611a6p-34;
  constexpr double part3 = 0x1.3198a2e037073p-69;
  constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
  const double k = (angle * two_over_pi + whole) - whole;
  const double r = ((angle - k * part1) - k * part2) - k * part3;
  const double z = -(r * r);
  // Taylor to r^19 and r^18: |r| <= pi/4 leaves less than 1e-18.
  const double sine = r * nested(z, 9, [](int i) { return 2.0 * i * (2.0 * i + 1); });
  const double cosine = nested(z, 9, [](int i) { return 2.0 * i * (2.0 * i - 1); });
  switch (static_cast<std::int64_t>(k) & 3) {
    case 0: return {sine, cosine};
    case 1: return {cosine, -sine};
    case 2: return {-sine, -cosine};
    default: return {-cosine, sine};
  }
}

double exp_f64(double x) {
  promise(std::fabs(x) <= 700, "exp_f64 takes -700 to 700");
  constexpr double log2_e = 0x1.71547652b82fep+0;
  constexpr double ln2_high = 0x1.62e42feep-1;  // 32 bits, so that k * ln2_high is exact
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  const double k = (x * log2_e + whole) - whole;
  const double r = (x - k * ln2_high) - k * ln2_low;
  const double power = nested(r, 15, [](int i) { return static_cast<double>(i); });
  return power * std::bit_cast<double>(
                     static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52);
}

double log_f64(double x) {
  promise(x >= 0x1p-1022 && std::isfinite(x), "log_f64 takes positive normal numbers");
  auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  auto mantissa = std::bit_cast<double>((bits & ((std::uint64_t{1} << 52) - 1)) |
                                        std::bit_cast<std::uint64_t>(1.0));
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    ++exponent;
  }
  // ln m = 2 (s + s^3/3 + s^5/5 + ...), s = (m-1)/(m+1), |s| < 0.172: 12 terms leave less than
  // 1e-19.
  const double s = (mantissa - 1) / (mantissa + 1);
  double series = 0;
  for (int i = 11; i >= 1; --i) series = (series + 1.0 / (2 * i + 1)) * (s * s);
  constexpr double ln2_high = 0x1.62e42feep-1;
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  return exponent * ln2_high + (exponent * ln2_low + 2 * (s + s * series));
}

}  // namespace razorsim
