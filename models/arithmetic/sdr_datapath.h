// SPDX-License-Identifier: Apache-2.0
// The SDR datapath as inline functions: products, group sum, flag add, barrel shift, accumulator.
// The beat-level units and the register-level arrays both call these; nobody writes them again.
//
// The array forms take `count` neighbouring elements with one register each. They are plain loops
// that inline into the caller, so a caller compiled for AVX2 or AVX-512 gets them vectorised.
#pragma once

#include <cstdint>

#include "models/arithmetic/unit_spec.h"

#define RAZORSIM_ALWAYS_INLINE inline __attribute__((always_inline))

namespace razorsim::datapath {

/// Bits of the signed register that holds the sum of `group` products of 4-bit codes: 11 at g = 16
/// with codes -7..7, 12 where -8 is a code too.
[[nodiscard]] constexpr int group_sum_bits(int group, bool reaches_minus) {
  const int largest = (reaches_minus ? 64 : 49) * group;
  int bits = 1;
  while ((1 << (bits - 1)) - 1 < largest) ++bits;
  return bits;
}

/// value * 2^shift for either sign.
[[nodiscard]] RAZORSIM_ALWAYS_INLINE std::int64_t barrel_shift(std::int64_t value, int shift) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift);
}

/// A signed register of 8 to 64 bits.
struct Accumulator {
  int bits = 40;
  AccumulatorOverflow overflow = AccumulatorOverflow::saturate;

  [[nodiscard]] constexpr std::int64_t largest() const {
    return static_cast<std::int64_t>((std::uint64_t{1} << (bits - 1)) - 1);
  }
  [[nodiscard]] constexpr std::int64_t smallest() const { return -largest() - 1; }

  /// Adds in place; true where the sum did not fit and was saturated or wrapped.
  RAZORSIM_ALWAYS_INLINE bool add(std::int64_t& value, std::int64_t addend) const {
    std::int64_t sum = 0;
    const bool carried = __builtin_add_overflow(value, addend, &sum);
    if (!carried && sum <= largest() && sum >= smallest()) {
      value = sum;
      return false;
    }
    if (overflow == AccumulatorOverflow::saturate) {
      value = addend < 0 ? smallest() : largest();
    } else {
      const int unused = 64 - bits;
      value = barrel_shift(sum, unused) >> unused;
    }
    return true;
  }
};

/// Group sum of `count` products of codes, as a dot-g unit's tree makes it.
template <class Code>
[[nodiscard]] RAZORSIM_ALWAYS_INLINE std::int32_t dot(const Code* a, const Code* w, int count) {
  std::int32_t sum = 0;
  for (int i = 0; i < count; ++i) sum += std::int32_t{a[i]} * std::int32_t{w[i]};
  return sum;
}

/// sums[i] += a[i] * w[i]: one clock of `count` scalar elements. |sum| <= 64 * 511 fits.
RAZORSIM_ALWAYS_INLINE void multiply_add(std::int16_t* sums, const std::int8_t* a,
                                         const std::int8_t* w, int count) {
  for (int i = 0; i < count; ++i) {
    sums[i] = static_cast<std::int16_t>(sums[i] + std::int16_t{a[i]} * std::int16_t{w[i]});
  }
}

/// sums[i] += a * w[i]: the same where one code is held or broadcast along the row.
RAZORSIM_ALWAYS_INLINE void multiply_add(std::int16_t* sums, std::int8_t a, const std::int8_t* w,
                                         int count) {
  for (int i = 0; i < count; ++i) {
    sums[i] = static_cast<std::int16_t>(sums[i] + std::int16_t{a} * std::int16_t{w[i]});
  }
}

/// accumulators[i] += sums[i] << (flags_a[i] + flags_w[i]), then sums[i] = 0: group end of `count`
/// neighbours whose accumulators can't overflow (see never_overflows in saturating.h).
RAZORSIM_ALWAYS_INLINE void shift_accumulate(std::int64_t* accumulators, std::int16_t* sums,
                                             const std::uint8_t* flags_a,
                                             const std::uint8_t* flags_w, int count) {
  for (int i = 0; i < count; ++i) {
    accumulators[i] += barrel_shift(sums[i], flags_a[i] + flags_w[i]);
    sums[i] = 0;
  }
}

/// The same with a register that saturates or wraps; returns how many did.
RAZORSIM_ALWAYS_INLINE std::int64_t shift_accumulate(const Accumulator& form,
                                                     std::int64_t* accumulators, std::int16_t* sums,
                                                     const std::uint8_t* flags_a,
                                                     const std::uint8_t* flags_w, int count) {
  std::int64_t overflows = 0;
  for (int i = 0; i < count; ++i) {
    overflows += form.add(accumulators[i], barrel_shift(sums[i], flags_a[i] + flags_w[i])) ? 1 : 0;
    sums[i] = 0;
  }
  return overflows;
}

}  // namespace razorsim::datapath
