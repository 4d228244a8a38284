// SPDX-License-Identifier: Apache-2.0
// The kernels compiled for each vector instruction set make the same bits: a result must not tell
// which machine made it.
#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "models/operators/elementary.h"
#include "models/operators/matmul_f32.h"

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
  std::vector<std::uint32_t> bits;
  for (const auto* part : {&product, &plain, &exponentials}) {
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
