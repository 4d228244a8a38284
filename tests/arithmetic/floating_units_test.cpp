// SPDX-License-Identifier: Apache-2.0
// Units whose sums are FP32: exact inside a group, one rounding a group, K ascending; the fast
// kernel and the steps bit for bit.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/arithmetic/floating_product.h"
#include "models/arithmetic/fp32_datapath.h"
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/saturating.h"
#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/formats/fp16.h"
#include "tests/arithmetic/operands.h"

namespace razorsim {
namespace {

using namespace testing_operands;

FormatSpec named(const std::string& name) { return default_spec(name); }

FormatSpec int4_groups(int group) {
  FormatSpec format = integer("int4");
  format.granularity = ScaleGranularity::group;
  format.calibration = Calibration::on_the_fly;
  format.group = group;
  return format;
}

/// Gaussian rows whose blocks differ in size by powers of two, some of them zero.
EncodedMatrix numbers(const FormatSpec& format, std::int64_t rows, std::int64_t cols,
                      unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<std::size_t>(rows * cols));
  float gain = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % 16 == 0)
      gain = random() % 8 == 0 ? 0.0F : std::ldexp(1.0F, static_cast<int>(random() % 12) - 8);
    values[i] = gain * static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 300.0F;
  }
  return encode(format, {values.data(), rows, cols});
}

struct Pair {
  std::string unit;
  FormatSpec left;
  FormatSpec right;
};

std::vector<Pair> pairs() {
  FormatSpec per_row = integer("int4");
  per_row.granularity = ScaleGranularity::row;
  return {{"mxfp4", named("mxfp4"), named("mxfp4")},
          {"nvfp4", named("nvfp4"), named("nvfp4")},
          {"int4_group", int4_groups(64), int4_groups(64)},
          {"int4_group", int4_groups(32), int4_groups(64)},
          {"int4_group", per_row, int4_groups(16)},
          {"int4_group", int4_groups(16), integer("int8")},
          {"fp16", named("fp16"), named("fp16")}};
}

UnitSpec with_lanes(const std::string& unit, int lanes) {
  UnitSpec spec;
  spec.unit = unit;
  spec.lanes = lanes;
  return spec;
}

TEST(FloatingUnits, KernelEqualsTheStepsBitForBit) {
  unsigned seed = 1;
  for (const Pair& pair : pairs()) {
    for (const int lanes : {1, 4, 16, 64}) {
      const std::int64_t k = 33 + seed * 37 % 170;  // ragged
      const EncodedMatrix a = numbers(pair.left, 5, k, ++seed);
      const EncodedMatrix w = numbers(pair.right, 19, k, ++seed);
      const UnitSpec spec = with_lanes(pair.unit, lanes);
      const UnitProduct stepped = multiply_by_unit(spec, a, w);
      ASSERT_EQ(multiply_on_unit(spec, a, w), stepped)
          << pair.unit << ", " << lanes << " lanes, k " << k;
      EXPECT_EQ(stepped.counters, count(plan(spec, a.format, w.format), 5, 19, k));
    }
  }
}

TEST(FloatingUnits, EveryInstructionSetGivesTheSameBits) {
  for (const Pair& pair : pairs()) {
    const EncodedMatrix a = numbers(pair.left, 4, 200, 1);
    const EncodedMatrix w = numbers(pair.right, 40, 200, 2);
    const UnitSpec spec = with_lanes(pair.unit, 16);
    const UnitProduct expected = multiply_by_unit(spec, a, w);
    for (const KernelTarget target :
         {KernelTarget::avx512, KernelTarget::avx2, KernelTarget::sse4}) {
      if (!use_kernel_target(target)) continue;
      ASSERT_EQ(multiply_on_unit(spec, a, w), expected) << pair.unit << kernel_target_name();
    }
    use_kernel_target(KernelTarget::automatic);
  }
}

/// The elements in real units without the scales of tensor or rows, from the format itself.
std::vector<double> elements(EncodedMatrix matrix) {
  if (matrix.format.granularity != ScaleGranularity::group && !matrix.scales.empty())
    matrix.scales.assign(matrix.scales.size(), 1.0F);
  std::vector<double> out;
  for (const float each : decode(matrix)) out.push_back(each);
  return out;
}

TEST(FloatingUnits, AGroupIsExactAndRoundedOnce) {
  for (const Pair& pair : pairs()) {
    if (pair.unit == "fp16" || pair.right.name == "int8") continue;
    const std::int64_t k = 150;
    const EncodedMatrix a = numbers(pair.left, 3, k, 5);
    const EncodedMatrix w = numbers(pair.right, 4, k, 6);
    const UnitSpec spec = with_lanes(pair.unit, 16);
    const UnitPlan how = plan(spec, a.format, w.format);
    const UnitProduct product = multiply_by_unit(spec, a, w);
    const std::vector<double> left = elements(a);
    const std::vector<double> right = elements(w);
    for (std::int64_t row = 0; row < 3; ++row) {
      for (std::int64_t col = 0; col < 4; ++col) {
        float expected = 0;
        for (std::int64_t first = 0; first < k; first += how.group) {
          double term = 0;  // few bits and powers of two: exact
          for (std::int64_t i = first; i < std::min(k, first + how.group); ++i)
            term += left[static_cast<std::size_t>(row * k + i)] *
                    right[static_cast<std::size_t>(col * k + i)];
          expected += static_cast<float>(term);
        }
        const std::int64_t bits = product.accumulators[static_cast<std::size_t>(row * 4 + col)];
        ASSERT_EQ(datapath::as_fp32(bits), expected) << pair.unit << " " << row << " " << col;
      }
    }
  }
}

