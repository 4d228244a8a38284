// SPDX-License-Identifier: Apache-2.0
// K and V on chip: the same work, no DRAM for them, energy and area of their buffer.
#include <string>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/energy/sram.h"
#include "sim/config/load.h"
#include "sim/machine/network_run.h"
#include "tests/support/tiny_network.h"

namespace razorsim {
namespace {

NetworkRequest request_of(const std::string& scheme, CachePlace place) {
  NetworkRequest request = testing::tiny_request(scheme);
  request.run.machine.kv_cache.place = place;
  request.run.machine.kv_cache.size_kib = 64;
  request.workload.phase = Phase::generate;
  request.workload.prompt = 29;
  request.workload.generate = 5;
  request.workload.batch = 2;
  request.processes = 2;
  return request;
}

bool reads_cache(const OperationResult& each) {
  return each.kind == OperationKind::scores || each.kind == OperationKind::context;
}
bool writes_cache(const OperationResult& each) {
  return each.name.ends_with(".rope_k") || each.name.ends_with(".v_proj");
}
Bytes bytes(const BitSplit& bits) { return bytes_of(bits.total()); }

TEST(KvCacheRun, TheSameWorkWithoutDram) {
  for (const char* scheme : {"sdr4", "W8A8", "W4A4KV4:g16:head_dim", "fp16"}) {
    for (const Dataflow dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary}) {
      if (dataflow != Dataflow::output_stationary && std::string(scheme) == "fp16") continue;
      SCOPED_TRACE(scheme);
      NetworkRequest request = request_of(scheme, CachePlace::dram);
      request.run.machine.array.dataflow = dataflow;
      const RunResult dram = run_network(request);
      request.run.machine.kv_cache.place = CachePlace::on_chip;
      const RunResult chip = run_network(request);
      ASSERT_EQ(chip.operations.size(), dram.operations.size());
      for (std::size_t i = 0; i < chip.operations.size(); ++i) {
        const OperationResult& there = chip.operations[i];
        const OperationCounters& a = dram.operations[i].counters;
        const OperationCounters& b = there.counters;
        SCOPED_TRACE(there.name);
        EXPECT_EQ(a.macs, b.macs);
        EXPECT_EQ(a.products, b.products);
        EXPECT_EQ(a.activity.kv_cache, BufferActivity{});
        // What the array read from the weight buffer it now reads from the cache.
        const BufferActivity& cache = b.activity.kv_cache;
        EXPECT_EQ(cache.read, reads_cache(there) ? a.activity.weight_buffer.read : BitSplit{});
        if (reads_cache(there)) {
          EXPECT_EQ(b.activity.weight_buffer, BufferActivity{});
          EXPECT_LT(b.dram_read.payload(), a.dram_read.payload());
        } else {
          EXPECT_EQ(b.dram_read, a.dram_read);
        }
        // What went to DRAM as K or V now goes to the cache, without a word of padding.
        const bool writes = writes_cache(there);
        EXPECT_EQ(bytes(cache.written), writes ? a.dram_written.payload() : Bytes(0));
        EXPECT_EQ(b.dram_written, writes ? DramBytes{} : a.dram_written);
        EXPECT_EQ(b.busy + b.stalls.sum(), b.cycles);
      }
      EXPECT_LT(chip.cycles, dram.cycles);
    }
  }
}

TEST(KvCacheRun, KeepsTheLaws) {
  for (const char* scheme : {"sdr4", "W8A8"}) {
    for (const auto dataflow :
         {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary}) {
      NetworkRequest request = request_of(scheme, CachePlace::on_chip);
      request.run.machine.array.dataflow = dataflow;
      const RunResult result = run_network(request);
      EXPECT_LE(result.totals.distinct_read, result.totals.dram_read.payload());
      EXPECT_LE(result.totals.dram_read.payload(), result.totals.buffer_read);
      for (const ModuleResult& each : result.modules)
        EXPECT_EQ(each.time.total(), result.time) << each.name;
      request.reuse_layers = false;
      const RunResult each = run_network(request);
      EXPECT_EQ(each.totals.cycles, result.totals.cycles);
      EXPECT_EQ(each.totals.dram_read, result.totals.dram_read);
      EXPECT_EQ(each.totals.activity.kv_cache, result.totals.activity.kv_cache);
    }
  }
}

TEST(KvCacheRun, TakesTheSameCyclesWhereRegistersStep) {
  for (const auto dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary}) {
    NetworkRequest request = request_of("sdr4", CachePlace::on_chip);
    request.run.machine.array.dataflow = dataflow;
    request.workload.generate = 2;
    const RunResult tile = run_network(request);
    request.run.fidelity = Fidelity::pe;
    EXPECT_EQ(run_network(request).modules, tile.modules);
  }
}

TEST(KvCacheRun, IsChargedAsTheBufferItIs) {
  const NetworkRequest request = request_of("W8A8", CachePlace::on_chip);
  const RunResult result = run_network(request);
  const SramCost cost = sram_cost(request.run.technology.sram, {Bytes(64 << 10), 16, Bits(256)});
  const BufferActivity& cache = result.totals.activity.kv_cache;
  const double expected =
      cost.read_pj_per_bit * static_cast<double>(cache.read.total().count()) +
      cost.write_pj_per_bit * static_cast<double>(cache.written.total().count());
  EXPECT_GT(expected, 0);
  EXPECT_NEAR(result.energy.kv_cache.nominal, expected, 1e-9 * expected);
  EXPECT_DOUBLE_EQ(result.area.kv_cache.nominal, cost.area_um2);
  const RunResult dram = run_network(request_of("W8A8", CachePlace::dram));
  EXPECT_EQ(dram.energy.kv_cache.nominal, 0);
  EXPECT_EQ(dram.area.kv_cache.nominal, 0);
}

TEST(KvCacheRun, ANarrowPortStallsReadersAndWriters) {
  NetworkRequest request = request_of("W8A8", CachePlace::on_chip);
  const RunResult wide = run_network(request);
  request.run.machine.kv_cache.banks = 1;
  request.run.machine.kv_cache.port_bits = 8;
  const RunResult narrow = run_network(request);
  EXPECT_EQ(wide.totals.activity.kv_cache, narrow.totals.activity.kv_cache);
  EXPECT_GT(narrow.cycles, wide.cycles);
  for (std::size_t i = 0; i < wide.operations.size(); ++i) {
    const OperationResult& each = narrow.operations[i];
    if (reads_cache(each)) {
      EXPECT_GT(each.counters.stalls[Cause::port], wide.operations[i].counters.stalls[Cause::port])
          << each.name;
    }
  }
  const auto port = [](const RunResult& result) {
    for (const ModuleResult& each : result.modules)
      if (each.name == "razor_unit") return each.time.waiting_out[Cause::port];
    return Picoseconds();
  };
  EXPECT_EQ(port(wide), Picoseconds(0));
  EXPECT_GT(port(narrow), Picoseconds(0));
}

TEST(KvCacheRun, ACacheTooSmallForTheLastTokenIsRefused) {
  NetworkRequest request = request_of("W8A8", CachePlace::on_chip);
  // 2 layers, 2 sequences, K and V, 33 tokens of 32 elements: 8448 B
  request.run.machine.kv_cache.size_kib = 8;
  EXPECT_THROW((void)run_network(request), ConfigError);
  request.run.machine.kv_cache.size_kib = 9;
  EXPECT_NO_THROW((void)run_network(request));
}

}  // namespace
}  // namespace razorsim
