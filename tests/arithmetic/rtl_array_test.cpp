// SPDX-License-Identifier: Apache-2.0
// Small Verilog arrays against the C++ units under systolic skew: every accumulator, every cycle.
#include <gtest/gtest.h>

#ifdef RAZORSIM_RTL
#include <random>
#include <vector>

#include "models/arithmetic/units.h"
#include "rtl_array_bench.h"
#include "tests/arithmetic/operands.h"
#include "tests/arithmetic/rtl_support.h"

namespace razorsim {
namespace {

using namespace testing_operands;
using namespace testing_rtl;

constexpr int beats = 3000;

struct RtlArray : ::testing::Test {
  rtl_array_bench bench;
  std::mt19937 random{11};

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
};

TEST_F(RtlArray, OutputStationaryDotUnitsEqualTheModelInEveryCycle) {
  constexpr int rows = 4;
  constexpr int cols = 3;
  constexpr int lanes = 8;
  UnitSpec spec;
  spec.lanes = lanes;
  const UnitPlan how = plan(spec, sdr(16, 3, lanes), sdr(8, 3, lanes));

  struct Edge {
    std::vector<std::int16_t> codes;
    int flag = 0;
  };
  const auto draw = [&](int count, int largest_flag) {
    std::vector<std::vector<Edge>> edges(static_cast<std::size_t>(count), std::vector<Edge>(beats));
    for (auto& lane : edges) {
      for (Edge& edge : lane) {
        for (int i = 0; i < lanes; ++i)
          edge.codes.push_back(static_cast<std::int16_t>(pick(-7, 7)));
        edge.flag = pick(0, largest_flag);
      }
    }
    return edges;
  };
  const auto left = draw(rows, 12);
  const auto top = draw(cols, 4);
  std::vector<bool> first(beats);
  for (int beat = 0; beat < beats; ++beat) first[static_cast<std::size_t>(beat)] = beat % 37 == 0;

  // What each accumulator holds after each beat of its element.
  std::vector<std::vector<std::int64_t>> expected;
  for (const auto& a : left) {
    for (const auto& w : top) {
      UnitState state;
      UnitCounters counters;
      std::vector<std::int64_t>& held = expected.emplace_back();
      for (std::size_t beat = 0; beat < beats; ++beat) {
        if (first[beat]) state = {};
        const int shift = a[beat].flag + w[beat].flag;
        step(spec, how, state, {a[beat].codes, w[beat].codes, {&shift, 1}}, counters);
        held.push_back(state.accumulator);
      }
    }
  }

  std::int64_t compared = 0;
  for (int cycle = 0; cycle < beats + rows + cols + how.latency_cycles; ++cycle) {
    unsigned flags = 0;
    for (int r = 0; r < rows; ++r) {
      const int beat = cycle - r;
      if (beat < 0 || beat >= beats) continue;
      const Edge& edge = left[static_cast<std::size_t>(r)][static_cast<std::size_t>(beat)];
      for (int i = 0; i < lanes; ++i)
        put(bench.a, (r * lanes + i) * 4, 4,
            sign_magnitude(edge.codes[static_cast<std::size_t>(i)], 3));
      flags = with_field(flags, r * 4, 4, static_cast<unsigned>(edge.flag));
    }
    bench.flag_a = static_cast<std::uint16_t>(flags);
    flags = 0;
    unsigned starts = 0;
    for (int c = 0; c < cols; ++c) {
      const int beat = cycle - c;
      if (beat < 0 || beat >= beats) continue;
      const Edge& edge = top[static_cast<std::size_t>(c)][static_cast<std::size_t>(beat)];
      for (int i = 0; i < lanes; ++i)
        put(bench.w, (c * lanes + i) * 4, 4,
            sign_magnitude(edge.codes[static_cast<std::size_t>(i)], 3));
      flags = with_field(flags, c * 3, 3, static_cast<unsigned>(edge.flag));
      starts = with_field(starts, c, 1, first[static_cast<std::size_t>(beat)] ? 1 : 0);
    }
    bench.flag_w = static_cast<std::uint16_t>(flags);
    bench.first = static_cast<std::uint8_t>(starts);
    clock(bench);
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < cols; ++c) {
        const int beat = cycle - r - c - how.latency_cycles;
        if (beat < 0 || beat >= beats) continue;
        const int element = r * cols + c;
        ASSERT_EQ(as_signed(get(bench.acc, element * 40, 40), 40),
                  expected[static_cast<std::size_t>(element)][static_cast<std::size_t>(beat)])
            << "element (" << r << ", " << c << "), cycle " << cycle;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, std::int64_t{rows} * cols * beats);
}

TEST_F(RtlArray, LeanColumnSharesOneShiftUnitAndEqualsTheModel) {
  constexpr int rows = 5;
  constexpr int group = 16;
  constexpr int groups = beats / group;
  UnitSpec spec;
  spec.unit = "sdr_lean";
  spec.lanes = 1;
  const UnitPlan how = plan(spec, sdr(16), sdr(8));

  std::vector<int> w(groups * group);
  for (int& each : w) each = pick(-7, 7);
  std::vector<std::vector<int>> a(rows, std::vector<int>(groups * group));
  for (auto& row : a) {
    for (int& each : row) each = pick(-7, 7);
  }
  std::vector<int> flag_w(groups);
  std::vector<std::vector<int>> flag_a(rows, std::vector<int>(groups));
  std::vector<std::vector<std::int64_t>> expected(rows);
  for (int& each : flag_w) each = pick(0, 4);
  for (std::size_t r = 0; r < rows; ++r) {
    UnitState state;
    UnitCounters counters;
    for (std::size_t g = 0; g < groups; ++g) {
      flag_a[r][g] = pick(0, 12);
      if (g % 5 == 0) state.accumulator = 0;
      const int shift = flag_a[r][g] + flag_w[g];
      for (std::size_t i = 0; i < group; ++i) {
        const auto left = static_cast<std::int16_t>(a[r][g * group + i]);
        const auto right = static_cast<std::int16_t>(w[g * group + i]);
        step(spec, how, state, {{&left, 1}, {&right, 1}, {&shift, 1}, 0, i + 1 == group}, counters);
      }
      expected[r].push_back(state.accumulator);
    }
  }

  std::vector<std::size_t> seen(rows, 0);
  for (int cycle = 0; cycle < groups * group + rows + how.latency_cycles; ++cycle) {
    const bool enters = cycle < groups * group;
    const auto at = static_cast<std::size_t>(enters ? cycle : 0);
    bench.lean_begins = enters && cycle % group == 0;
    bench.lean_ends = enters && cycle % group == group - 1;
    bench.lean_first = enters && at / group % 5 == 0;
    bench.lean_w = static_cast<unsigned char>(sign_magnitude(w[at], 3));
    bench.lean_flag_w = static_cast<unsigned char>(flag_w[at / group]);
    for (int r = 0; r < rows; ++r) {
      const int beat = cycle - r;
      if (beat < 0 || beat >= groups * group) continue;
      const auto row = static_cast<std::size_t>(r);
      const auto k = static_cast<std::size_t>(beat);
      bench.lean_a = with_field(bench.lean_a, r * 4, 4, sign_magnitude(a[row][k], 3));
      bench.lean_flag_a =
          with_field(bench.lean_flag_a, r * 4, 4, static_cast<unsigned>(flag_a[row][k / group]));
    }
    clock(bench);
    // The row whose group ended latency cycles ago, and no other, has been added to.
    const int ended = cycle - how.latency_cycles;
    const int row = ended < 0 ? rows : (ended + 1) % group;
    const bool due = ended >= group - 1 && row < rows && ended - row < groups * group;
    ASSERT_EQ(bench.lean_updated != 0, due) << "cycle " << cycle;
    if (!due) continue;
    ASSERT_EQ(bench.lean_row, row) << "cycle " << cycle;
    auto& count = seen[static_cast<std::size_t>(row)];
    ASSERT_EQ(as_signed(bench.lean_acc, 40), expected[static_cast<std::size_t>(row)][count])
        << "cycle " << cycle;
    ++count;
  }
  for (const std::size_t count : seen) EXPECT_EQ(count, groups);
}

}  // namespace
}  // namespace razorsim

#else

TEST(RtlArray, NeedsVerilator) {
  GTEST_SKIP() << "built without Verilator 5 (Debian package verilator)";
}

#endif
