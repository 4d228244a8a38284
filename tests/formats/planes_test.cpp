// SPDX-License-Identifier: Apache-2.0
#include "models/formats/planes.h"

#include <gtest/gtest.h>

#include "models/formats/format.h"

namespace razorsim {
namespace {

FormatSpec named(const char* name) { return default_spec(name); }

TEST(Planes, CountsPassesAsTheUnitRunsThem) {
  EXPECT_EQ(passes(named("int16")), 5);
  EXPECT_EQ(passes(named("int8")), 3);
  EXPECT_EQ(passes(named("int4")), 1);
  FormatSpec spec = named("sdr");
  EXPECT_EQ(passes(spec), 1);
  spec.magnitude_bits = 7;
  EXPECT_EQ(passes(spec), 3);
  EXPECT_THROW(static_cast<void>(passes(named("fp16"))), Defect);
}

TEST(Planes, ShiftsAreCutFromTheTop) {
  EXPECT_EQ(plane_shifts(15), (std::vector<int>{12, 9, 6, 3, 0}));
  EXPECT_EQ(plane_shifts(7), (std::vector<int>{4, 1, 0}));
  EXPECT_EQ(plane_shifts(3), std::vector<int>{0});
  EXPECT_EQ(plane_shifts(1), std::vector<int>{0});
  EXPECT_EQ(plane_shifts(5), (std::vector<int>{2, 0}));
  EXPECT_EQ(plane_shifts(15, 7), (std::vector<int>{8, 1, 0}));
  EXPECT_EQ(plane_shifts(7, 15), std::vector<int>{0});
}

// Every integer of the base, under every rule: the planes add up, and each fits a 4-bit code.
TEST(Planes, AddUpExactlyForEveryVariant) {
  std::vector<FormatSpec> specs = format_named("sdr").variants();
  for (const char* name : {"int4", "int8", "int16"}) specs.push_back(named(name));
  for (const FormatSpec& spec : specs) {
    const std::int32_t limit = largest_integer(traits_of(spec).base_bits);
    std::vector<std::int16_t> base;
    for (std::int32_t value = -limit; value <= limit; ++value)
      base.push_back(static_cast<std::int16_t>(value));
    const EncodedMatrix wide =
        encode_integers(spec, {base.data(), 1, static_cast<std::int64_t>(base.size())}, {0.5F});
    const auto parts = planes(wide, 8);
    ASSERT_EQ(static_cast<int>(parts.size()), passes(spec));
    std::vector<std::int32_t> sum(base.size());
    const int smallest = traits_of(spec).smallest_code < -traits_of(spec).largest_code ? -8 : -7;
    for (const EncodedMatrix& part : parts) {
      ASSERT_EQ(part.format.magnitude_bits, plane_bits);
      ASSERT_EQ(part.scales, wide.scales);
      ASSERT_EQ(static_cast<std::int64_t>(part.group_codes.size()), part.groups_per_row());
      for (std::size_t i = 0; i < sum.size(); ++i) {
        ASSERT_LE(part.codes[i], 7);
        ASSERT_GE(part.codes[i], smallest);
        ASSERT_EQ(part.values[i], part.codes[i] * (1 << part.group_codes[i / 8]));
        sum[i] += part.values[i];
      }
    }
    for (std::size_t i = 0; i < sum.size(); ++i) ASSERT_EQ(sum[i], wide.values[i]);
  }
}

TEST(Planes, RefusesGroupsAcrossFlags) {
  const std::vector<std::int16_t> base(32, 100);
  FormatSpec spec = named("sdr");
  spec.magnitude_bits = 7;
  const EncodedMatrix wide = encode_integers(spec, {base.data(), 1, 32}, {1.0F});
  EXPECT_THROW(static_cast<void>(planes(wide, 32)), Defect);
}

}  // namespace
}  // namespace razorsim
