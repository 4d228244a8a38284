// SPDX-License-Identifier: Apache-2.0
// The kernels compiled for each vector instruction set make the same bits: a result must not tell
// which machine made it.
#include <bit>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "models/operators/elementary.h"
#include "models/operators/matmul_f32.h"
#include "models/operators/rescale.h"
#include "models/operators/silu_gate.h"
#include "models/operators/softmax.h"

namespace razorsim {
namespace {

std::vector<std::uint32_t> results() {
  constexpr std::int64_t m = 11;
  constexpr std::int64_t k = 203;
  constexpr std::int64_t n = 77;
  std::mt19937 generator(5);
  const auto numbers = [&](std::int64_t count) {
    std::vector<float> all(static_cast<std::size_t>(count));
    for (float& each : all)
      each = static_cast<float>(static_cast<std::int32_t>(generator())) * 3e-8F;
    return all;
  };
  const auto a = numbers(m * k);
  const auto w = numbers(n * k);
  std::vector<float> product(m * n);
  std::vector<float> plain(m * n);
  std::vector<float> exponentials(a.size());
  matmul_f32({a.data(), m, k}, {w.data(), n, k}, {product.data(), m, n});
  matmul_f32_untransposed({a.data(), m, k}, {w.data(), k, n}, {plain.data(), m, n});
  exp_f32(a, exponentials);
  std::vector<float> probabilities(a.size());
  softmax({a.data(), m, k}, 0.125F, k - m, {probabilities.data(), m, k});
  std::vector<float> gated(a.size());
  silu_gate({a.data(), m, k}, {w.data(), m, k}, {gated.data(), m, k});
  // Sums that a double holds, and some that it does not.
  std::vector<std::int64_t> sums(a.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto bits = (static_cast<std::uint64_t>(generator()) << 32) | generator();
    sums[i] = static_cast<std::int64_t>(bits) >> (i % 61);
  }
  std::vector<float> rescaled(a.size());
  std::vector<float> rescaled_once(a.size());
  rescale({sums.data(), m, k}, std::span(w).first(m), std::span(w).first(k),
          {rescaled.data(), m, k});
  rescale({sums.data(), m, k}, std::span(w).first(1), std::span(w).first(1),
          {rescaled_once.data(), m, k});
  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_EQ(rescaled_once[i], static_cast<float>(sums[i]) * (w[0] * w[0]));
  std::vector<std::uint32_t> bits;
  for (const auto* part :
       {&product, &plain, &exponentials, &probabilities, &gated, &rescaled, &rescaled_once}) {
    for (const float each : *part) bits.push_back(std::bit_cast<std::uint32_t>(each));
  }
  return bits;
}

TEST(VectorTargets, EveryInstructionSetMakesTheSameBits) {
  const std::vector<std::uint32_t> expected = results();
  const std::vector<std::int64_t> targets = hwy::SupportedAndGeneratedTargets();
  for (const std::int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_EQ(results(), expected) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  RecordProperty("targets", static_cast<int>(targets.size()));
}

}  // namespace
}  // namespace razorsim
