// SPDX-License-Identifier: Apache-2.0
// The Verilog units against the C++ ones: the accumulator of every cycle, bit for bit, at the
// latency the plan states.
#include <gtest/gtest.h>

#ifdef RAZORSIM_RTL
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <random>

#include "models/arithmetic/sdr_datapath.h"
#include "models/arithmetic/units.h"
#include "rtl_bench.h"
#include "tests/arithmetic/operands.h"
#include "tests/arithmetic/rtl_support.h"

namespace razorsim {
namespace {

using namespace testing_operands;
using namespace testing_rtl;

constexpr int cycles = 6'000;

class Rtl : public ::testing::Test {
 protected:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  /// Mostly anything, sometimes an end of the range or zero.
  int code(int largest) {
    switch (pick(0, 7)) {
      case 0: return largest;
      case 1: return -largest;
      case 2: return 0;
      default: return pick(-largest, largest);
    }
  }

  rtl_bench bench_;
  std::mt19937 random_{2024};
};

struct Case {
  const char* unit;
  int lanes;
  int bits_a;  // of a code, sign included
  int bits_w;
  int accumulator_bits;
  std::function<std::uint64_t(const rtl_bench&)> output;
};

const std::array dot_cases = {
    Case{"sdr_dot", 16, 4, 4, 40, [](const rtl_bench& b) { return std::uint64_t{b.sdr_dot16}; }},
    Case{"sdr_dot", 8, 4, 4, 40, [](const rtl_bench& b) { return std::uint64_t{b.sdr_dot8}; }},
    Case{"sdr_dot", 16, 4, 4, 20,
         [](const rtl_bench& b) { return std::uint64_t{b.sdr_dot16_narrow}; }},
    Case{"sdr_w4a8", 16, 8, 4, 40,
         [](const rtl_bench& b) { return std::uint64_t{b.sdr_w4a8_dot16}; }},
    Case{"int8", 16, 8, 8, 32, [](const rtl_bench& b) { return std::uint64_t{b.int8_dot16}; }},
    Case{"int8", 3, 8, 8, 32, [](const rtl_bench& b) { return std::uint64_t{b.int8_dot3}; }},
    Case{"int16x8", 16, 16, 8, 40,
         [](const rtl_bench& b) { return std::uint64_t{b.int16x8_dot16}; }},
    Case{"int4", 16, 4, 4, 32, [](const rtl_bench& b) { return std::uint64_t{b.int4_dot16}; }},
    Case{"int8", 1, 8, 8, 32, [](const rtl_bench& b) { return std::uint64_t{b.int8_scalar}; }},
    Case{"int16x8", 1, 16, 8, 40,
         [](const rtl_bench& b) { return std::uint64_t{b.int16x8_scalar}; }},
    Case{"int4", 1, 4, 4, 20, [](const rtl_bench& b) { return std::uint64_t{b.int4_scalar}; }},
};

class RtlUnit : public Rtl, public ::testing::WithParamInterface<Case> {};

TEST_P(RtlUnit, AccumulatesAsTheModelInEveryCycle) {
  const Case& unit = GetParam();
  UnitSpec spec;
  spec.unit = unit.unit;
  spec.lanes = unit.lanes;
  spec.accumulator_bits = unit.accumulator_bits;
  spec.accumulator_overflow = AccumulatorOverflow::wrap;  // what an adder does
  const bool sdr_unit = spec.unit.starts_with("sdr");
  const int magnitude = unit.bits_a - 1;
  const int largest_flag = 15 - magnitude;
  const FormatSpec left =
      sdr_unit ? sdr(16, magnitude, unit.lanes) : integer("int" + std::to_string(unit.bits_a));
  const FormatSpec right =
      sdr_unit ? sdr(8, 3, unit.lanes) : integer("int" + std::to_string(unit.bits_w));
  const UnitPlan how = plan(spec, left, right);
  ASSERT_EQ(how.passes(), 1);
  const int most_a = (1 << (unit.bits_a - 1)) - 1;
  const int most_w = (1 << (unit.bits_w - 1)) - 1;

  UnitState state;
  UnitCounters counters;
  std::deque<std::int64_t> expected;  // of the cycles still in the pipeline
  for (int cycle = 0; cycle < cycles; ++cycle) {
    // Most cycles accumulate the largest products without end, so that registers wrap.
    const bool extreme = cycle > cycles / 4;
    bench_.first = cycle == 0 || (!extreme && pick(0, 7) == 0);
    if (bench_.first != 0) state = {};
    std::vector<std::int16_t> a;
    std::vector<std::int16_t> w;
    for (int lane = 0; lane < unit.lanes; ++lane) {
      a.push_back(static_cast<std::int16_t>(extreme ? most_a : code(most_a)));
      w.push_back(static_cast<std::int16_t>(extreme ? most_w : code(most_w)));
      put(bench_.a, lane * unit.bits_a, unit.bits_a,
          sdr_unit ? sign_magnitude(a.back(), magnitude) : static_cast<unsigned>(a.back()));
      put(bench_.w, lane * unit.bits_w, unit.bits_w,
          sdr_unit ? sign_magnitude(w.back(), 3) : static_cast<unsigned>(w.back()));
    }
    bench_.flag_a = static_cast<unsigned char>(extreme ? largest_flag : pick(0, largest_flag));
    bench_.flag_w = static_cast<unsigned char>(extreme ? 4 : pick(0, 4));
    const int shift = sdr_unit ? bench_.flag_a + bench_.flag_w : 0;
    step(spec, how, state, {a, w, {&shift, 1}}, counters);
    expected.push_back(state.accumulator);
    clock(bench_);
    if (cycle < how.latency_cycles) continue;
    ASSERT_EQ(as_signed(unit.output(bench_), unit.accumulator_bits), expected.front())
        << "cycle " << cycle;
    expected.pop_front();
  }
  const std::int64_t reached = datapath::barrel_shift(
      std::int64_t{most_a} * most_w * unit.lanes * (cycles / 2), sdr_unit ? largest_flag + 4 : 0);
  EXPECT_TRUE(counters.overflows > 0 || reached < std::int64_t{1} << (unit.accumulator_bits - 1));
}

INSTANTIATE_TEST_SUITE_P(, RtlUnit, ::testing::ValuesIn(dot_cases), [](const auto& info) {
  return std::string(info.param.unit) + "_lanes" + std::to_string(info.param.lanes) + "_acc" +
         std::to_string(info.param.accumulator_bits);
});

TEST_F(Rtl, FullElementAccumulatesAtTheEndOfEachGroup) {
  UnitSpec spec;
  spec.unit = "sdr_full";
  spec.lanes = 1;
  spec.accumulator_overflow = AccumulatorOverflow::wrap;
  const UnitPlan how = plan(spec, sdr(16), sdr(8));
  UnitState state;
  UnitCounters counters;
  std::deque<std::int64_t> expected;
  int shift = 0;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const int place = cycle % 16;
    bench_.begins = place == 0;
    bench_.ends = place == 15;
    if (place == 0) {
      bench_.first = cycle == 0 || pick(0, 5) == 0;
      bench_.flag_a = static_cast<unsigned char>(pick(0, 12));
      bench_.flag_w = static_cast<unsigned char>(pick(0, 4));
      shift = bench_.flag_a + bench_.flag_w;
    }
    // A new output takes the accumulator over when its first group ends, not before.
    if (place == 15 && bench_.first != 0) state.accumulator = 0;
    const auto a = static_cast<std::int16_t>(code(7));
    const auto w = static_cast<std::int16_t>(code(7));
    put(bench_.a, 0, 4, sign_magnitude(a, 3));
    put(bench_.w, 0, 4, sign_magnitude(w, 3));
    step(spec, how, state, {{&a, 1}, {&w, 1}, {&shift, 1}, 0, place == 15}, counters);
    expected.push_back(state.accumulator);
    clock(bench_);
    if (cycle < how.latency_cycles) continue;
    // Nothing is defined before the first group has ended.
    if (cycle >= 15 + how.latency_cycles) {
      ASSERT_EQ(as_signed(bench_.sdr_full16, 40), expected.front()) << "cycle " << cycle;
    }
    expected.pop_front();
  }
  EXPECT_GT(counters.group_ends, cycles / 16 - 1);
}

TEST_F(Rtl, LeanElementAndColumnMakeTheSumsOfTheModel) {
  // Sixteen outputs share the column, each by a lean element of its own turn: group after group of
  // one output goes through the element, and its sum reaches the column one register later.
  UnitSpec spec;
  spec.unit = "sdr_lean";
  spec.lanes = 1;
  spec.accumulator_overflow = AccumulatorOverflow::wrap;
  const UnitPlan how = plan(spec, sdr(16), sdr(8));
  std::array<UnitState, 16> outputs{};
  UnitCounters counters;
  struct Ended {
    int row = 0;
    int flag_a = 0;
    int flag_w = 0;
    bool first = true;
    std::int64_t accumulator = 0;
  };
  std::deque<std::optional<Ended>> pipeline;  // one entry a cycle: what its beat ended
  std::int64_t compared = 0;
  Ended now;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const int place = cycle % 16;
    const int turn = cycle / 16;
    if (place == 0) now = {turn % 16, pick(0, 12), pick(0, 4), turn < 16 || pick(0, 3) == 0};
    const auto a = static_cast<std::int16_t>(code(7));
    const auto w = static_cast<std::int16_t>(code(7));
    bench_.begins = place == 0;
    put(bench_.a, 0, 4, sign_magnitude(a, 3));
    put(bench_.w, 0, 4, sign_magnitude(w, 3));
    UnitState& state = outputs[static_cast<std::size_t>(now.row)];
    if (place == 0 && now.first) state.accumulator = 0;
    const int shift = now.flag_a + now.flag_w;
    step(spec, how, state, {{&a, 1}, {&w, 1}, {&shift, 1}, 0, place == 15}, counters);
    now.accumulator = state.accumulator;
    pipeline.push_back(place == 15 ? std::optional<Ended>(now) : std::nullopt);
    // The element's sum of two cycles ago stands at its output now: the column takes it.
    bench_.group_sum = bench_.sdr_lean16;
    if (pipeline.size() >= 3 && pipeline[pipeline.size() - 3]) {
      const Ended& ended = *pipeline[pipeline.size() - 3];
      bench_.row = static_cast<unsigned char>(ended.row);
      bench_.flag_a = static_cast<unsigned char>(ended.flag_a);
      bench_.flag_w = static_cast<unsigned char>(ended.flag_w);
      bench_.first = ended.first;
    } else {
      bench_.group_sum = 0;  // no element drives the column: it adds nothing to the row it shows
      bench_.first = 0;
    }
    clock(bench_);
    if (pipeline.size() <= static_cast<std::size_t>(how.latency_cycles)) continue;
    if (const auto& done =
            pipeline[pipeline.size() - 1 - static_cast<std::size_t>(how.latency_cycles)]) {
      ASSERT_EQ(as_signed(bench_.sdr_column16, 40), done->accumulator) << "cycle " << cycle;
      ++compared;
    }
  }
  EXPECT_GT(compared, cycles / 16 - 2);
}

