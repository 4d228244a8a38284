// SPDX-License-Identifier: Apache-2.0
// Small IEEE-like floating-point formats: encode to nearest even, decode, no hardware conversion.
#pragma once

#include <cstdint>

namespace razorsim {

/// Sign, `exponent_bits`, `mantissa_bits`; codes above `largest_code` (sign apart) are NaN or
/// infinity.
struct Minifloat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  std::uint32_t largest_code;

  [[nodiscard]] constexpr int sign_shift() const { return exponent_bits + mantissa_bits; }
};

/// OCP Microscaling Formats (MX) v1.0, 5.3.3: no infinity, no NaN, largest 6.
inline constexpr Minifloat e2m1{2, 1, 1, 0x7};
/// OCP 8-bit Floating Point v1.0: no infinity, 0x7F is NaN, largest 448.
inline constexpr Minifloat e4m3{4, 3, 7, 0x7E};
/// IEEE 754-2019 binary16: 0x7C00 is infinity, largest 65504.
inline constexpr Minifloat binary16{5, 10, 15, 0x7BFF};

/// Code of the value nearest to `x`, ties to the even code; beyond the largest value it saturates.
/// The sign of zero is kept. `x` is finite.
[[nodiscard]] std::uint32_t encode_minifloat(const Minifloat& format, double x);

/// Exact value of a finite code.
[[nodiscard]] double decode_minifloat(const Minifloat& format, std::uint32_t code);

/// 2^exponent for -1022 <= exponent <= 1023, without the library.
[[nodiscard]] double power_of_two(int exponent);

/// floor(log2(x)) of a positive finite normal double (any positive float qualifies).
[[nodiscard]] int exponent_of(double x);

}  // namespace razorsim
