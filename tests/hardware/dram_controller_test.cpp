// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_controller.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "models/hardware/dram_trace_run.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

constexpr std::int64_t mib = 1 << 20;

DramRequest request(std::int64_t id, std::int64_t bank, std::int64_t row, std::int64_t column,
                    bool is_write = false) {
  return {id, bank, row, column, is_write};
}

/// Ticks until nothing waits; where each request's data ended.
std::vector<DramCompletion> drain(DramController& controller) {
  while (controller.waiting() > 0) controller.tick(controller.wake());
  return controller.completions;
}

// Closed forms of a lone request: accepted at 0, first command at 1.
TEST(DramController, UnloadedLatencyIsTheSumOfItsParts) {
  DramController controller(DramSpec{}, 0);
  controller.accept(request(1, 0, 5, 0), 0);
  EXPECT_EQ(drain(controller).at(0).cycle, 1 + 22 + 22 + 4);  // closed: rcd + cl + burst
  controller.completions.clear();
  controller.accept(request(2, 0, 5, 9), 1000);
  EXPECT_EQ(drain(controller).at(0).cycle, 1001 + 22 + 4);  // open: cl + burst
  controller.completions.clear();
  controller.accept(request(3, 0, 6, 0), 2000);
  EXPECT_EQ(drain(controller).at(0).cycle,
            2001 + 22 + 22 + 22 + 4);  // other row: rp + rcd + cl + burst
  EXPECT_EQ(controller.counters().row_hits, 1);
  EXPECT_EQ(controller.counters().row_misses, 1);
  EXPECT_EQ(controller.counters().row_conflicts, 1);
}

// Four bank groups in turn fill the data bus, but for refreshes: rfc, precharge, reopening, drain
// before.
TEST(DramController, PeakBandwidthLessRefresh) {
  const DramRunResult run =
      run_dram_trace(DramSpec{}, "ro-ba-co-bg-64B", testing::sequential(false));
  const auto refreshes = static_cast<double>(run.counters.refreshes);
  const double data = 65536 * 4;
  EXPECT_GE(static_cast<double>(run.cycles.count()), data + refreshes * 560);
  EXPECT_LE(static_cast<double>(run.cycles.count()),
            data + refreshes * (560 + 22 + 22 + 22 + 34) + 60);
  EXPECT_EQ(run.counters.refreshes, run.drained_cycles.count() / 12480);
}

TEST(DramController, TakesNoMoreThanItsQueuesHold) {
  DramController controller(DramSpec{}, 0);
  for (std::int64_t i = 0; i < 32; ++i) {
    ASSERT_TRUE(controller.can_accept(request(i, 0, i, 0)));
    controller.accept(request(i, 0, i, 0), i);
  }
  EXPECT_FALSE(controller.can_accept(request(32, 1, 0, 0)));
  EXPECT_TRUE(controller.can_accept(request(33, 1, 0, 0, true)));  // writes have their own
  while (!controller.can_accept(request(32, 1, 0, 0))) controller.tick(controller.wake());
}

TEST(DramController, ReadsOfQueuedWritesAreAnsweredAtOnceAndWritesMerge) {
  DramController controller(DramSpec{}, 0);
  controller.accept(request(1, 0, 5, 3, true), 0);
  controller.accept(request(2, 0, 5, 3, true), 0);
  controller.accept(request(3, 0, 5, 3), 0);
  EXPECT_EQ(controller.waiting(), 1);
  EXPECT_EQ(controller.counters().merged_writes, 1);
  EXPECT_EQ(controller.counters().forwarded_reads, 1);
  EXPECT_EQ(controller.completions.back().cycle, 1);
  drain(controller);
  EXPECT_EQ(controller.counters().writes, 1);
}

TEST(DramController, NothingIsLeftBehind) {
  for (const bool last_writes : {false, true}) {
    const DramRunResult run =
        run_dram_trace(DramSpec{}, "", testing::mixed_streams(5000, 4, 64 * mib, last_writes));
    EXPECT_EQ(run.counters.reads + run.counters.writes, 5000);
    EXPECT_GE(run.drained_cycles, run.cycles);
  }
}

