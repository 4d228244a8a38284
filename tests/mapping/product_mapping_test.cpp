// SPDX-License-Identifier: Apache-2.0
// The search for a mapping against trying every mapping there is.
#include "models/mapping/product_mapping.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/mapping/product_program.h"
#include "tests/mapping/recorder.h"

namespace razorsim {
namespace {

ProductShape product(std::int64_t m, std::int64_t n, std::int64_t k) {
  ProductShape shape = testing::product(m, n, k);
  shape.left = FormatSpec{};
  shape.left.name = "int8";
  return shape;
}

/// Calls `visit` with every mapping of whole steps that fits.
template <class Visitor>
void for_each_mapping(const ProductShape& shape, const MachineShape& machine,
                      const Visitor& visit) {
  const auto sizes = [](std::int64_t step, std::int64_t whole) {
    std::vector<std::int64_t> all;
    for (std::int64_t size = step; size < whole; size += step) all.push_back(size);
    all.push_back(whole);
    return all;
  };
  for (const std::int64_t m : sizes(16, shape.m)) {
    for (const std::int64_t n : sizes(16, shape.n)) {
      for (const std::int64_t k : sizes(64, shape.k)) {
        for (const LoopOrder order : {LoopOrder::mnk, LoopOrder::nmk}) {
          for (const bool resident : {true, false}) {
            const GivenMapping given{"q_proj", m, n, k, order, resident};
            try {
              visit(map_product(shape, machine, &given));
            } catch (const ConfigError&) {
              // does not fit
            }
          }
        }
      }
    }
  }
}

/// The search finds a mapping as fast as the fastest, and of those as fast one that moves least.
void expect_optimal(const ProductShape& shape, const MachineShape& machine) {
  double fastest = 0;
  for_each_mapping(shape, machine, [&](const ProductMapping& map) {
    if (fastest == 0 || map.estimated_cycles < fastest) fastest = map.estimated_cycles;
  });
  std::int64_t least = 0;
  for_each_mapping(shape, machine, [&](const ProductMapping& map) {
    if (map.estimated_cycles > (1 + mapping_tie) * fastest) return;
    if (least == 0 || map.dram_bytes < least) least = map.dram_bytes;
  });
  const ProductMapping found = choose_mapping(shape, machine);
  EXPECT_LE(found.estimated_cycles, (1 + mapping_tie) * fastest);
  EXPECT_LE(found.dram_bytes, least);
}

TEST(ProductMapping, IsTheBestOfAll) {
  std::mt19937 random(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random()) % (high - low + 1);
  };
  for (int i = 0; i < 60; ++i) {
    ProductShape shape = product(pick(1, 200), 16 * pick(2, 20), 64 * pick(1, 12));
    MachineShape machine;
    machine.weight_buffer = Bytes(1024 * pick(16, 64));
    machine.activation_buffer = Bytes(1024 * pick(16, 64));
    machine.accumulator_room = machine.output_room = Bytes(1024 * pick(8, 32));
    machine.dram_bytes_per_cycle = static_cast<double>(pick(2, 60));
    if (i % 3 == 0) shape.products = 2;
    SCOPED_TRACE(std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
                 std::to_string(shape.k));
    expect_optimal(shape, machine);
  }
}

/// LLaMA-2-7B's q_proj in prefill 128, W4A8: a block of activations is larger than its buffer.
TEST(ProductMapping, ActivationsLargerThanTheirBufferAreReadInTheFewestBlocks) {
  ProductShape shape = product(128, 4096, 4096);
  shape.k_step = 1024;
  const MachineShape machine;
  const ProductMapping map = choose_mapping(shape, machine);
  // 128 rows take 512 KiB of 256: half of them would fill the buffer to the last byte and leave no
  // room for padding, so there are three blocks, and the weights are read three times.
  EXPECT_EQ(map.order, LoopOrder::mnk);
  EXPECT_TRUE(map.resident);
  EXPECT_EQ(ceil_div<std::int64_t>(128, map.tile_m), 3);
}

TEST(ProductMapping, TheProgramMovesWhatTheSearchCounts) {
  for (const std::int64_t m : {1, 70, 128}) {
    ProductPlan plan;
    plan.operations = {0};
    plan.right_addresses = {0};
    plan.shape = product(m, 640, 1024);
    MachineShape machine;
    machine.activation_buffer = machine.weight_buffer = Bytes(64 << 10);
    plan.mapping = choose_mapping(plan.shape, machine);
    plan.cost = testing::plain_cost();
    testing::Recorder recorder;
    run_program(plan, recorder);
    std::int64_t written = 0;
    for (const Job& job : recorder.jobs) written += job.output.total().count();
    EXPECT_EQ(recorder.read + written, plan.mapping.dram_bytes);
  }
}

}  // namespace
}  // namespace razorsim