/// Groups of base integers through a razor unit, codes and flags of every cycle.
template <class Codes, class Flag>
void razor_like_the_format(rtl_bench& bench, int base_bits, int group, Codes&& codes, Flag&& flag) {
  std::mt19937 random(7);
  const FormatSpec format = sdr(base_bits, 3, group);
  const int most = (1 << (base_bits - 1)) - 1;
  std::deque<EncodedMatrix> expected;
  for (int cycle = 0; cycle < cycles / 4; ++cycle) {
    // Every flag occurs, all-zero groups and the largest integers too.
    const int scale = static_cast<int>(random() % static_cast<unsigned>(base_bits + 1));
    std::vector<std::int16_t> values(static_cast<std::size_t>(group));
    for (int i = 0; i < group; ++i) {
      const int drawn =
          std::uniform_int_distribution<int>(-most, most)(random) >> (base_bits - scale);
      values[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(
          random() % 50 == 0 ? most * (drawn < 0 ? -1 : 1) >> (base_bits - 1 - scale % base_bits)
                             : drawn);
      put(bench.values, i * base_bits, base_bits,
          static_cast<unsigned>(values[static_cast<std::size_t>(i)]));
    }
    expected.push_back(encode_integers(format, {values.data(), 1, group}, {1.0F}));
    clock(bench);
    if (cycle < 2) continue;
    ASSERT_EQ(flag(), expected.front().group_codes[0]) << "cycle " << cycle;
    for (int i = 0; i < group; ++i) {
      ASSERT_EQ(codes(i), sign_magnitude(expected.front().codes[static_cast<std::size_t>(i)], 3))
          << "cycle " << cycle;
    }
    expected.pop_front();
  }
}

TEST_F(Rtl, RazorUnitsEncodeAsTheFormat) {
  razor_like_the_format(
      bench_, 16, 16,
      [this](int i) { return static_cast<unsigned>(bench_.razor16_codes >> (4 * i) & 15U); },
      [this] { return bench_.razor16_flag; });
  razor_like_the_format(
      bench_, 8, 16,
      [this](int i) { return static_cast<unsigned>(bench_.razor8_codes >> (4 * i) & 15U); },
      [this] { return bench_.razor8_flag; });
  razor_like_the_format(
      bench_, 16, 32,
      [this](int i) {
        return bench_.razor32_codes[static_cast<std::size_t>(i / 8)] >> (4 * (i % 8)) & 15U;
      },
      [this] { return bench_.razor32_flag; });
}

}  // namespace
}  // namespace razorsim

#else

TEST(Rtl, NeedsVerilator) {
  GTEST_SKIP() << "built without Verilator 5 (Debian package verilator)";
}

#endif
