// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/vector_program.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/mapping/recorder.h"

namespace razorsim {
namespace {

VectorPlan plan_of(std::int64_t steps) {
  VectorPlan plan;
  plan.rows = 50;
  plan.cols = 576;
  plan.steps_per_element = steps;
  choose_blocks(plan, MachineShape{});
  return plan;
}

TEST(VectorProgram, ReadsAndWritesEveryRowOnce) {
  for (const std::int64_t steps : {0, 3}) {
    const VectorPlan plan = plan_of(steps);
    testing::Recorder recorder;
    run_program(plan, recorder);
    EXPECT_TRUE(recorder.empty());
    EXPECT_EQ(recorder.read, 50 * 576 * 4);
    std::int64_t row = 0;
    for (const Job& job : recorder.jobs) {
      EXPECT_EQ(job.rows.begin, row);
      row = job.rows.end;
      EXPECT_EQ(job.output.total().count(), job.rows.size() * 576 * 4);
      EXPECT_EQ(job.vector_steps, job.rows.size() * 576 * steps);
      EXPECT_EQ(job.last_of_pass, row == 50);
    }
    EXPECT_EQ(row, 50);
  }
}

TEST(VectorProgram, GathersRowsFromWhereverTheyLie) {
  testing::Recorder recorder;
  run_program(plan_of(0), recorder);
  ASSERT_EQ(recorder.loads.size(), 50U);
  std::set<std::int64_t> addresses;
  for (const Load& load : recorder.loads) {
    EXPECT_EQ(load.address % request_bytes.count(), 0);
    EXPECT_TRUE(addresses.insert(load.address).second);
    // No row follows the one before it in memory.
    EXPECT_FALSE(addresses.contains(load.address - 576 * 4));
  }
}

}  // namespace
}  // namespace razorsim
