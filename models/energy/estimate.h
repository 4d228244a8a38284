// SPDX-License-Identifier: Apache-2.0
// A figure with its uncertainty: what sources differ by, never a statistical interval.
#pragma once

#include "models/base/fields.h"

namespace razorsim {

/// Low, nominal and high value of one quantity. Sums add bound to bound, so the bounds of a sum
/// assume that all its parts err the same way: wider than independent errors would give.
struct Estimate {
  double low = 0;
  double nominal = 0;
  double high = 0;

  constexpr Estimate& operator+=(const Estimate& other) {
    low += other.low;
    nominal += other.nominal;
    high += other.high;
    return *this;
  }
  friend constexpr Estimate operator+(Estimate a, const Estimate& b) { return a += b; }
  friend constexpr Estimate operator*(const Estimate& a, double factor) {
    return {a.low * factor, a.nominal * factor, a.high * factor};
  }
  [[nodiscard]] constexpr bool ordered() const { return low <= nominal && nominal <= high; }
  bool operator==(const Estimate&) const = default;
};
template <>
inline constexpr auto fields<Estimate> = field_table<Estimate>(
    field("low", &Estimate::low, "", non_negative, "lowest figure of the sources"),
    field("nominal", &Estimate::nominal, "", non_negative, "the figure to use"),
    field("high", &Estimate::high, "", non_negative, "highest figure of the sources"));

/// An estimate without spread.
[[nodiscard]] constexpr Estimate exactly(double value) { return {value, value, value}; }

}  // namespace razorsim
