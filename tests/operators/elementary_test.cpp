// SPDX-License-Identifier: Apache-2.0
#include "models/operators/elementary.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Distance in units of the last place of the true value.
double ulps(float ours, double truth) {
  const auto nearest = static_cast<float>(truth);
  const double place =
      static_cast<double>(std::nextafter(std::fabs(nearest), INFINITY)) - std::fabs(nearest);
  return std::fabs(static_cast<double>(ours) - truth) / place;
}

TEST(Elementary, ExpIsWithinOneUlpOverEveryBinade) {
  double worst = 0;
  for (std::uint32_t bits = 0; bits < 0x42B18000; bits += 3571) {  // magnitudes up to 88.75
    const auto x = std::bit_cast<float>(bits);
    for (const float each : {x, -x}) {
      if (each > 88.72F) continue;
      worst = std::max(worst, ulps(exp_f32(each), std::exp(static_cast<double>(each))));
    }
  }
  EXPECT_LT(worst, 1.0);
  RecordProperty("worst_ulps", std::to_string(worst));
}

TEST(Elementary, ExpAtTheEdges) {
  EXPECT_EQ(exp_f32(0.0F), 1.0F);
  EXPECT_EQ(exp_f32(-0.0F), 1.0F);
  EXPECT_EQ(exp_f32(-1e30F), 0.0F);
  EXPECT_EQ(exp_f32(-std::numeric_limits<float>::infinity()), 0.0F);
  EXPECT_EQ(exp_f32(std::numeric_limits<float>::infinity()),
            std::numeric_limits<float>::infinity());
  EXPECT_EQ(exp_f32(89.0F), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(exp_f32(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_LE(ulps(exp_f32(-100.0F), std::exp(-100.0)), 1.0);  // subnormal
  EXPECT_LE(exp_f32(-1e-8F), 1.0F);
}

// One definition, one fast kernel, no tolerance: all binades, both signs, and the odd numbers.
TEST(Elementary, ExpByVectorsIsTheSameInEveryBit) {
  std::vector<float> x = {NAN, INFINITY, -INFINITY, 0.0F, -0.0F, 88.73F, -87.4F, -103.9F, -104.1F};
  for (std::uint64_t bits = 0; bits < 0x100000000; bits += 30011) {
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  for (const std::size_t count : {x.size(), std::size_t{13}}) {
    std::vector<float> out(count);
    exp_f32(std::span(x).first(count), out);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), std::bit_cast<std::uint32_t>(exp_f32(x[i])))
          << x[i];
    }
  }
}

// Softmax relies on it: the largest score's exponential is 1 and no other exceeds it.
TEST(Elementary, ExpIsMonotoneBelowZero) {
  float before = 1;
  for (std::uint32_t bits = 0x30000000; bits < 0x42D20000; bits += 1013) {
    const float now = exp_f32(-std::bit_cast<float>(bits));
    ASSERT_LE(now, before) << -std::bit_cast<float>(bits);
    before = now;
  }
}

TEST(Elementary, SineAndCosineAgreeWithTheLibrary) {
  double worst = 0;
  for (int i = -200000; i <= 200000; ++i) {
    const double angle = i * 0.7391 + i * 1e-7;
    const auto [sine, cosine] = sine_cosine(angle);
    worst =
        std::max({worst, std::fabs(sine - std::sin(angle)), std::fabs(cosine - std::cos(angle))});
  }
  EXPECT_LT(worst, 1e-15);
  EXPECT_EQ(sine_cosine(0).sine, 0);
  EXPECT_EQ(sine_cosine(0).cosine, 1);
  EXPECT_LT(std::fabs(sine_cosine(1048576).sine - std::sin(1048576.0)), 1e-15);
  EXPECT_THROW(static_cast<void>(sine_cosine(1048577)), Defect);
}

TEST(Elementary, ExpAndLogInDoubleAgreeWithTheLibrary) {
  double worst = 0;
  for (int i = -70000; i <= 70000; ++i) {
    const double x = i * 0.00997;
    worst = std::max(worst, std::fabs(exp_f64(x) / std::exp(x) - 1));
  }
  EXPECT_LT(worst, 1e-15);
  worst = 0;
  for (double x = 1e-300; x < 1e300; x *= 1.0073) {
    if (std::log(x) != 0) worst = std::max(worst, std::fabs(log_f64(x) / std::log(x) - 1));
  }
  EXPECT_LT(worst, 1e-15);
  EXPECT_EQ(log_f64(1.0), 0);
}

// Bits written down once: another machine, compiler or library must make the same ones.
TEST(Elementary, BitsAreTheSameOnEveryMachine) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](auto number) {
    unsigned char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 1099511628211ULL;
  };
  for (int i = -10000; i <= 8000; ++i) mix(exp_f32(static_cast<float>(i) * 0.01F));
  for (int i = 0; i < 10000; ++i) {
    const auto [sine, cosine] = sine_cosine(i * 1.37);
    mix(sine);
    mix(cosine);
    mix(exp_f64(i * 0.05));
    mix(log_f64(1 + i * 3.1));
  }
  EXPECT_EQ(hash, 3621360223029950901ULL);
}

}  // namespace
}  // namespace razorsim
