// SPDX-License-Identifier: Apache-2.0
#include "models/operators/silu_gate.h"

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

std::vector<float> numbers(std::size_t count, unsigned seed, float spread) {
  std::mt19937 generator(seed);
  std::vector<float> out(count);
  for (float& each : out)
    each = (static_cast<float>(generator() >> 8) / 8388608.0F - 1.0F) * spread;
  return out;
}

TEST(SiluGate, AgreesWithExactArithmetic) {
  const auto gate = numbers(5000, 7, 30);
  const auto up = numbers(5000, 8, 4);
  std::vector<float> out(5000);
  silu_gate({gate.data(), 10, 500}, {up.data(), 10, 500}, {out.data(), 10, 500});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double expected = gate[i] / (1 + std::exp(-static_cast<double>(gate[i]))) * up[i];
    ASSERT_NEAR(out[i], expected, std::fabs(expected) * 4 * 0x1p-24) << gate[i];
  }
}

TEST(SiluGate, HasTheRightLimits) {
  const std::vector<float> gate = {-1000, 1000, 0, -88, 1e38F};
  const std::vector<float> up = {1, 2, 3, 1, 1};
  std::vector<float> out(5);
  silu_gate({gate.data(), 1, 5}, {up.data(), 1, 5}, {out.data(), 1, 5});
  EXPECT_EQ(out[0], 0.0F);
  EXPECT_EQ(out[1], 2000.0F);
  EXPECT_EQ(out[2], 0.0F);
  EXPECT_LT(out[3], 0.0F);
  EXPECT_EQ(out[4], 1e38F);
}

// Bits written down once: another machine, compiler or library must make the same ones.
TEST(SiluGate, BitsAreTheSameOnEveryMachine) {
  const auto x = numbers(4 * 250, 11, 9);
  std::vector<float> out(x.size());
  silu_gate({x.data(), 4, 250}, {x.data(), 4, 250}, {out.data(), 4, 250});
  std::uint64_t hash = 14695981039346656037ULL;
  for (const float each : out)
    hash = (hash ^ std::bit_cast<std::uint32_t>(each)) * 1099511628211ULL;
  EXPECT_EQ(hash, 16803064225196247202ULL);
}

}  // namespace
}  // namespace razorsim
