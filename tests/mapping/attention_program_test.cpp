// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/attention_program.h"

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "tests/mapping/recorder.h"

namespace razorsim {
namespace {

using testing::plain_cost;
using testing::Recorder;
using testing::sdr4;

AttentionPlan plan_of(std::int64_t tokens, std::int64_t past, std::int64_t kv_heads,
                      std::int64_t group_heads, const MachineShape& machine) {
  AttentionPlan plan;
  plan.scores = 0;
  plan.softmax = 1;
  plan.context = 2;
  plan.tokens = tokens;
  plan.past = past;
  plan.kv_heads = kv_heads;
  plan.group_heads = group_heads;
  plan.head_dim = 64;
  plan.query.name = "int16";
  plan.probability.name = "int16";
  plan.key = sdr4();
  plan.value = sdr4();
  plan.value.base_bits = plan.key.base_bits = 8;
  plan.scores_cost = plain_cost();
  plan.context_cost = plain_cost();
  choose_blocks(plan, machine);
  return plan;
}

void expect_laws(const AttentionPlan& plan, const MachineShape& machine) {
  Recorder recorder;
  run_program(plan, recorder);
  EXPECT_TRUE(recorder.empty()) << "a panel stays in a buffer";
  EXPECT_LE(recorder.most_weights, machine.weight_buffer.count() * 2);
  const std::int64_t heads = plan.kv_heads * plan.group_heads;
  std::vector<std::int64_t> seen(static_cast<std::size_t>(heads * plan.tokens), 0);
  std::vector<std::int64_t> weighed(seen.size(), 0);
  for (const Job& job : recorder.jobs) {
    const std::int64_t block_heads = job.tile.m.size() / job.rows.size();
    for (std::int64_t h = 0; h < block_heads; ++h) {
      for (std::int64_t token = job.rows.begin; token < job.rows.end; ++token) {
        const auto row = static_cast<std::size_t>((job.head + h) * plan.tokens + token);
        if (job.operation == plan.scores) {
          ASSERT_EQ(seen[row], job.tile.n.begin);
          seen[row] = job.tile.n.end;
          continue;
        }
        ASSERT_EQ(weighed[row], job.tile.k.begin);
        weighed[row] = job.tile.k.end;
        // A query never sees flags made with later tokens, and sees every group its own token
        // completes.
        const std::int64_t complete = (plan.past + token + 1) / plan.value.group * plan.value.group;
        if (job.tile.wide_right) {
          ASSERT_EQ(job.tile.k.begin, complete);
        } else {
          ASSERT_LE(job.tile.k.end, complete);
        }
      }
    }
  }
  for (std::size_t row = 0; row < seen.size(); ++row) {
    const std::int64_t token = static_cast<std::int64_t>(row) % plan.tokens;
    ASSERT_GE(seen[row], plan.past + token + 1);
    ASSERT_EQ(weighed[row], seen[row]);
    if (!plan.causal_skip) {
      ASSERT_EQ(seen[row], plan.columns());
    }
  }
  EXPECT_TRUE(recorder.jobs.back().last_of_pass);
}

TEST(AttentionProgram, EveryQueryMeetsItsTokensOnce) {
  const MachineShape machine;
  expect_laws(plan_of(64, 0, 3, 3, machine), machine);
  expect_laws(plan_of(33, 0, 2, 1, machine), machine);
  expect_laws(plan_of(1, 2048, 4, 1, machine), machine);
  expect_laws(plan_of(1, 15, 2, 4, machine), machine);  // this token completes a group
  expect_laws(plan_of(5, 27, 2, 4, machine), machine);
  expect_laws(plan_of(512, 0, 1, 3, machine), machine);
}

TEST(AttentionProgram, ComputesTheWholeSquareWithoutCausalSkip) {
  const MachineShape machine;
  AttentionPlan plan = plan_of(48, 0, 2, 2, machine);
  plan.causal_skip = false;
  expect_laws(plan, machine);
}

TEST(AttentionProgram, StreamsACacheThatDoesNotFit) {
  MachineShape machine;
  machine.weight_buffer = Bytes(24 << 10);
  const AttentionPlan plan = plan_of(64, 960, 1, 1, machine);
  EXPECT_FALSE(plan.cache_resident);
  expect_laws(plan, machine);
}

TEST(AttentionProgram, RefusesRowsOfScoresThatDoNotFit) {
  MachineShape machine;
  machine.accumulator_room = Bytes(1024);
  EXPECT_THROW((void)plan_of(1024, 0, 1, 1, machine), ConfigError);
}

TEST(AttentionProgram, LoadsNothingThatIsCachedOnChip) {
  MachineShape machine;
  const AttentionPlan dram = plan_of(20, 37, 2, 3, machine);
  machine.kv_on_chip = true;
  const AttentionPlan chip = plan_of(20, 37, 2, 3, machine);
  expect_laws(chip, machine);
  Recorder loads;
  run_program(dram, loads);
  Recorder none;
  run_program(chip, none);
  EXPECT_EQ(none.most_weights, 0);
  EXPECT_EQ(none.jobs.size(), loads.jobs.size());
  for (const Load& load : none.loads) EXPECT_FALSE(load.to_weight_buffer);
}

}  // namespace
}  // namespace razorsim
