// SPDX-License-Identifier: Apache-2.0
// Requests a CPU second of each way into the DRAM, and of a bare SystemC event loop to compare
// with. A request is 64 bytes; streams are those of docs/dram.md, a (sequential) and d (tiles).
#include <cstdlib>
#include <functional>
#include <memory>

#include <benchmark/benchmark.h>

#include "models/hardware/dram.h"
#include "models/hardware/dram_trace_run.h"
#include "tests/support/dram_initiators.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

using testing::BlockingInitiator;
using testing::MemoryAccess;
using testing::NonBlockingInitiator;

std::vector<MemoryAccess> requests_of(const testing::Stream& stream) {
  std::vector<MemoryAccess> accesses;
  for (const DramTraceRequest& each : stream) accesses.push_back({each.address, each.is_write});
  return accesses;
}

std::vector<MemoryAccess> tile_bursts() {
  std::vector<MemoryAccess> bursts;
  for (std::uint64_t down = 0; down < 4096; down += 128) {
    for (std::uint64_t right = 0; right < 2048; right += 64)
      bursts.push_back({down * 2048 + right, false, 64, 128, 2048});
  }
  return bursts;
}

std::vector<MemoryAccess> row_bursts() {
  std::vector<MemoryAccess> bursts;
  for (std::uint64_t row = 0; row < 512; ++row) bursts.push_back({row * 8192, false, 8192});
  return bursts;
}

/// Notifies itself a nanosecond ahead, `count` times.
struct EventLoop : sc_core::sc_module {
  explicit EventLoop(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(EventLoop);
    SC_METHOD(step);
    sensitive << event;
    dont_initialize();
  }
  void step() {
    if (--count > 0) event.notify(sc_core::sc_time(1, sc_core::SC_NS));
  }
  void start() {
    count = 65536;
    event.notify(sc_core::SC_ZERO_TIME);
  }
  sc_core::sc_event event;
  int count = 0;
};

/// SystemC elaborates once a process, so everything that is measured exists from the start.
struct Bench {
  Bench() {
    requests_a.socket.bind(dram.socket);
    requests_d.socket.bind(dram.socket);
    bursts_a.socket.bind(dram.socket);
    bursts_d.socket.bind(dram.socket);
  }
  Dram dram{"dram", DramSpec{}};
  NonBlockingInitiator requests_a{"requests_a", requests_of(testing::sequential(false))};
  NonBlockingInitiator requests_d{"requests_d", requests_of(testing::tile_stream())};
  BlockingInitiator bursts_a{"bursts_a", row_bursts()};
  BlockingInitiator bursts_d{"bursts_d", tile_bursts()};
  EventLoop loop{"loop"};
};

Bench& bench() {
  static Bench* the_one = [] {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return new Bench;  // lives as long as SystemC's own globals
  }();
  return *the_one;
}

void measure(benchmark::State& state, const std::function<void()>& start, std::int64_t requests) {
  (void)bench();
  for (auto _ : state) {
    start();
    sc_core::sc_start();
  }
  state.SetItemsProcessed(state.iterations() * requests);
}

void bare_event_loop(benchmark::State& state) {
  measure(
      state, [] { bench().loop.start(); }, 65536);
}
void non_blocking_sequential(benchmark::State& state) {
  measure(
      state, [] { bench().requests_a.start(); }, 65536);
}
void non_blocking_tiles(benchmark::State& state) {
  measure(
      state, [] { bench().requests_d.start(); }, 131072);
}
void bursts_sequential(benchmark::State& state) {
  measure(
      state, [] { bench().bursts_a.start(); }, 65536);
}
void bursts_tiles(benchmark::State& state) {
  measure(
      state, [] { bench().bursts_d.start(); }, 131072);
}

void trace(benchmark::State& state, const testing::Stream& stream) {
  for (auto _ : state) benchmark::DoNotOptimize(run_dram_trace(DramSpec{}, "", stream).cycles);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
void trace_sequential(benchmark::State& state) { trace(state, testing::sequential(false)); }
void trace_random(benchmark::State& state) { trace(state, testing::random_reads()); }
void trace_tiles(benchmark::State& state) { trace(state, testing::tile_stream()); }

BENCHMARK(bare_event_loop);
BENCHMARK(non_blocking_sequential);
BENCHMARK(non_blocking_tiles);
BENCHMARK(bursts_sequential);
BENCHMARK(bursts_tiles);
BENCHMARK(trace_sequential);
BENCHMARK(trace_random);
BENCHMARK(trace_tiles);

}  // namespace
}  // namespace razorsim

// Its own: libsystemc brings a main too, which would win over the benchmark library's.
BENCHMARK_MAIN();
