// SPDX-License-Identifier: Apache-2.0
// The laws every line of units.def obeys, and what each unit refuses.
#include "models/arithmetic/units.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/arithmetic/fp16.h"
#include "models/arithmetic/int16x8.h"
#include "models/arithmetic/int4.h"
#include "models/arithmetic/int4_group.h"
#include "models/arithmetic/int8.h"
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/mxfp4.h"
#include "models/arithmetic/nvfp4.h"
#include "models/arithmetic/operand_planes.h"
#include "models/arithmetic/saturating.h"
#include "models/arithmetic/sdr_dot.h"
#include "models/arithmetic/sdr_full.h"
#include "models/arithmetic/sdr_lean.h"
#include "models/arithmetic/sdr_w4a8.h"
#include "models/base/errors.h"
#include "models/formats/planes.h"
#include "tests/arithmetic/operands.h"

namespace razorsim {
namespace {

using namespace testing_operands;
using ::testing::HasSubstr;

std::vector<std::int64_t> integer_product(const EncodedMatrix& a, const EncodedMatrix& w) {
  std::vector<std::int64_t> c(static_cast<std::size_t>(a.rows * w.rows));
  multiply_plain(a.values_view(), w.values_view(), {c.data(), a.rows, w.rows});
  return c;
}

template <class Unit>
class UnitLaws : public ::testing::Test {
 protected:
  static UnitSpec spec(int lanes) {
    UnitSpec spec;
    spec.unit = std::string(Unit::info.name);
    spec.lanes = Unit::info.scalar ? 1 : lanes;
    spec.accumulator_bits = 64;
    return spec;
  }
  static std::vector<int> lane_counts() {
    if (Unit::info.scalar) return {1};
    return {1, 2, 8, 16, 32};
  }
  static bool takes(const FormatSpec& a, const FormatSpec& w) {
    const auto able = units_that_take(a, w);
    return std::find(able.begin(), able.end(), Unit::info.name) != able.end();
  }
};

template <class... Units>
struct TypeList;
template <class First, class... Rest>
struct TypeList<First, Rest...> {
  using Types = ::testing::Types<Rest...>;
};
using AllUnits = TypeList<void
#define RAZORSIM_UNIT(stem, Type) , Type
#include "models/arithmetic/units.def"
#undef RAZORSIM_UNIT
                          >::Types;
TYPED_TEST_SUITE(UnitLaws, AllUnits);

TYPED_TEST(UnitLaws, AProductOfTwoCodesIsTheIntegerProductAtEveryShift) {
  if (TypeParam::info.plane_bits_a == 0) GTEST_SKIP() << "takes no integers";
  const UnitSpec spec = this->spec(1);
  const int most_a =
      1 << std::min(TypeParam::info.plane_bits_a, 9);  // all codes; a sample of int16
  const int most_w = 1 << TypeParam::info.plane_bits_w;
  FormatSpec code = sdr(16);
  UnitPlan how = plan(spec, TypeParam::info.shifts ? code : integer("int4"), integer("int4"));
  how.group = how.products_per_beat = 1;
  const int stretch = std::max(1, (1 << TypeParam::info.plane_bits_a) / most_a);
  UnitCounters counters;
  for (int shift = 0; shift <= 30; shift += TypeParam::info.plane_bits_a > 3 ? 5 : 1) {
    for (int a = -most_a; a <= most_a; ++a) {
      for (int w = -most_w; w <= most_w; ++w) {
        const auto left = static_cast<std::int16_t>(std::clamp(a * stretch, -32768, 32767));
        const auto right = static_cast<std::int16_t>(w);
        UnitState state;
        step(spec, how, state, {{&left, 1}, {&right, 1}, {&shift, 1}}, counters);
        ASSERT_EQ(state.accumulator, (std::int64_t{left} * right) * (std::int64_t{1} << shift))
            << left << " * " << right << " << " << shift;
      }
    }
  }
  EXPECT_EQ(counters.overflows, 0);
}

TYPED_TEST(UnitLaws, EqualsTheIntegerProductAndTheKernelForEveryFormatPair) {
  if (TypeParam::info.plane_bits_a == 0) GTEST_SKIP() << "takes no integers";
  unsigned seed = 10;
  int pairs = 0;
  for (const FormatSpec& left : integer_formats()) {
    for (const FormatSpec& right : integer_formats()) {
      if (!this->takes(left, right)) continue;
      ++pairs;
      for (const int lanes : this->lane_counts()) {
        const std::int64_t k = 1 + (seed * 29) % 90;  // ragged
        const Fill fill = static_cast<Fill>(seed % 5);
        const EncodedMatrix a = operand(left, 3, k, fill, ++seed);
        const EncodedMatrix w = operand(right, 4, k, Fill::spread, ++seed);
        const UnitSpec spec = this->spec(lanes);
        const UnitProduct stepped = multiply_by_unit(spec, a, w);
        const auto where = describe(left) + " x " + describe(right) + ", " + std::to_string(lanes) +
                           " lanes, k " + std::to_string(k);
        ASSERT_EQ(stepped.accumulators, integer_product(a, w)) << where;
        ASSERT_EQ(multiply_on_unit(spec, a, w), stepped) << where;
      }
    }
  }
  EXPECT_GE(pairs, 9);  // int4, int8, int16 squared at least
}

TYPED_TEST(UnitLaws, CountersFollowFromShapes) {
  for (const FormatSpec& right : {sdr(8), integer("int8")}) {
    const FormatSpec left = integer("int16");
    if (!this->takes(left, right)) continue;
    for (const int lanes : this->lane_counts()) {
      for (const std::int64_t k : {1, 15, 16, 17, 64, 77}) {
        const EncodedMatrix a = operand(left, 2, k, Fill::random, 1);
        const EncodedMatrix w = operand(right, 3, k, Fill::random, 2);
        const UnitSpec spec = this->spec(lanes);
        const UnitPlan how = plan(spec, left, right);
        const UnitCounters counted = multiply_by_unit(spec, a, w).counters;
        ASSERT_EQ(counted, count(how, 2, 3, k)) << lanes << " lanes, k " << k;
        EXPECT_EQ(counted.macs, 2 * 3 * k);
        EXPECT_EQ(counted.products, counted.macs * how.passes());
        EXPECT_EQ(counted.beats * spec.lanes, counted.products + counted.idle_lanes);
        EXPECT_EQ(counted.beats, 2 * 3 * how.beats(k));
        EXPECT_EQ(counted.flag_adds, TypeParam::info.shifts ? counted.group_ends : 0);
      }
    }
  }
}

TYPED_TEST(UnitLaws, NarrowAccumulatorsOverflowAlikeInUnitAndFastProduct) {
  if (TypeParam::info.plane_bits_a == 0) GTEST_SKIP() << "takes no integers";
  const std::vector<FormatSpec> lefts = {sdr(16), sdr(8, 7), integer("int8"), integer("int16")};
  unsigned seed = 300;
  std::int64_t overflows = 0;
  for (const FormatSpec& left : lefts) {
    for (const FormatSpec& right : {sdr(8), integer("int8")}) {
      if (!this->takes(left, right)) continue;
      for (const int lanes : this->lane_counts()) {
        for (const auto rule : {AccumulatorOverflow::saturate, AccumulatorOverflow::wrap}) {
          for (const int bits : {8, 12, 17, 24, 33}) {
            UnitSpec spec = this->spec(lanes);
            spec.accumulator_bits = bits;
            spec.accumulator_overflow = rule;
            const EncodedMatrix a = operand(left, 3, 75, Fill::spread, ++seed);
            const EncodedMatrix w = operand(right, 3, 75, Fill::spread, ++seed);
            const UnitProduct stepped = multiply_by_unit(spec, a, w);
            ASSERT_EQ(multiply_on_unit(spec, a, w), stepped)
                << describe(left) << " x " << describe(right) << ", " << bits << " bits";
            overflows += stepped.counters.overflows;
            for (const std::int64_t each : stepped.accumulators) {
              ASSERT_LE(each, (std::int64_t{1} << (bits - 1)) - 1);
              ASSERT_GE(each, -(std::int64_t{1} << (bits - 1)));
            }
            EXPECT_TRUE(stepped.counters.overflows == 0 || !never_overflows(spec, a, w));
          }
        }
      }
    }
  }
  EXPECT_GT(overflows, 0);
}

TEST(Plan, WideOperandsTakePassesOfThreeBitPlanesOnSdrUnits) {
  const UnitSpec spec;
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).passes(), 1);
  EXPECT_EQ(plan(spec, integer("int16"), sdr(8)).passes(), 5);
  EXPECT_EQ(plan(spec, integer("int8"), sdr(8)).passes(), 3);
  EXPECT_EQ(plan(spec, sdr(16, 7), sdr(8)).passes(), 3);
  EXPECT_EQ(plan(spec, integer("int16"), integer("int8")).passes(), 15);
}

