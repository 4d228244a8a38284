// SPDX-License-Identifier: Apache-2.0
// The closed forms of SCALE-Sim v3's semantics, against figures scalesim 3.0.0 (PyPI) printed.
#include "models/mapping/scale_sim.h"

#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

struct Recorded {
  Dataflow dataflow;
  std::int64_t rows, cols, m, k, n;
  std::int64_t cycles;        // "Total Cycles"
  double mapping_efficiency;  // "Mapping Efficiency %"
};

constexpr auto os = Dataflow::output_stationary;
constexpr auto ws = Dataflow::weight_stationary;
constexpr auto is = Dataflow::input_stationary;

const std::vector<Recorded> recorded = {
    {os, 16, 16, 64, 64, 64, 1503, 100.0},
    {os, 8, 4, 33, 70, 19, 1999, 78.375},
    {os, 4, 8, 5, 9, 40, 189, 62.5},
    {os, 1, 7, 12, 30, 11, 863, 78.5714285714286},
    {os, 32, 32, 20, 100, 50, 323, 48.828125},
    {os, 3, 2, 1, 64, 10, 334, 33.33333333333333},
    {ws, 16, 16, 64, 64, 64, 1759, 100.0},
    {ws, 8, 4, 33, 70, 19, 2294, 92.36111111111111},
    {ws, 4, 8, 5, 9, 40, 284, 75.0},
    {ws, 1, 7, 12, 30, 11, 1139, 78.5714285714285},
    {ws, 32, 32, 20, 100, 50, 911, 61.03515625},
    {ws, 3, 2, 1, 64, 10, 769, 96.96969696969695},
    {is, 16, 16, 64, 64, 64, 1759, 100.0},
    {is, 8, 4, 33, 70, 19, 2996, 89.12037037037037},
    {is, 4, 8, 5, 9, 40, 161, 46.875},
    {is, 1, 7, 12, 30, 11, 1079, 85.71428571428577},
    {is, 32, 32, 20, 100, 50, 575, 48.828125},
    {is, 3, 2, 1, 64, 10, 351, 48.48484848484848},
};

TEST(ScaleSim, AnswersAsTheProgramItselfDid) {
  for (const Recorded& run : recorded) {
    const ScaleSimTiming timing =
        scale_sim_timing(run.dataflow, run.rows, run.cols, run.m, run.k, run.n);
    SCOPED_TRACE(::testing::Message() << name_of(run.dataflow) << " " << run.rows << " x "
                                      << run.cols << ": " << run.m << " " << run.k << " " << run.n);
    EXPECT_EQ(timing.cycles.count(), run.cycles);
    EXPECT_NEAR(100 * timing.mapping_efficiency(), run.mapping_efficiency, 1e-9);
  }
}

TEST(ScaleSim, OneElementTakesACycleAMac) {
  EXPECT_EQ(scale_sim_timing(os, 1, 1, 3, 5, 7).cycles, CoreCycles(3 * 5 * 7 - 1));
  // An operand that stays takes a cycle more a fold to bring in.
  EXPECT_EQ(scale_sim_timing(ws, 1, 1, 3, 5, 7).cycles, CoreCycles(5 * 7 * (3 + 1) - 1));
  EXPECT_EQ(scale_sim_timing(is, 1, 1, 3, 5, 7).cycles, CoreCycles(5 * 3 * (7 + 1) - 1));
}

TEST(ScaleSim, RefusesWhatNoCounterHolds) {
  constexpr std::int64_t side = 1 << 28;
  EXPECT_THROW((void)scale_sim_timing(os, 1, 1, side, side, side), ConfigError);
}

}  // namespace
}  // namespace razorsim
