// SPDX-License-Identifier: Apache-2.0
#include "models/operators/softmax.h"

#include <algorithm>
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

TEST(Softmax, AgreesWithExactArithmetic) {
  const std::int64_t n = 300;
  const auto scores = numbers(5 * 300, 5, 60);
  std::vector<float> out(scores.size());
  std::vector<float> maxima(5);
  softmax({scores.data(), 5, n}, 0.125F, not_causal, {out.data(), 5, n}, maxima);
  for (std::size_t row = 0; row < 5; ++row) {
    const float* from = scores.data() + row * 300;
    const float most = *std::max_element(from, from + n) * 0.125F;
    EXPECT_EQ(maxima[row], most);
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i)
      sum += std::exp(static_cast<double>(from[i] * 0.125F) - most);
    double whole = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const double expected = std::exp(static_cast<double>(from[i] * 0.125F) - most) / sum;
      const float ours = out[row * 300 + static_cast<std::size_t>(i)];
      // Scaling and subtracting round a number below 15 to 2^-21, the sum 300 times to 2^-25.
      ASSERT_NEAR(ours, expected, expected * (0x1p-20 + 150 * 0x1p-24));
      ASSERT_LE(ours, 1.0F);
      whole += ours;
    }
    EXPECT_NEAR(static_cast<double>(whole), 1.0, 150 * 0x1p-23);
  }
}

TEST(Softmax, SeesNothingOfTheFuture) {
  auto scores = numbers(4 * 10, 6, 5);
  const MatrixView<float> view(scores.data(), 4, 10);
  std::vector<float> before(40);
  softmax(view, 1, 3, {before.data(), 4, 10});
  for (std::int64_t row = 0; row < 4; ++row) {
    for (std::int64_t col = 3 + row + 1; col < 10; ++col) {
      EXPECT_EQ(before[static_cast<std::size_t>(row * 10 + col)], 0.0F);
      view(row, col) = 1e30F;
    }
  }
  std::vector<float> after(40);
  softmax(view, 1, 3, {after.data(), 4, 10});
  EXPECT_EQ(after, before);
  softmax(view, 1, 3, view);  // in place
  EXPECT_EQ(scores, before);
}

TEST(Softmax, OneColumnIsOne) {
  const std::vector<float> scores = {-1e30F, 5.0F};
  std::vector<float> out(2);
  softmax({scores.data(), 2, 1}, 3, 0, {out.data(), 2, 1});
  EXPECT_EQ(out, (std::vector<float>{1, 1}));
}

// Bits written down once: another machine, compiler or library must make the same ones.
TEST(Softmax, BitsAreTheSameOnEveryMachine) {
  const auto x = numbers(4 * 250, 11, 9);
  std::vector<float> out(x.size());
  softmax({x.data(), 4, 250}, 0.7F, 100, {out.data(), 4, 250});
  std::uint64_t hash = 14695981039346656037ULL;
  for (const float each : out)
    hash = (hash ^ std::bit_cast<std::uint32_t>(each)) * 1099511628211ULL;
  EXPECT_EQ(hash, 12169456819124204408ULL);
}

}  // namespace
}  // namespace razorsim
