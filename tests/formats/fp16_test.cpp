// SPDX-License-Identifier: Apache-2.0
// Against the compiler's own _Float16, over all codes and all roundings that matter.
#include "models/formats/fp16.h"

#include <bit>
#include <cmath>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

__extension__ using Half = _Float16;

TEST(Fp16, EveryPatternDecodesAsTheCompilerHasIt) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto pattern = static_cast<std::uint16_t>(bits);
    const auto theirs = static_cast<float>(std::bit_cast<Half>(pattern));
    const float ours = from_fp16(pattern);
    if (std::isnan(theirs)) {
      EXPECT_TRUE(std::isnan(ours)) << bits;
      EXPECT_EQ(to_fp16(ours) & 0x7E00, 0x7E00) << bits;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(ours), std::bit_cast<std::uint32_t>(theirs)) << bits;
      ASSERT_EQ(to_fp16(ours), pattern);
    }
  }
}

// The numbers where rounding turns: each midpoint of neighbours, and the floats on its two sides.
TEST(Fp16, RoundsEveryMidpointToEven) {
  for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
    const float low = from_fp16(static_cast<std::uint16_t>(bits));
    const float high = bits == 0x7BFF ? 65536.0F : from_fp16(static_cast<std::uint16_t>(bits + 1));
    const float middle = low + (high - low) / 2;
    for (const float each : {middle, std::nextafter(middle, 0.0F), std::nextafter(middle, 1e9F)}) {
      ASSERT_EQ(to_fp16(each), std::bit_cast<std::uint16_t>(static_cast<Half>(each))) << each;
      ASSERT_EQ(to_fp16(-each), std::bit_cast<std::uint16_t>(static_cast<Half>(-each))) << -each;
    }
  }
}

TEST(Fp16, EveryBinadeOfFloat) {
  for (std::uint64_t bits = 0; bits < 0x100000000; bits += 65521) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isnan(x)) continue;
    ASSERT_EQ(to_fp16(x), std::bit_cast<std::uint16_t>(static_cast<Half>(x))) << x;
  }
}

}  // namespace
}  // namespace razorsim
