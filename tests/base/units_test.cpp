// SPDX-License-Identifier: Apache-2.0
#include "models/base/units.h"

#include <concepts>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};

TEST(Units, DifferentUnitsDoNotMix) {
  static_assert(Addable<Bytes, Bytes>);
  static_assert(!Addable<Bytes, Bits>);
  static_assert(!Addable<CoreCycles, MemoryCycles>);
  static_assert(!std::convertible_to<std::int64_t, Bytes>);
  static_assert(!std::convertible_to<Bytes, std::int64_t>);
}

TEST(Units, CountsAddScaleAndCompare) {
  EXPECT_EQ(Bytes(3) + Bytes(4), Bytes(7));
  EXPECT_EQ(Bytes(3) * 5, Bytes(15));
  EXPECT_EQ(Bytes(30) / Bytes(7), 4);
  EXPECT_LT(Picojoules(1.5), Picojoules(2));
  Bytes sum(1);
  sum += Bytes(2);
  sum -= Bytes(5);
  EXPECT_EQ(sum, Bytes(-2));
}

TEST(Units, QuotientsRoundUp) {
  EXPECT_EQ(ceil_div(0, 4), 0);
  EXPECT_EQ(ceil_div(1, 4), 1);
  EXPECT_EQ(ceil_div(8, 4), 2);
  EXPECT_EQ(round_up(9, 4), 12);
  EXPECT_EQ(bytes_of(Bits(9)), Bytes(2));
  EXPECT_EQ(bytes_of(Bits(0)), Bytes(0));
}

}  // namespace
}  // namespace razorsim
