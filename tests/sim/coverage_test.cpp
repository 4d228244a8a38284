// SPDX-License-Identifier: Apache-2.0
#include "sim/values/coverage.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

/// What the boxes leave at every point of an m x n x k product that starts from garbage: how often
/// each k was added since the sum was started.
std::vector<int> counts(const std::vector<Box>& boxes, std::int64_t m, std::int64_t n,
                        std::int64_t k) {
  std::vector<int> all(static_cast<std::size_t>(m * n * k), -100);
  for (const Box& box : boxes) {
    for (std::int64_t i = box.m.begin; i < box.m.end; ++i) {
      for (std::int64_t j = box.n.begin; j < box.n.end; ++j) {
        int* const sum = all.data() + (i * n + j) * k;
        if (box.first_k) std::fill(sum, sum + k, 0);
        for (std::int64_t l = box.k.begin; l < box.k.end; ++l) ++sum[l];
      }
    }
  }
  return all;
}

TEST(Coverage, TilesOfNestedLoopsEndAsOneBox) {
  for (int order = 0; order < 6; ++order) {
    int loops[] = {0, 1, 2};
    for (int i = 0; i < order; ++i) std::next_permutation(loops, loops + 3);
    Coverage coverage;
    constexpr std::int64_t tile[] = {8, 16, 32};
    constexpr std::int64_t count[] = {3, 4, 5};
    std::int64_t at[3];
    for (at[loops[0]] = 0; at[loops[0]] < count[loops[0]]; ++at[loops[0]]) {
      for (at[loops[1]] = 0; at[loops[1]] < count[loops[1]]; ++at[loops[1]]) {
        for (at[loops[2]] = 0; at[loops[2]] < count[loops[2]]; ++at[loops[2]]) {
          const auto range = [&](int axis) {
            return IndexRange{at[axis] * tile[axis], (at[axis] + 1) * tile[axis]};
          };
          coverage.add({range(0), range(1), range(2), at[2] == 0});
        }
      }
    }
    ASSERT_EQ(coverage.boxes().size(), 1U) << order;
    EXPECT_EQ(coverage.boxes().front(), (Box{{0, 24}, {0, 64}, {0, 160}, true}));
  }
}

TEST(Coverage, AMissingTileStaysMissing) {
  Coverage coverage;
  for (std::int64_t n = 0; n < 64; n += 16) {
    if (n != 32) coverage.add({{0, 8}, {n, n + 16}, {0, 32}, true});
  }
  EXPECT_EQ(coverage.boxes(), (std::vector<Box>{{{0, 8}, {0, 32}, {0, 32}, true},
                                                {{0, 8}, {48, 64}, {0, 32}, true}}));
}

// Whatever tiles come, doubled, overlapping or starting anew, joining them changes no sum.
TEST(Coverage, JoiningChangesNoSum) {
  std::mt19937 random(3);
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit));
  };
  std::size_t joined = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Box> boxes;
    Coverage coverage;
    for (int i = 0; i < 12; ++i) {
      const auto range = [&] {
        const std::int64_t begin = below(3);
        return IndexRange{begin, begin + 1 + below(3 - begin)};
      };
      boxes.push_back({range(), range(), range(), below(2) == 0});
      coverage.add(boxes.back());
    }
    joined += boxes.size() - coverage.boxes().size();
    ASSERT_EQ(counts(coverage.boxes(), 3, 3, 3), counts(boxes, 3, 3, 3)) << round;
  }
  EXPECT_GT(joined, 100U);
}

}  // namespace
}  // namespace razorsim
