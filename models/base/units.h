// SPDX-License-Identifier: Apache-2.0
// Physical quantities as types. The unit is in the type here and in the key in JSON ("size_bytes").
#pragma once

#include <compare>
#include <cstdint>

namespace razorsim {

/// One physical quantity. `Tag` names the unit, `Rep` is int64 for anything counted, double for
/// anything estimated. Quantities of different units do not mix; ratios are plain numbers.
template <class Tag, class Rep>
class Quantity {
 public:
  using rep = Rep;

  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep count) : count_(count) {}

  [[nodiscard]] constexpr Rep count() const { return count_; }

  constexpr Quantity& operator+=(Quantity other) {
    count_ += other.count_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    count_ -= other.count_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.count_ + b.count_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.count_ - b.count_);
  }
  friend constexpr Quantity operator*(Quantity a, Rep factor) {
    return Quantity(a.count_ * factor);
  }
  friend constexpr Quantity operator*(Rep factor, Quantity a) {
    return Quantity(factor * a.count_);
  }
  friend constexpr Rep operator/(Quantity a, Quantity b) { return a.count_ / b.count_; }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;

 private:
  Rep count_ = 0;
};

template <class T>
inline constexpr bool is_quantity = false;
template <class Tag, class Rep>
inline constexpr bool is_quantity<Quantity<Tag, Rep>> = true;

struct CoreClock;    // the accelerator's clock domain
struct MemoryClock;  // the command clock of a DRAM device

/// Clock cycles of one domain; cycles of two domains do not mix.
template <class Domain>
using Cycles = Quantity<Domain, std::int64_t>;

using CoreCycles = Cycles<CoreClock>;
using MemoryCycles = Cycles<MemoryClock>;
using Bytes = Quantity<struct ByteTag, std::int64_t>;
using Bits = Quantity<struct BitTag, std::int64_t>;
using Picoseconds = Quantity<struct PicosecondTag, std::int64_t>;
using Picojoules = Quantity<struct PicojouleTag, double>;
using SquareMicrometres = Quantity<struct SquareMicrometreTag, double>;

/// Quotient rounded towards plus infinity, for counts (both non-negative, divisor positive).
template <class Int>
[[nodiscard]] constexpr Int ceil_div(Int dividend, Int divisor) {
  return (dividend + divisor - 1) / divisor;
}

/// The next multiple of `step` at or above `value`.
template <class Int>
[[nodiscard]] constexpr Int round_up(Int value, Int step) {
  return ceil_div(value, step) * step;
}

/// Whole bytes that hold `bits`.
[[nodiscard]] constexpr Bytes bytes_of(Bits bits) {
  return Bytes(ceil_div<std::int64_t>(bits.count(), 8));
}

}  // namespace razorsim
