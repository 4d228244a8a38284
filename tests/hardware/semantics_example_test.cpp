// SPDX-License-Identifier: Apache-2.0
// "What a cycle means" in docs/model.md: every number of that section, so that it cannot rot.
#include <gtest/gtest.h>

#include "models/arithmetic/units.h"
#include "models/hardware/tile_cost.h"
#include "models/mapping/scale_sim.h"

namespace razorsim {
namespace {

constexpr std::int64_t side = 64;   // of the product
constexpr std::int64_t array = 16;  // rows and columns

CoreCycles as_scale_sim(Dataflow dataflow) {
  return scale_sim_timing(dataflow, array, array, side, side, side).cycles;
}

/// The array alone, operands at hand.
Tile native(int lanes) {
  ArraySpec spec;
  spec.unit.unit = "int8";
  spec.unit.lanes = lanes;
  FormatSpec int8;
  int8.name = "int8";
  Tile tile;
  tile.m = tile.n = tile.k = {0, side};
  tile_cost(spec, MachineShape{}, {plan(spec.unit, int8, int8), int8, int8})(tile);
  return tile;
}

TEST(SemanticsExample, scale_sim_lets_each_fold_drain) {
  const ScaleSimTiming timing =
      scale_sim_timing(Dataflow::output_stationary, array, array, side, side, side);
  EXPECT_EQ(timing.folds, 16);
  EXPECT_EQ(timing.cycles_per_fold, CoreCycles(94));
  EXPECT_EQ(timing.cycles, CoreCycles(1503));
  EXPECT_EQ(as_scale_sim(Dataflow::weight_stationary), CoreCycles(1759));
  EXPECT_EQ(as_scale_sim(Dataflow::input_stationary), CoreCycles(1759));
}

TEST(SemanticsExample, our_folds_follow_each_other_and_lanes_divide_them) {
  EXPECT_EQ(native(1).beats, CoreCycles(1024));
  EXPECT_EQ(native(1).skew, CoreCycles(31));
  EXPECT_EQ(native(16).beats, CoreCycles(64));
  EXPECT_EQ(native(16).skew, CoreCycles(32));
}

}  // namespace
}  // namespace razorsim
