// SPDX-License-Identifier: Apache-2.0
#include "models/base/fields.h"

#include <string>

#include <gtest/gtest.h>

#include "models/base/cause.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/statistics.h"
#include "models/base/units.h"

namespace razorsim {

struct InnerCounters {
  std::int64_t hits = 0;
  Bytes moved;
  bool operator==(const InnerCounters&) const = default;
};
template <>
inline constexpr auto fields<InnerCounters> = field_table<InnerCounters>(
    field("hits", &InnerCounters::hits, "", non_negative, "hits"),
    field("moved_bytes", &InnerCounters::moved, "byte", non_negative, "bytes moved"));

struct OuterCounters {
  InnerCounters inner;
  double energy = 0;
  bool operator==(const OuterCounters&) const = default;
};
template <>
inline constexpr auto fields<OuterCounters> =
    field_table<OuterCounters>(field("inner", &OuterCounters::inner, "", any_value, "nested"),
                               field("energy", &OuterCounters::energy, "pJ", any_value, "energy"));

namespace {

TEST(Fields, SumsNestedCountersByTheTable) {
  OuterCounters whole{{1, Bytes(10)}, 0.5};
  add_fields(whole, OuterCounters{{2, Bytes(20)}, 1.5});
  EXPECT_EQ(whole, (OuterCounters{{3, Bytes(30)}, 2.0}));
}

TEST(Fields, VisitsInTheOrderOfTheTable) {
  std::string names;
  for_each_field<OuterCounters>([&](const auto& each) { names += std::string(each.name) + " "; });
  EXPECT_EQ(names, "inner energy ");
}

TEST(Fields, RangesAreClosed) {
  EXPECT_TRUE(between(1, 4).holds(1));
  EXPECT_TRUE(between(1, 4).holds(4));
  EXPECT_FALSE(between(1, 4).holds(4.001));
  EXPECT_FALSE(non_negative.holds(-1));
  EXPECT_TRUE(any_value.holds(-1e300));
}

/// Each row has a name, a meaning and, for numbers, a default within its own range.
template <Described T>
void expect_sound_table() {
  const T defaults;
  for_each_field<T>([&](const auto& each) {
    EXPECT_FALSE(each.name.empty());
    EXPECT_FALSE(each.meaning.empty()) << each.name;
    EXPECT_FALSE(each.source.empty()) << each.name;
    using Member = typename std::remove_cvref_t<decltype(each)>::type;
    if constexpr (std::is_arithmetic_v<Member>) {
      // Operation's own shape has no default that means anything.
      if (!std::is_same_v<T, Operation>) {
        EXPECT_TRUE(each.range.holds(static_cast<double>(defaults.*each.member))) << each.name;
      }
    }
  });
}

TEST(Fields, TablesOfBaseAreSound) {
  expect_sound_table<FormatSpec>();
  expect_sound_table<Scheme>();
  expect_sound_table<SchemeOverride>();
  expect_sound_table<Operation>();
  expect_sound_table<NetworkSpec>();
  expect_sound_table<OperandStatistics>();
}

TEST(Fields, EveryCauseHasItsOwnNameAndPlace) {
  EXPECT_EQ(enum_names<Cause>.size(), cause_count);
  ByCause<std::int64_t> cycles;
  for (const auto& each : enum_names<Cause>) {
    EXPECT_EQ(cycles[each.value], 0) << each.name;
    cycles[each.value] = 1;
    EXPECT_EQ(name_of(each.value), each.name);
  }
  EXPECT_EQ(cycles.sum(), static_cast<std::int64_t>(cause_count));
  ByCause<std::int64_t> twice = cycles;
  twice += cycles;
  EXPECT_EQ(twice.sum(), 2 * cycles.sum());
}

}  // namespace
}  // namespace razorsim