TEST(Plan, W4A8TakesOnePassOnItsOwnUnit) {
  UnitSpec spec;
  spec.unit = "sdr_w4a8";
  EXPECT_EQ(plan(spec, sdr(16, 7), sdr(8)).passes(), 1);
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).passes(), 1);
  EXPECT_EQ(plan(spec, integer("int16"), sdr(8)).passes(), 3);
}

TEST(Plan, DedicatedUnitsGiveTheWiderOperandTheWiderInput) {
  UnitSpec spec;
  spec.unit = "int16x8";
  EXPECT_EQ(plan(spec, integer("int16"), integer("int8")).passes(), 1);
  EXPECT_EQ(plan(spec, integer("int8"), integer("int16")).passes(), 1);
  EXPECT_EQ(plan(spec, integer("int16"), integer("int16")).passes(), 3);
  spec.unit = "int8";
  EXPECT_EQ(plan(spec, integer("int8"), integer("int4")).passes(), 1);
  EXPECT_EQ(plan(spec, integer("int16"), integer("int8")).passes(), 3);
}

TEST(Plan, LanesAndGroupAreApart) {
  UnitSpec spec;
  spec.lanes = 4;
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).beats_per_group(), 4);
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).beats(17), 8) << "k is padded to whole groups";
  spec.lanes = 32;
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).shifters(), 2);
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).beats(33), 2);
  spec.lanes = 16;
  spec.group = 16;
  EXPECT_EQ(plan(spec, sdr(16, 3, 8), sdr(8)).products_per_beat, 8)
      << "one shifter: half the lanes idle";
  EXPECT_EQ(plan(spec, sdr(16, 3, 32), sdr(8, 3, 64)).group, 16)
      << "a group is cut, its flag used twice";
  spec.group = 0;
  EXPECT_EQ(plan(spec, sdr(16, 3, 8), sdr(8)).shifters(), 2);
  EXPECT_EQ(plan(spec, sdr(16, 3, 32), sdr(8, 3, 64)).group, 32) << "shift at the smaller group";
}

