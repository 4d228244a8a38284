// SPDX-License-Identifier: Apache-2.0
// The RTL of the floating units beside their model, accumulator by accumulator in every cycle.
#include <gtest/gtest.h>

#ifdef RAZORSIM_RTL

#include <bit>
#include <cmath>
#include <deque>
#include <functional>
#include <optional>
#include <random>

#include "models/arithmetic/fp32_datapath.h"
#include "models/arithmetic/units.h"
#include "models/formats/format.h"
#include "rtl_floating_bench.h"
#include "tests/arithmetic/operands.h"
#include "tests/arithmetic/rtl_support.h"

namespace razorsim {
namespace {

using namespace testing_operands;
using namespace testing_rtl;

constexpr int lanes = 16;
constexpr int outputs = 60;
constexpr int groups_an_output = 12;

/// A unit's element codes and scales of one group, as ports take them; `one` is a scale of 1.
struct Case {
  std::string unit;
  int beats = 1;
  int bits = 4;
  int one = 0;
  int spread = 0;  ///< largest distance of a scale's code from that of 1, to both sides
  std::function<std::uint32_t(const rtl_floating_bench&)> output;
};

EncodedMatrix group_of(const Case& unit, std::mt19937& random, int scale) {
  EncodedMatrix matrix;
  matrix.format = default_spec(unit.unit == "int4_group" ? "int4" : unit.unit);
  matrix.format.group = lanes * unit.beats;
  matrix.rows = 1;
  matrix.cols = lanes * unit.beats;
  for (int i = 0; i < matrix.cols; ++i) {
    int code = static_cast<int>(random() % 16U);
    if (unit.unit == "int4_group") code = static_cast<int>(random() % 15U) - 7;
    // Halves, subnormals and zeros included, but no infinity or NaN.
    if (unit.unit == "fp16") {
      code = static_cast<int>(random() % 0x7C00U) | static_cast<int>((random() & 1U) << 15U);
      if (random() % 3 == 0) code &= 0x83FF;
      if (random() % 8 == 0) code = 0;
    }
    matrix.codes.push_back(static_cast<std::int16_t>(code));
  }
  if (unit.unit == "int4_group") {
    matrix.format.granularity = ScaleGranularity::group;
    matrix.scales = {static_cast<float>(decode_minifloat(binary16, static_cast<unsigned>(scale)))};
    matrix.values = matrix.codes;
  } else if (unit.unit != "fp16") {
    matrix.group_codes = {static_cast<std::uint8_t>(scale)};
    matrix.scales = {1.0F};
  }
  return matrix;
}

class RtlFloating : public ::testing::TestWithParam<Case> {};

TEST_P(RtlFloating, AccumulatesAsTheModelInEveryCycle) {
  const Case& unit = GetParam();
  std::mt19937 random(3);
  rtl_floating_bench bench;
  UnitSpec spec;
  spec.unit = unit.unit;
  spec.lanes = lanes;
  const auto scale = [&] {
    if (unit.spread == 0) return 0;
    return unit.one + static_cast<int>(random() % (2U * static_cast<unsigned>(unit.spread) + 1U)) -
           unit.spread;
  };
  float accumulator = 0;
  std::deque<std::optional<float>> expected;
  int compared = 0;
  for (int group = 0; group < outputs * groups_an_output; ++group) {
    const int scale_a = scale();
    const int scale_w = scale();
    const EncodedMatrix a = group_of(unit, random, scale_a);
    const EncodedMatrix w = group_of(unit, random, scale_w);
    const UnitPlan how = plan(spec, a.format, w.format);
    const bool first = group % groups_an_output == 0;
    // One group by the model: its own accumulator starts at zero, so what it holds is the term.
    const float term = datapath::as_fp32(multiply_by_unit(spec, a, w).accumulators[0]);
    accumulator = (first ? 0.0F : accumulator) + term;
    for (int beat = 0; beat < unit.beats; ++beat) {
      bench.begins = beat == 0;
      bench.ends = beat + 1 == unit.beats;
      bench.first = first;
      bench.scale_a = static_cast<unsigned short>(scale_a);
      bench.scale_w = static_cast<unsigned short>(scale_w);
      for (int lane = 0; lane < lanes; ++lane) {
        const auto at = static_cast<std::size_t>(beat * lanes + lane);
        put(bench.a, lane * unit.bits, unit.bits, static_cast<unsigned>(a.codes[at]));
        put(bench.w, lane * unit.bits, unit.bits, static_cast<unsigned>(w.codes[at]));
      }
      expected.push_back(beat + 1 == unit.beats ? std::optional<float>(accumulator) : std::nullopt);
      clock(bench);
      if (expected.size() <= static_cast<std::size_t>(how.latency_cycles)) continue;
      if (expected.front()) {
        ASSERT_EQ(unit.output(bench), std::bit_cast<std::uint32_t>(*expected.front()))
            << "group " << group << ": " << std::bit_cast<float>(unit.output(bench)) << " for "
            << *expected.front();
        ++compared;
      }
      expected.pop_front();
    }
  }
  EXPECT_GE(compared, outputs * groups_an_output - 8);
}

INSTANTIATE_TEST_SUITE_P(
    , RtlFloating,
    ::testing::Values(
        Case{"mxfp4", 2, 4, 127, 30, [](const rtl_floating_bench& b) { return b.mxfp4; }},
        Case{"nvfp4", 1, 4, 0x38, 0x38, [](const rtl_floating_bench& b) { return b.nvfp4; }},
        Case{"int4_group", 4, 4, 0x3C00, 0x3BFF,
             [](const rtl_floating_bench& b) { return b.int4_group; }},
        Case{"fp16", 1, 16, 0, 0, [](const rtl_floating_bench& b) { return b.fp16; }}),
    [](const auto& info) { return info.param.unit; });

}  // namespace
}  // namespace razorsim

#else

TEST(RtlFloating, NeedsVerilator) {
  GTEST_SKIP() << "built without Verilator 5 (Debian package verilator)";
}

#endif
