// SPDX-License-Identifier: Apache-2.0
// The SDR datapath as inline functions: products, group sum, flag add, barrel shift, accumulator.
// The beat-level units and the register-level arrays both call these; nobody writes them again. The
// products of a whole array in one clock are in sdr_rows.h.
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

}  // namespace razorsim::datapath
