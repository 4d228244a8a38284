// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/product_program.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "tests/mapping/recorder.h"

namespace razorsim {
namespace {

using testing::plain_cost;
using testing::Recorder;
using testing::sdr4;

ProductPlan plan_of(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t products,
                    const MachineShape& machine) {
  ProductPlan plan;
  for (std::int64_t p = 0; p < products; ++p) plan.operations.push_back(static_cast<int>(p));
  plan.shape.m = m;
  plan.shape.n = n;
  plan.shape.k = k;
  plan.shape.products = products;
  plan.shape.left = sdr4();
  plan.shape.right = sdr4();
  plan.shape.k_step = 64;
  plan.shape.n_step = 16;
  plan.shape.tile_cycles = [](std::int64_t tile_m, std::int64_t tile_n, std::int64_t slab) {
    return ceil_div<std::int64_t>(tile_m, 16) * ceil_div<std::int64_t>(tile_n, 16) *
           ceil_div<std::int64_t>(slab, 16);
  };
  plan.right_addresses.assign(static_cast<std::size_t>(products), 1 << 20);
  plan.cost = plain_cost();
  plan.mapping = choose_mapping(plan.shape, machine);
  return plan;
}

/// Every multiply-accumulate exactly once, in order of K, every panel there when used and given
/// back, and never more in a buffer than it holds.
void expect_laws(const ProductPlan& plan, const MachineShape& machine) {
  Recorder recorder;
  run_program(plan, recorder);
  EXPECT_TRUE(recorder.empty());
  const ProductShape& shape = plan.shape;
  std::vector<std::int64_t> done(static_cast<std::size_t>(shape.products * shape.m * shape.n), 0);
  std::int64_t macs = 0;
  std::int64_t room = 0;
  std::int64_t most_room = 0;
  for (const Job& job : recorder.jobs) {
    macs += job.tile.macs;
    room += job.accumulator_room.count();
    most_room = std::max(most_room, room);
    room -= job.accumulator_release.count();
    for (std::int64_t m = job.tile.m.begin; m < job.tile.m.end; ++m) {
      for (std::int64_t n = job.tile.n.begin; n < job.tile.n.end; ++n) {
        std::int64_t& reached =
            done[static_cast<std::size_t>((job.operation * shape.m + m) * shape.n + n)];
        ASSERT_EQ(reached, job.tile.k.begin) << "slabs of K out of order";
        ASSERT_EQ(job.tile.first_k, reached == 0);
        reached = job.tile.k.end;
        ASSERT_EQ(job.to_accumulator, reached == shape.k);
      }
    }
  }
  for (const std::int64_t reached : done) ASSERT_EQ(reached, shape.k);
  EXPECT_EQ(macs, shape.products * shape.m * shape.n * shape.k);
  EXPECT_EQ(room, 0);
  EXPECT_LE(most_room, machine.accumulator_room.count());
  EXPECT_TRUE(recorder.jobs.back().last_of_pass);
  const std::int64_t left = panel_bytes(shape.left, shape.m, shape.k, true).total().count();
  const std::int64_t right =
      panel_bytes(shape.right, shape.n, shape.k, true).total().count() * shape.products;
  EXPECT_GE(recorder.read, left + right);
}

TEST(ProductProgram, CoversEveryProductOnce) {
  const MachineShape machine;
  for (const std::int64_t products : {1, 2}) {
    expect_laws(plan_of(64, 576, 576, products, machine), machine);
    expect_laws(plan_of(1, 4096, 4096, products, machine), machine);
    expect_laws(plan_of(128, 4096, 11008, products, machine), machine);
  }
}

TEST(ProductProgram, KeepsTheLawsForAnyShapeAndBuffers) {
  std::mt19937 random(20261123);
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit)) + 1;
  };
  for (int i = 0; i < 60; ++i) {
    MachineShape machine;
    machine.rows = below(40);
    machine.cols = below(40);
    machine.weight_buffer = Bytes((16 + below(256)) * 1024);
    machine.activation_buffer = Bytes((16 + below(256)) * 1024);
    const ProductPlan plan = plan_of(below(150), below(200), below(700), 1 + i % 2, machine);
    SCOPED_TRACE(::testing::Message() << "case " << i << ": " << plan.shape.m << " x "
                                      << plan.shape.n << " x " << plan.shape.k);
    expect_laws(plan, machine);
  }
}

TEST(ProductMapping, ReadsEachOperandOnceWhereBothFit) {
  const MachineShape machine;
  const ProductPlan plan = plan_of(64, 576, 576, 1, machine);
  Recorder recorder;
  run_program(plan, recorder);
  const std::int64_t once = panel_bytes(sdr4(), 64, 576, true).total().count() +
                            panel_bytes(sdr4(), 576, 576, true).total().count();
  EXPECT_EQ(recorder.read, once);
}

TEST(ProductMapping, RefusesBuffersTooSmallForATile) {
  MachineShape machine;
  machine.weight_buffer = Bytes(256);
  EXPECT_THROW((void)plan_of(64, 576, 576, 1, machine), ConfigError);
}

TEST(ProductMapping, IsTheSameEveryTime) {
  const MachineShape machine;
  EXPECT_EQ(plan_of(128, 4096, 4096, 2, machine).mapping,
            plan_of(128, 4096, 4096, 2, machine).mapping);
}

TEST(OutputCost, RazorsTokensInWholeGroups) {
  OutputPlan plan;
  plan.format = sdr4();
  plan.format.base_bits = 8;
  plan.along_rows = true;
  plan.keeps_base = true;
  plan.encoded = true;
  plan.past = 10;  // tokens 10 .. 25 make one whole group of 16, and begin another
  const OutputCost cost = output_cost(plan, {0, 16}, 64);
  EXPECT_EQ(cost.groups, 64);
  EXPECT_EQ(cost.bytes.flags.count(), 64 * 4 / 8);
  EXPECT_EQ(cost.bytes.codes.count(), 64 * 16 / 2 + 16 * 64);
  EXPECT_EQ(output_cost(plan, {0, 5}, 64).groups, 0);
}

}  // namespace
}  // namespace razorsim