// A steady stream of hits must not hold back a request for another row of the bank for ever.
TEST(DramController, NobodyStarves) {
  DramSpec spec;
  spec.controller.protect_row_hits = false;
  spec.controller.starvation_limit = MemoryCycles(2000);
  DramController controller(spec, 0);
  controller.accept(request(0, 0, 1, 0), 0);
  for (std::int64_t cycle = 1; cycle < 6000; ++cycle) {
    if (cycle == 40) controller.accept(request(-1, 0, 2, 0), cycle);
    const DramRequest hit = request(cycle, 0, 1, cycle % 128);
    if (controller.can_accept(hit)) controller.accept(hit, cycle);
    controller.tick(cycle + 1);
  }
  const auto served = std::find_if(controller.completions.begin(), controller.completions.end(),
                                   [](const DramCompletion& each) { return each.id == -1; });
  ASSERT_NE(served, controller.completions.end());
  EXPECT_LT(served->cycle, 40 + 2000 + 300);
}

TEST(DramController, WritesDrainWhileReadsKeepComing) {
  DramSpec spec;
  spec.controller.starvation_limit = MemoryCycles(2000);
  DramController controller(spec, 0);
  controller.accept(request(-1, 3, 9, 0, true), 0);
  for (std::int64_t cycle = 1; cycle < 6000; ++cycle) {
    const DramRequest read = request(cycle, cycle % 3, 1, cycle % 128);
    if (controller.can_accept(read)) controller.accept(read, cycle);
    controller.tick(cycle + 1);
  }
  EXPECT_EQ(controller.counters().writes, 1);
}

TEST(DramController, RowHitCapLetsTheOlderRequestIn) {
  const auto finish_of_conflict = [](std::int64_t cap) {
    DramSpec spec;
    spec.controller.row_hit_cap = cap;
    DramController controller(spec, 0);
    controller.accept(request(0, 0, 1, 0), 0);
    controller.accept(request(-1, 0, 2, 0), 1);
    for (std::int64_t i = 1; i < 20; ++i) controller.accept(request(i, 0, 1, i), 1 + i);
    const auto all = drain(controller);
    return std::find_if(all.begin(), all.end(),
                        [](const DramCompletion& each) { return each.id == -1; })
        ->cycle;
  };
  EXPECT_LT(finish_of_conflict(4), finish_of_conflict(0));
}

TEST(DramController, ClosedPagesCloseAndAdaptiveOnesLearn) {
  DramSpec spec;
  spec.controller.page_policy = PagePolicy::closed;
  const DramRunResult closed = run_dram_trace(spec, "", testing::random_reads(4096));
  EXPECT_EQ(closed.counters.row_conflicts, 0);
  spec.controller.page_policy = PagePolicy::adaptive;
  const DramRunResult adaptive = run_dram_trace(spec, "", testing::random_reads(4096));
  const DramRunResult open = run_dram_trace(DramSpec{}, "", testing::random_reads(4096));
  EXPECT_LT(adaptive.counters.row_conflicts, open.counters.row_conflicts / 2);
  const DramRunResult sequential = run_dram_trace(spec, "", testing::sequential(false, 4096));
  EXPECT_GT(sequential.row_hit_rate, 0.98);
}

TEST(DramController, WaitsDivideByCause) {
  DramController controller(DramSpec{}, 0);
  controller.accept(request(1, 0, 5, 0), 100);
  drain(controller);
  const auto& miss = controller.waits().causes();
  EXPECT_EQ(miss[Cause::row_miss], 22);
  EXPECT_EQ(miss.sum(), controller.waits().data_end() - 100);
  controller.accept(request(2, 0, 6, 0), 5000);
  drain(controller);
  EXPECT_EQ(controller.waits().causes()[Cause::bank_conflict], 44);
  controller.accept(request(3, 0, 6, 1, true), 6000);
  controller.accept(request(4, 1, 6, 1), 6000);
  drain(controller);
  EXPECT_GT(controller.waits().causes()[Cause::turnaround], 0);
}

TEST(DramController, StartsAgainFromTheSameState) {
  DramController controller(DramSpec{}, 0);
  const auto once = [&] {
    controller.completions.clear();
    for (std::int64_t i = 0; i < 20; ++i)
      controller.accept(request(i, i % 5, i % 3, i, i % 4 == 0), i);
    std::vector<std::int64_t> ends;
    for (const DramCompletion& each : drain(controller)) ends.push_back(each.cycle);
    return ends;
  };
  const auto first = once();
  controller.finish(20000);
  controller.reset();
  EXPECT_EQ(once(), first);
}

}  // namespace
}  // namespace razorsim
