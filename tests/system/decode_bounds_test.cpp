// SPDX-License-Identifier: Apache-2.0
// What bounds decode: products of one row, attention over a growing cache, heads that share K and
// V.
#include <string>

#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "sim/machine/network_run.h"
#include "sim/result/ratios.h"
#include "sim/result/report.h"
#include "tests/support/tiny_network.h"

namespace razorsim {
namespace {

NetworkRequest decode_of(const std::string& scheme) {
  NetworkRequest request = testing::tiny_request(scheme);
  request.workload.last_layer = 0;  // the head, in passes, has a bound of its own
  request.network = {.layers = 2,
                     .hidden = 256,
                     .intermediate = 512,
                     .heads = 8,
                     .kv_heads = 8,
                     .head_dim = 32,
                     .vocabulary = 512};
  request.workload.phase = Phase::decode;
  request.workload.context = 255;
  return request;
}

const OperationResult& find(const RunResult& result, const std::string& name) {
  for (const OperationResult& each : result.operations) {
    if (each.name == name) return each;
  }
  throw Defect("no operation " + name);
}

Bound bound_of_step(const RunResult& result) { return bound_of(result.steps.front().counters); }

TEST(DecodeBounds, TheLongestOccupiedResourceIsNamed) {
  NetworkRequest request = decode_of("sdr4");
  const RunResult usual = run_network(request);
  EXPECT_EQ(bound_of_step(usual), Bound::memory) << "products of one row read each weight once";
  for (const OperationResult& each : usual.operations) {
    if (each.kind == OperationKind::linear) {
      EXPECT_EQ(each.bound, Bound::memory) << each.name;
    }
  }

  MachineSpec& machine = request.run.machine;
  const MachineSpec whole = machine;
  machine.array.rows = machine.array.cols = 1;
  const RunResult small_array = run_network(request);
  EXPECT_EQ(bound_of_step(small_array), Bound::array);
  EXPECT_EQ(find(small_array, "layers.0.q_proj").bound, Bound::array);
  EXPECT_EQ(find(small_array, "layers.0.scores").bound, Bound::array);

  machine = whole;
  machine.vector_unit.lanes = 1;
  const RunResult few_lanes = run_network(request);
  EXPECT_EQ(bound_of_step(few_lanes), Bound::vector_unit);
  EXPECT_EQ(find(few_lanes, "layers.0.softmax").bound, Bound::vector_unit);

  machine = whole;
  machine.razor_unit.groups_per_cycle = 1;
  machine.razor_unit.group = 1;  // an element a cycle
  machine.vector_unit.lanes = 65536;
  const RunResult slow_razor = run_network(request);
  EXPECT_EQ(find(slow_razor, "layers.0.softmax").bound, Bound::razor_unit);

  for (const RunResult* each : {&usual, &small_array, &few_lanes, &slow_razor}) {
    for (const StepReport& phase : phases_of(*each)) {
      EXPECT_EQ(bound_of(phase.counters()), bound_of(each->totals))
          << "a decode step alone is its phase";
    }
  }
}

TEST(DecodeBounds, EachPhaseHasItsOwn) {
  NetworkRequest request = decode_of("sdr4");
  request.network.hidden = 512;
  request.network.intermediate = 1536;
  request.network.head_dim = 64;
  request.workload.phase = Phase::generate;
  request.workload.prompt = 256;
  request.workload.generate = 2;
  const RunResult result = run_network(request);
  const std::vector<StepReport> phases = phases_of(result);
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(bound_of(phases[0].counters()), Bound::array);
  EXPECT_EQ(bound_of(phases[1].counters()), Bound::memory);
}

TEST(DecodeBounds, HeadsThatShareKAndVAreRowsOfOneProduct) {
  NetworkRequest request = decode_of("sdr4");
  const RunResult own = run_network(request);
  request.network.kv_heads = 2;
  const RunResult shared = run_network(request);
  for (const char* name : {"layers.0.scores", "layers.0.context"}) {
    const OperationCounters& alone = find(own, name).counters;
    const OperationCounters& grouped = find(shared, name).counters;
    EXPECT_EQ(alone.macs, grouped.macs) << name;
    // Four rows of the array at work for one: a quarter of the cycles,
    EXPECT_EQ(alone.array_busy, CoreCycles(4 * grouped.array_busy.count())) << name;
    EXPECT_EQ(alone.array_slots, 4 * grouped.array_slots) << name;
  }
  // and K and V are read once for four.
  const auto right = [](const RunResult& result, const char* name) {
    return find(result, name).counters.activity.weight_buffer.written.total();
  };
  for (const char* name : {"layers.0.scores", "layers.0.context"})
    EXPECT_EQ(right(own, name), 4 * right(shared, name)) << name;
}

TEST(DecodeBounds, AttentionGrowsWithTheContextWhereverTheCacheIs) {
  for (const CachePlace place : {CachePlace::dram, CachePlace::on_chip}) {
    NetworkRequest request = decode_of("sdr4");
    request.run.machine.kv_cache.place = place;
    CoreCycles attention;
    OperationCounters rest;
    for (const std::int64_t context : {255, 511, 1023}) {
      request.workload.context = context;
      const RunResult result = run_network(request);
      EXPECT_GT(result.steps.front().attention, attention);
      attention = result.steps.front().attention;
      OperationCounters others;
      for (const OperationResult& each : result.operations) {
        if (each.kind != OperationKind::scores && each.kind != OperationKind::softmax &&
            each.kind != OperationKind::context)
          add_fields(others, each.counters);
      }
      if (context > 255) {
        EXPECT_EQ(others.dram_read.payload(), rest.dram_read.payload());
        EXPECT_EQ(others.dram_written.payload(), rest.dram_written.payload());
        EXPECT_EQ(others.array_busy, rest.array_busy);
        EXPECT_EQ(others.vector_busy, rest.vector_busy);
      }
      rest = others;
    }
  }
}

}  // namespace
}  // namespace razorsim
