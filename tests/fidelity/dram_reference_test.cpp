// SPDX-License-Identifier: Apache-2.0
// Cycles of public request streams on the shipped devices, against what public simulators took for
// them (measured by us): Ramulator 2.1 (c5b1c3a4, FRFCFS-RowHit, 32 + 32 entries), DRAMsim3
// (29817593, one 32-entry queue a rank) and DRAMSys 5.1 (FrFcfs, 32 shared entries). Bands are
// [least, most] of them.
#include <gtest/gtest.h>

#include "models/hardware/dram_trace_run.h"
#include "sim/config/load.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

struct Reference {
  const char* device;
  const char* mapping;
  char stream;         ///< a: sequential, c: random, d: tiles
  double least, most;  ///< cycles
  double tolerance;    ///< beyond the band
};

testing::Stream stream_of(char name) {
  return name == 'a'   ? testing::sequential(false)
         : name == 'c' ? testing::random_reads()
                       : testing::tile_stream();
}

class DramReference : public ::testing::TestWithParam<Reference> {};

TEST_P(DramReference, CyclesLieInTheBandOfThePublicSimulators) {
  const Reference& r = GetParam();
  const DramRunResult run =
      run_dram_trace(load<DramSpec>(r.device), r.mapping, stream_of(r.stream));
  const auto cycles = static_cast<double>(run.cycles.count());
  EXPECT_GE(cycles, r.least * (1 - r.tolerance));
  EXPECT_LE(cycles, r.most * (1 + r.tolerance));
}

INSTANTIATE_TEST_SUITE_P(
    Ddr4, DramReference,
    ::testing::Values(Reference{"ddr4-3200", "ro-ba-bg-co", 'a', 425979, 426181, 0.01},
                      Reference{"ddr4-3200", "ro-ba-bg-co", 'c', 591026, 602846, 0.02},
                      Reference{"ddr4-3200", "ro-ba-bg-co", 'd', 552501, 552850, 0.01},
                      Reference{"ddr4-3200", "ro-ba-co-bg-64B", 'a', 275653, 275742, 0.01},
                      Reference{"ddr4-3200", "ro-ba-co-bg-64B", 'c', 590558, 602676, 0.02},
                      Reference{"ddr4-3200", "ro-ba-co-bg-64B", 'd', 870823, 871075, 0.01}));
INSTANTIATE_TEST_SUITE_P(
    Hbm2, DramReference,
    ::testing::Values(Reference{"hbm2", "ro-ba-bg-co", 'a', 290758, 291849, 0.01},
                      Reference{"hbm2", "ro-ba-bg-co", 'c', 344319, 354378, 0.02},
                      Reference{"hbm2", "ro-ba-bg-co", 'd', 872252, 872778, 0.01},
                      Reference{"hbm2", "ro-ba-co-bg-64B", 'a', 290728, 291599, 0.01},
                      Reference{"hbm2", "ro-ba-co-bg-64B", 'c', 345289, 354894, 0.02},
                      Reference{"hbm2", "ro-ba-co-bg-64B", 'd', 1040497, 1048151, 0.01}));
// Ramulator 2.1 alone: no other simulates LPDDR5's two activate commands and its write clock.
INSTANTIATE_TEST_SUITE_P(
    Lpddr5, DramReference,
    ::testing::Values(Reference{"lpddr5-6400", "ro-ba-bg-co", 'a', 325008, 325008, 0.05},
                      Reference{"lpddr5-6400", "ro-ba-bg-co", 'c', 373442, 373442, 0.05},
                      Reference{"lpddr5-6400", "ro-ba-co-bg-64B", 'a', 280570, 280570, 0.05},
                      Reference{"lpddr5-6400", "ro-ba-co-bg-64B", 'c', 372979, 372979, 0.05}));

/// Streams of our own, against Ramulator 2.1 FRFCFS-RowHit run on the same requests by us.
struct Own {
  const char* device;
  const char* mapping;
  char stream;  ///< w: sequential writes, m: three reading streams and a writing one
  double cycles;
};

class DramOwnStream : public ::testing::TestWithParam<Own> {};

TEST_P(DramOwnStream, CyclesAreRamulators) {
  const Own& own = GetParam();
  const testing::Stream stream = own.stream == 'w'
                                     ? testing::sequential(true)
                                     : testing::mixed_streams(65536, 4, 64u << 20, true);
  const DramRunResult run = run_dram_trace(load<DramSpec>(own.device), own.mapping, stream);
  EXPECT_NEAR(static_cast<double>(run.cycles.count()) / own.cycles, 1, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Ramulator, DramOwnStream,
                         ::testing::Values(Own{"ddr4-3200", "ro-ba-bg-co", 'w', 426846},
                                           Own{"ddr4-3200", "ro-ba-co-bg-64B", 'w', 276211},
                                           Own{"ddr4-3200", "ro-ba-bg-co", 'm', 682297},
                                           Own{"ddr4-3200", "ro-ba-co-bg-64B", 'm', 391176},
                                           Own{"hbm2", "ro-ba-bg-co", 'w', 291802},
                                           Own{"hbm2", "ro-ba-bg-co", 'm', 639153},
                                           Own{"lpddr5-6400", "ro-ba-bg-co", 'w', 327949},
                                           Own{"lpddr5-6400", "ro-ba-bg-co", 'm', 760147}));

}  // namespace
}  // namespace razorsim