TEST(FloatingUnits, EveryPairOfFp4CodesHasItsProduct) {
  for (const std::string name : {"mxfp4", "nvfp4"}) {
    const FormatSpec format = named(name);
    for (int block = 0; block < 256; block += 3) {
      if (block > traits_of(format).largest_group_code) break;
      for (int a = 0; a < 16; ++a) {
        for (int w = 0; w < 16; ++w) {
          EncodedMatrix left{format,
                             1,
                             1,
                             {},
                             {static_cast<std::int16_t>(a)},
                             {},
                             {static_cast<std::uint8_t>(block)},
                             {}};
          EncodedMatrix right = left;
          right.codes[0] = static_cast<std::int16_t>(w);
          right.group_codes[0] = name == "mxfp4" ? 127 : 0x38;  // one
          if (name == "nvfp4") left.scales = right.scales = {1.0F};
          const float expected = decode(left)[0] * decode(right)[0];
          const UnitProduct product = multiply_by_unit(with_lanes(name, 1), left, right);
          ASSERT_EQ(datapath::as_fp32(product.accumulators[0]), expected)
              << name << " " << block << " " << a << " " << w;
        }
      }
    }
  }
}

float fp16_dot(const std::vector<float>& a, const std::vector<float>& w) {
  std::vector<std::int16_t> left;
  std::vector<std::int16_t> right;
  for (const float each : a) left.push_back(static_cast<std::int16_t>(to_fp16(each)));
  for (const float each : w) right.push_back(static_cast<std::int16_t>(to_fp16(each)));
  return datapath::fp16_dot(left.data(), right.data(), static_cast<int>(a.size()));
}

TEST(Fp16Dot, AProductAloneIsExact) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto code = [&] {
      return static_cast<std::uint16_t>(random() & 0x8000U) | (random() % 0x7C00U);
    };
    const auto a = static_cast<std::uint16_t>(code());
    const auto w = static_cast<std::uint16_t>(code());
    const auto left = static_cast<std::int16_t>(a);
    const auto right = static_cast<std::int16_t>(w);
    ASSERT_EQ(datapath::fp16_dot(&left, &right, 1), from_fp16(a) * from_fp16(w)) << a << " " << w;
  }
}

TEST(Fp16Dot, KeepsOneBitBelowTheLargestProductAndCutsTheRest) {
  const float step = std::ldexp(1.0F, -20);  // lowest bit of a product of significands, at 1 x 1
  EXPECT_EQ(fp16_dot({1, std::ldexp(1.0F, -10)}, {1, std::ldexp(1.0F, -11)}), 1 + step / 2);
  EXPECT_EQ(fp16_dot({1, std::ldexp(1.0F, -11)}, {1, std::ldexp(1.0F, -11)}), 1.0F);
  EXPECT_EQ(fp16_dot({1, -std::ldexp(1.0F, -11)}, {1, std::ldexp(1.0F, -11)}), 1.0F)
      << "towards zero";
  EXPECT_EQ(fp16_dot({0, std::ldexp(1.0F, -14)}, {30000, std::ldexp(1.0F, -14)}),
            std::ldexp(1.0F, -28))
      << "a zero does not align";
  EXPECT_EQ(fp16_dot({65504, 65504}, {65504, -65504}), 0.0F);
  EXPECT_EQ(std::signbit(fp16_dot({0}, {-1})), false);
}

TEST(FloatingUnits, AnotherGroupOrUnitIsRefused) {
  EXPECT_THROW((void)plan(with_lanes("mxfp4", 16), named("mxfp4"), named("nvfp4")), ConfigError);
  EXPECT_THROW((void)plan(with_lanes("nvfp4", 16), named("mxfp4"), named("mxfp4")), ConfigError);
  EXPECT_THROW((void)plan(with_lanes("int8", 16), int4_groups(64), int4_groups(64)), ConfigError);
  EXPECT_THROW((void)plan(with_lanes("fp16", 16), named("fp16"), integer("int8")), ConfigError);
  EXPECT_THROW((void)plan(with_lanes("mxfp4", 16), sdr(16), sdr(8)), ConfigError);
  EXPECT_FALSE(plan(with_lanes("mxfp4", 16), integer("int16"), integer("int8")).floating);
  EXPECT_EQ(plan(with_lanes("mxfp4", 16), integer("int16"), integer("int8")).passes(), 8);
}

}  // namespace
}  // namespace razorsim
