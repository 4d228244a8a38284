// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_energy.h"

#include <gtest/gtest.h>

#include "models/hardware/dram_trace_run.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

// V * mA * ns for eight devices, by hand: 1.2 (57*74 - 52*52 - 37*22) 0.625 * 8, and so on.
TEST(DramEnergy, EventsCostWhatTheCurrentsSay) {
  const DramEnergyTable table = dram_energy_table(DramSpec{});
  EXPECT_DOUBLE_EQ(table.activate.count(), 4200);
  EXPECT_DOUBLE_EQ(table.read.count(), 2784);
  EXPECT_DOUBLE_EQ(table.write.count(), 2352);
  EXPECT_DOUBLE_EQ(table.refresh.count(), 665280);
  EXPECT_DOUBLE_EQ(table.active_cycle.count(), 312);
  EXPECT_DOUBLE_EQ(table.precharged_cycle.count(), 222);
}

// The whole of a run against the closed form: counts, and every cycle active but for the refreshes
// and the cycles before the first activate.
TEST(DramEnergy, WholeRunEqualsTheClosedForm) {
  const DramRunResult run = run_dram_trace(DramSpec{}, "", testing::sequential(false));
  const DramCounters& c = run.counters;
  EXPECT_EQ(c.reads, 65536);
  const auto cycles = static_cast<double>(run.drained_cycles.count());
  const double closed = static_cast<double>(c.refreshes) * (560 + 22);
  const double expected = 4200.0 * static_cast<double>(c.activates) + 2784.0 * 65536 +
                          665280.0 * static_cast<double>(c.refreshes) + 312 * (cycles - closed) +
                          222 * closed;
  EXPECT_NEAR(c.energy.core.count() / expected, 1, 0.001);
  EXPECT_EQ(c.active_standby + c.precharge_standby, Picoseconds(625) * run.drained_cycles.count());
  EXPECT_EQ(c.busy + c.idle, Picoseconds(625) * run.drained_cycles.count());
}

// DRAMsim3 (29817593, PER_RANK 32) counts 338552406, 671401458 and 703418958 pJ on the three
// streams.
TEST(DramEnergy, AgreesWithDramsim3OnTheStreams) {
  const auto core = [](const testing::Stream& stream) {
    return run_dram_trace(DramSpec{}, "", stream).counters.energy.core.count();
  };
  EXPECT_NEAR(core(testing::sequential(false)) / 338552406, 1, 0.02);
  EXPECT_NEAR(core(testing::random_reads()) / 671401458, 1, 0.02);
  EXPECT_NEAR(core(testing::tile_stream()) / 703418958, 1, 0.02);
}

TEST(DramEnergy, BreakdownSumsToTheTotal) {
  DramSpec spec;
  spec.io = DramIo{1, 2, 3};
  const DramEnergy e =
      run_dram_trace(spec, "", testing::mixed_streams(4096, 4, 64u << 20, true)).counters.energy;
  EXPECT_DOUBLE_EQ(
      (e.activate + e.read + e.write + e.refresh + e.active_standby + e.precharge_standby).count(),
      e.core.count());
  EXPECT_DOUBLE_EQ((e.core + e.io).count(), e.total.count());
  EXPECT_DOUBLE_EQ(e.io.count(), 2.0 * 4096 * 512);
  EXPECT_DOUBLE_EQ(e.io_high.count(), 3.0 * 4096 * 512);
}

TEST(DramEnergy, WithoutSourceThereIsNone) {
  DramSpec spec;
  spec.currents.reset();
  EXPECT_EQ(run_dram_trace(spec, "", testing::sequential(false, 256)).counters.energy,
            DramEnergy{});
}

}  // namespace
}  // namespace razorsim