TEST(Plan, LatencyIsTheUnitsOwnUnlessSet) {
  UnitSpec spec;
  EXPECT_EQ(plan(spec, sdr(16), sdr(8)).latency_cycles, 2);
  spec.unit = "int8";
  spec.lanes = 1;
  EXPECT_EQ(plan(spec, integer("int8"), integer("int8")).latency_cycles, 1);
  spec.latency_cycles = 5;
  EXPECT_EQ(plan(spec, integer("int8"), integer("int8")).latency_cycles, 5);
}

std::string refusal(const UnitSpec& spec, const FormatSpec& a, const FormatSpec& w) {
  try {
    (void)plan(spec, a, w);
  } catch (const ConfigError& error) {
    return error.problems()[0].path + " " + error.problems()[0].message;
  }
  return "accepted";
}

TEST(Plan, RefusesWhatAUnitCannotDoAndNamesThoseThatCan) {
  UnitSpec spec;
  spec.unit = "int8";
  EXPECT_THAT(refusal(spec, sdr(16), sdr(8)),
              HasSubstr("units that do: sdr_dot, sdr_w4a8, sdr_lean, sdr_full"));
  EXPECT_THAT(refusal(spec, integer("mxfp4"), sdr(8)), HasSubstr("no unit does"));
  spec.unit = "sdr_dt";
  EXPECT_THAT(refusal(spec, sdr(16), sdr(8)), HasSubstr("did you mean 'sdr_dot'?"));
  spec.unit = "sdr_lean";
  EXPECT_THAT(refusal(spec, sdr(16), sdr(8)), HasSubstr("scalar"));
  spec = UnitSpec();
  spec.lanes = 12;
  EXPECT_THAT(refusal(spec, sdr(16), sdr(8)), HasSubstr("one must divide the other"));
  spec.lanes = 16;
  EXPECT_THAT(refusal(spec, sdr(16, 3, 12), sdr(8)), HasSubstr("one must divide the other"));
}

TEST(AccumulatorBits, AreTheBoundOfTheFormats) {
  EXPECT_EQ(accumulator_bits_needed(sdr(16), sdr(8), 11008), 37);
  EXPECT_EQ(accumulator_bits_needed(sdr(16), sdr(8), 576), 32);
  EXPECT_EQ(accumulator_bits_needed(sdr(8), sdr(8), 4096), 27);
}

TEST(OperandPlanes, OfThreeBitsAreTheRazoredPlanesOfFormats) {
  for (const FormatSpec& format : integer_formats()) {
    const EncodedMatrix whole = operand(format, 3, 37, Fill::spread, 9);
    const int group = format.name == "sdr" ? format.group : 16;
    const std::vector<EncodedMatrix> expected = planes(whole, group);
    const OperandPlanes cut(whole, 3);
    ASSERT_EQ(cut.count(), static_cast<int>(expected.size())) << describe(format);
    for (int plane = 0; plane < cut.count(); ++plane) {
      const EncodedMatrix& part = expected[static_cast<std::size_t>(plane)];
      for (std::int64_t row = 0; row < 3; ++row) {
        EXPECT_THAT(cut.codes(plane, row, 0, 37),
                    ::testing::ElementsAreArray(part.codes_view().row(row)));
        for (std::int64_t col = 0; col < 37; ++col) {
          const auto flag =
              part.group_codes[static_cast<std::size_t>(row * part.groups_per_row() + col / group)];
          ASSERT_EQ(cut.shift(plane, row, col), flag) << describe(format);
        }
      }
    }
  }
}

}  // namespace
}  // namespace razorsim
