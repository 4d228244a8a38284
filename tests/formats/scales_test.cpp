// SPDX-License-Identifier: Apache-2.0
#include "models/formats/scales.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Stage 1 as written: the quotient rounded to FP32 (double carries enough bits that rounding twice
/// is rounding once), then to the nearest integer, ties to even.
int expected_integer(int bits, float x, float scale) {
  const auto quotient = static_cast<float>(static_cast<double>(x) / static_cast<double>(scale));
  const auto limit = static_cast<float>(largest_integer(bits));
  return static_cast<int>(std::nearbyint(std::fmin(std::fmax(quotient, -limit), limit)));
}

// The numbers where the integer turns, under scales that are no powers of two: a product with the
// reciprocal fails here, and so does any other order of rounding.
TEST(Scales, QuantiseDividesAtEveryTurningPoint) {
  for (const int bits : {4, 8, 16}) {
    for (const float peak : {1.0F, 3.7F, 0.0123F, 6.02e23F}) {
      const float scale = scale_of_absmax(peak, bits);
      std::vector<float> x;
      for (int n = 0; n < largest_integer(bits); ++n) {
        const auto turn = static_cast<float>((n + 0.5) * static_cast<double>(scale));
        for (const float each : {std::nextafter(turn, 0.0F), turn, std::nextafter(turn, 1e30F)}) {
          x.push_back(each);
          x.push_back(-each);
        }
      }
      std::vector<std::int16_t> out(x.size());
      quantise(bits, x, scale, out);
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(out[i], expected_integer(bits, x[i], scale)) << x[i] << " / " << scale;
      }
    }
  }
}

TEST(Scales, TheLargestNumberIsTheLargestInteger) {
  for (const int bits : {4, 8, 16}) {
    for (std::uint32_t step = 0; step < 5000; ++step) {
      const float peak =
          std::ldexp(1.0F + static_cast<float>(step) / 5000, static_cast<int>(step % 90) - 38);
      const std::vector<float> x = {peak, -peak};
      std::vector<std::int16_t> out(2);
      quantise(bits, x, scale_of_absmax(absmax(x), bits), out);
      ASSERT_EQ(out[0], largest_integer(bits)) << peak;
      ASSERT_EQ(out[1], -largest_integer(bits)) << peak;
    }
  }
}

TEST(Scales, ATensorOfZerosHasAScale) {
  EXPECT_EQ(scale_of_absmax(0.0F, 8), smallest_absmax / 127);
  EXPECT_EQ(absmax({}), 0.0F);
}

TEST(Scales, AbsmaxTakesSubnormalsAndNegatives) {
  const std::vector<float> x = {1e-45F, -1e-40F};
  EXPECT_EQ(absmax(x), 1e-40F);
  const std::vector<float> bad = {1.0F, -NAN};
  EXPECT_THROW(static_cast<void>(absmax(bad)), TraceError);
}

TEST(Scales, AScaleIsPositive) {
  const std::vector<float> x = {1};
  std::vector<std::int16_t> out(1);
  for (const float scale : {0.0F, -1.0F, INFINITY, NAN})
    EXPECT_THROW(quantise(8, x, scale, out), Defect);
}

}  // namespace
}  // namespace razorsim
