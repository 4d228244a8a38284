// SPDX-License-Identifier: Apache-2.0
#include "models/formats/sdr.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "models/formats/format.h"

namespace razorsim {
namespace {

FormatSpec sdr(int base_bits = 16, int magnitude_bits = 3, int group = 16) {
  FormatSpec spec;
  spec.name = "sdr";
  spec.base_bits = base_bits;
  spec.magnitude_bits = magnitude_bits;
  spec.group = group;
  return spec;
}

EncodedMatrix razored(const FormatSpec& spec, const std::vector<std::int16_t>& base) {
  return encode_integers(spec, {base.data(), 1, static_cast<std::int64_t>(base.size())}, {1.0F});
}

/// The code by real arithmetic instead of bits: the quotient, rounded as the rule's name says.
int expected_code(const FormatSpec& spec, int value, int flag) {
  const double quotient = std::fabs(value) / std::ldexp(1.0, flag);
  double code = std::floor(quotient);
  const double rest = quotient - code;
  if (spec.rounding == Rounding::half_away && rest >= 0.5) code += 1;
  if (spec.rounding == Rounding::half_even &&
      (rest > 0.5 || (rest == 0.5 && std::fmod(code, 2) == 1)))
    code += 1;
  const int largest = (1 << spec.magnitude_bits) - 1;
  if (code > largest)
    code = spec.overflow == Overflow::saturate && value < 0 ? largest + 1 : largest;
  return value < 0 ? -static_cast<int>(code) : static_cast<int>(code);
}

// Every base integer under every flag it can meet: the flag is forced by a neighbour with the same
// leading bit, for every rule, width and base.
TEST(Sdr, EveryIntegerUnderEveryFlag) {
  for (const FormatSpec& variant : format_named("sdr").variants()) {
    FormatSpec spec = variant;
    spec.group = 2;
    const int limit = largest_integer(spec.base_bits);
    const int m = spec.magnitude_bits;
    for (int flag = 0; flag <= largest_flag(spec.base_bits, m); ++flag) {
      const int leading = flag == 0 ? 0 : 1 << (flag + m - 1);
      std::vector<std::int16_t> base;
      const int reach = std::min(limit, (1 << (flag + m)) - 1);
      for (int value = -reach; value <= reach; ++value) {
        base.push_back(static_cast<std::int16_t>(value));
        base.push_back(static_cast<std::int16_t>(leading));
      }
      const EncodedMatrix ours = razored(spec, base);
      for (std::size_t i = 0; i < base.size(); i += 2) {
        ASSERT_EQ(ours.group_codes[i / 2], flag);
        ASSERT_EQ(ours.codes[i], expected_code(spec, base[i], flag))
            << base[i] << " flag " << flag << " m " << m;
        ASSERT_EQ(ours.values[i], ours.codes[i] * (1 << flag));
      }
    }
  }
}

TEST(Sdr, FlagFollowsTheLeadingOneOfTheGroup) {
  const std::vector<std::int16_t> zeros(16);
  EXPECT_EQ(razor_flag(zeros, 3), 0);
  for (int bit = 0; bit < 15; ++bit) {
    std::vector<std::int16_t> group(16);
    group[5] = static_cast<std::int16_t>(-(1 << bit));
    EXPECT_EQ(razor_flag(group, 3), std::max(0, bit - 2)) << bit;
    EXPECT_EQ(razor_flag(group, 7), std::max(0, bit - 6)) << bit;
  }
  EXPECT_EQ(largest_flag(16, 3), 12);
  EXPECT_EQ(largest_flag(8, 3), 4);
  EXPECT_EQ(largest_flag(8, 7), 0);
}

// Done by hand. Base 16, group of 4: OR of 1000, 37, 512, 3 has its leading one at 9, so 7 bits go.
TEST(Sdr, WorkedExample) {
  const EncodedMatrix ours = razored(sdr(16, 3, 4), {1000, -37, -512, 64, 5, -7, 3, 0});
  EXPECT_EQ(ours.group_codes, (std::vector<std::uint8_t>{7, 0}));
  // 1000/128 = 7.8 may not round to 8; -37/128 = -0.3; -512/128 = -4; 64/128 = 0.5 goes away from
  // zero.
  EXPECT_EQ(ours.codes, (std::vector<std::int16_t>{7, 0, -4, 1, 5, -7, 3, 0}));
  EXPECT_EQ(ours.values, (std::vector<std::int16_t>{896, 0, -512, 128, 5, -7, 3, 0}));
}

TEST(Sdr, OnlyANegativeReachesMinusEightWhenSaturating) {
  FormatSpec spec = sdr(8, 3, 2);
  spec.overflow = Overflow::saturate;
  const EncodedMatrix ours = razored(spec, {-127, 127});
  EXPECT_EQ(ours.codes, (std::vector<std::int16_t>{-8, 7}));
  EXPECT_EQ(ours.values, (std::vector<std::int16_t>{-128, 112}));
}

TEST(Sdr, RazoringRazoredIntegersChangesNothing) {
  for (const auto& rounding : enum_names<Rounding>) {
    FormatSpec spec = sdr(16, 3, 16);
    spec.rounding = rounding.value;
    std::vector<std::int16_t> base;
    for (int i = 0; i < 4096; ++i)
      base.push_back(static_cast<std::int16_t>((i * 7919) % 65535 - 32767));
    const EncodedMatrix once = razored(spec, base);
    const EncodedMatrix twice = razored(spec, once.values);
    EXPECT_EQ(twice.values, once.values);
  }
}

TEST(Sdr, RefusesTheIntegerThatHasNoOpposite) {
  const auto message = [](const FormatSpec& spec, std::vector<std::int16_t> base) -> std::string {
    try {
      static_cast<void>(razored(spec, base));
    } catch (const TraceError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(
      message(sdr(16), {1, -32768}),
      "base integer -32768 in row 0 is outside the base of 16 bits; allowed: -32767 to 32767");
  EXPECT_EQ(message(sdr(8), {1, -128}),
            "base integer -128 in row 0 is outside the base of 8 bits; allowed: -127 to 127");
  EXPECT_EQ(message(sdr(8), {128}),
            "base integer 128 in row 0 is outside the base of 8 bits; allowed: -127 to 127");
}

TEST(Sdr, AGroupMayBeLongerThanTheRow) {
  const EncodedMatrix ours = razored(sdr(16, 3, 128), {8, 1, -3});
  EXPECT_EQ(ours.group_codes, std::vector<std::uint8_t>{1});
  EXPECT_EQ(ours.codes, (std::vector<std::int16_t>{4, 1, -2}));
}

}  // namespace
}  // namespace razorsim
