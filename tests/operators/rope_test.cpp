// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rope.h"

#include <bit>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

NetworkSpec network(std::int64_t head_dim, double theta) {
  NetworkSpec spec;
  spec.head_dim = head_dim;
  spec.rope_theta = theta;
  return spec;
}

TEST(Rope, FrequenciesAreThePowersOfTheta) {
  const auto frequencies = rope_frequencies(network(64, 10000));
  ASSERT_EQ(frequencies.size(), 32U);
  EXPECT_EQ(frequencies[0], 1.0);
  for (std::size_t i = 0; i < 32; ++i) {
    const double expected = std::pow(10000.0, -static_cast<double>(2 * i) / 64);
    EXPECT_NEAR(frequencies[i] / expected, 1, 2e-15) << i;
  }
}

// Llama-3.1-8B: theta 500000, factor 8, low 1, high 4, original context 8192. A pair that turns
// more than 4 times in 8192 positions is kept, one that turns less than once is slowed eightfold.
TEST(Rope, Llama3ScalesTheSlowPairsOnly) {
  NetworkSpec spec = network(128, 500000);
  const auto plain = rope_frequencies(spec);
  spec.rope_factor = 8;
  spec.rope_original_context = 8192;
  const auto scaled = rope_frequencies(spec);
  int kept = 0;
  int slowed = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double turns = 8192 * plain[i] / (2 * M_PI);
    const double ratio = plain[i] / scaled[i];
    if (turns > 4) {
      EXPECT_EQ(ratio, 1) << i;
      ++kept;
    } else if (turns < 1) {
      EXPECT_EQ(ratio, 8) << i;
      ++slowed;
    } else {
      // The published formula, with smooth = (turns - 1) / 3.
      const double smooth = (turns - 1) / 3;
      EXPECT_NEAR(scaled[i], (1 - smooth) * plain[i] / 8 + smooth * plain[i], 1e-15) << i;
    }
  }
  EXPECT_EQ(kept, 29);
  EXPECT_EQ(slowed, 29);
}

TEST(Rope, TurnsEachPairByItsAngle) {
  const RopeTable table(network(8, 10000), 5, 3);
  std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8, -1, 0, 0, 2, 0, -3, 1, 0};
  std::vector<float> out(16);
  table.rotate({x.data(), 2, 8}, {out.data(), 2, 8}, 1);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double angle =
          static_cast<double>(6 + row) * std::pow(10000.0, -static_cast<double>(i) / 4);
      const double left = x[row * 8 + i];
      const double right = x[row * 8 + i + 4];
      EXPECT_NEAR(out[row * 8 + i], left * std::cos(angle) - right * std::sin(angle), 2e-6);
      EXPECT_NEAR(out[row * 8 + i + 4], right * std::cos(angle) + left * std::sin(angle), 2e-6);
    }
  }
  table.rotate({x.data(), 2, 8}, {x.data(), 2, 8}, 1);  // in place
  EXPECT_EQ(x, out);
}

TEST(Rope, PositionZeroTurnsNothing) {
  const RopeTable table(network(64, 10000), 0, 1);
  std::vector<float> x(64);
  for (std::size_t i = 0; i < 64; ++i) x[i] = static_cast<float>(i) * 0.37F - 9;
  std::vector<float> out(64);
  table.rotate({x.data(), 1, 64}, {out.data(), 1, 64});
  EXPECT_EQ(out, x);
}

TEST(Rope, ATableStartsAnywhere) {
  const NetworkSpec spec = network(16, 10000);
  const RopeTable whole(spec, 0, 100);
  const RopeTable late(spec, 90, 10);
  for (std::int64_t row = 0; row < 10; ++row) {
    for (std::int64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(late.sines()(row, i), whole.sines()(90 + row, i));
      EXPECT_EQ(late.cosines()(row, i), whole.cosines()(90 + row, i));
    }
  }
}

TEST(Rope, RefusesWhatItCannotTurn) {
  EXPECT_THROW(RopeTable(network(7, 10000), 0, 1), Defect);
  const RopeTable table(network(8, 10000), 0, 2);
  std::vector<float> x(24);
  EXPECT_THROW(table.rotate({x.data(), 3, 8}, {x.data(), 3, 8}), Defect);
  EXPECT_THROW(table.rotate({x.data(), 2, 4}, {x.data(), 2, 4}), Defect);
}

TEST(Rope, BitsAreTheSameOnEveryMachine) {
  NetworkSpec spec = network(128, 500000);
  spec.rope_factor = 8;
  const RopeTable table(spec, 100000, 20);
  std::uint64_t hash = 14695981039346656037ULL;
  for (const auto view : {table.sines(), table.cosines()}) {
    for (std::int64_t row = 0; row < view.rows(); ++row) {
      for (const float each : view.row(row))
        hash = (hash ^ std::bit_cast<std::uint32_t>(each)) * 1099511628211ULL;
    }
  }
  EXPECT_EQ(hash, 13881933021746290813ULL);
}

}  // namespace
}  // namespace razorsim
