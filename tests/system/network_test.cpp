// SPDX-License-Identifier: Apache-2.0
// Inference of whole networks: layers reused or not, prefill and decode, batches, figures a token.
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "sim/config/load.h"
#include "sim/machine/network_run.h"
#include "sim/result/ratios.h"
#include "sim/result/report.h"
#include "tests/support/tiny_network.h"

namespace razorsim {
namespace {

NetworkRequest request_of(const std::string& scheme, Phase phase) {
  NetworkRequest request = testing::tiny_request(scheme);
  request.network.layers = 3;
  request.workload.phase = phase;
  request.workload.prompt = 29;
  request.workload.generate = 4;
  request.processes = 2;
  return request;
}

/// Every number of two results: counts to the last one, estimates to the rounding of their sums.
template <class T>
void expect_same(const T& a, const T& b, const std::string& path) {
  if constexpr (Described<T>) {
    for_each_field<T>([&](const auto& each) {
      expect_same(a.*each.member, b.*each.member, path + '.' + std::string(each.name));
    });
  } else if constexpr (std::is_same_v<T, double>) {
    EXPECT_NEAR(a, b, 1e-11 * std::abs(a) + 1e-9) << path;
  } else if constexpr (requires { typename T::rep; }) {
    expect_same(a.count(), b.count(), path);
  } else if constexpr (requires { a.values; }) {
    for (std::size_t i = 0; i < a.values.size(); ++i) expect_same(a.values[i], b.values[i], path);
  } else if constexpr (!std::is_same_v<T, std::string> && requires { a.size(); }) {
    ASSERT_EQ(a.size(), b.size()) << path;
    for (std::size_t i = 0; i < a.size(); ++i)
      expect_same(a[i], b[i], path + '[' + std::to_string(i) + ']');
  } else {
    EXPECT_EQ(a, b) << path;
  }
}

void expect_reuse_changes_nothing(NetworkRequest request) {
  request.run.timeline = true;
  const RunResult once = run_network(request);
  request.reuse_layers = false;
  RunResult each = run_network(request);
  // The timeline of equal layers is drawn once; all else is the same.
  EXPECT_LT(once.modules.front().slices.size(), each.modules.front().slices.size());
  for (std::size_t i = 0; i < each.modules.size(); ++i)
    each.modules[i].slices = once.modules[i].slices;
  expect_same(once, each, "result");
}

TEST(Network, LayersReusedOrSimulatedEachGiveTheSameNumbers) {
  for (const char* scheme : {"sdr4", "int8", "W4A4:g16", "W8A16"}) {
    SCOPED_TRACE(scheme);
    NetworkRequest request = request_of(scheme, Phase::generate);
    request.workload.batch = 2;
    expect_reuse_changes_nothing(request);
  }
}

TEST(Network, ALayerWithFormatsOfItsOwnIsNotReused) {
  NetworkRequest request = request_of("W8A8", Phase::generate);
  FormatSpec wide;
  wide.name = "int16";
  wide.base_bits = 16;
  request.run.scheme.overrides.push_back({"layers.1.*_proj", Operand::activations, wide});
  request.run.machine.clock_mhz = 730;  // no multiple of the memory's clock
  expect_reuse_changes_nothing(request);
  const RunResult result = run_network(request);
  EXPECT_NE(result.operations[2].counters.dram_read, result.operations[19].counters.dram_read);
  EXPECT_EQ(result.operations[2].counters, result.operations[36].counters);
}

TEST(Network, DecodeAtAContextIsThatStepOfGenerate) {
  const RunResult all = run_network(request_of("sdr4", Phase::generate));
  ASSERT_EQ(all.steps.size(), 4U);
  for (std::size_t i = 1; i < all.steps.size(); ++i) {
    NetworkRequest request = request_of("sdr4", Phase::decode);
    request.workload.context = all.steps[i].context;
    const RunResult one = run_network(request);
    EXPECT_EQ(one.steps.front(), all.steps[i]);
    EXPECT_EQ(one.operations.size() * 2, all.operations.size());
    EXPECT_EQ(one.operations.front().name, "embedding");
  }
  EXPECT_EQ(run_network(request_of("sdr4", Phase::prefill)).steps.front(), all.steps.front());
}

TEST(Network, TheEmbeddingReadsARowOfTheTableAToken) {
  NetworkRequest request = request_of("sdr4", Phase::generate);
  request.workload.batch = 2;
  const RunResult result = run_network(request);
  const auto row = Bytes(2 * request.network.hidden * 4);  // FP32, of two sequences
  int found = 0;
  for (const OperationResult& each : result.operations) {
    if (each.kind != OperationKind::embedding) continue;
    const std::int64_t tokens = each.name == "embedding" ? 29 : 3;
    EXPECT_EQ(each.counters.dram_read.payload(), row * tokens) << each.name;
    EXPECT_EQ(each.counters.dram_written.payload(), row * tokens) << each.name;
    EXPECT_EQ(each.counters.distinct_read, row * tokens) << each.name;
    EXPECT_EQ(each.counters.macs, 0);
    EXPECT_GT(each.counters.cycles, CoreCycles(0));
    ++found;
  }
  EXPECT_EQ(found, 2) << "one of the prefill, one of decode";
  // It is no part of the head, and of no run that leaves layers out.
  for (const StepResult& each : result.steps) {
    EXPECT_LT(each.head, each.counters.cycles);
  }
  request.workload.last_layer = 1;
  request.workload.head = true;
  EXPECT_EQ(run_network(request).operations.front().name, "layers.0.input_norm");
}

TEST(Network, KeepsItsLaws) {
  for (const char* scheme : {"sdr4", "int8"}) {
    NetworkRequest request = request_of(scheme, Phase::generate);
    request.workload.batch = 3;
    const RunResult result = run_network(request);
    OperationCounters of_operations;
    OperationCounters of_steps;
    for (const OperationResult& each : result.operations) {
      add_fields(of_operations, each.counters);
      EXPECT_EQ(each.counters.busy + each.counters.stalls.sum(), each.counters.cycles) << each.name;
      EXPECT_EQ(each.count, each.name.starts_with("decode.") ? 3 : 1) << each.name;
    }
    for (const StepResult& each : result.steps) add_fields(of_steps, each.counters);
    expect_same(of_operations, result.totals, "operations");
    expect_same(of_steps, result.totals, "steps");
    EXPECT_EQ(result.totals.cycles, result.cycles);
    EXPECT_EQ(result.time.count(), result.cycles.count() * result.core_period.count());
    for (const ModuleResult& each : result.modules)
      EXPECT_EQ(each.time.total(), result.time) << each.name;
    EXPECT_LE(result.totals.distinct_read, result.totals.dram_read.payload());
    EXPECT_LE(result.totals.dram_read.payload(), result.totals.buffer_read);
    EXPECT_EQ(all_bytes(result.totals.dram_read) % 64, 0);
  }
}

/// Multiply-accumulates of one forward pass, full squares.
std::int64_t macs_of(const NetworkSpec& net, std::int64_t tokens, std::int64_t past) {
  const std::int64_t linear = net.hidden * net.head_dim * (2 * net.heads + 2 * net.kv_heads) +
                              3 * net.hidden * net.intermediate;
  const std::int64_t attention = 2 * net.heads * net.head_dim * tokens * (past + tokens);
  return net.layers * (tokens * linear + attention) + net.hidden * net.vocabulary;
}

TEST(Network, CountsTheWorkOfEveryStepAndSequence) {
  NetworkRequest request = request_of("int8", Phase::generate);
  for (const std::int64_t batch : {1, 3}) {
    request.workload.batch = batch;
    const RunResult result = run_network(request);
    for (const StepResult& each : result.steps) {
      EXPECT_EQ(each.counters.macs + each.counters.skipped_macs,
                batch * macs_of(request.network, each.tokens, each.context));
      EXPECT_EQ(each.sequences, batch);
    }
  }
}

TEST(Network, ABatchSharesWeightsAndNotItsCache) {
  NetworkRequest request = request_of("int8", Phase::decode);
  request.workload.context = 64;
  const RunResult one = run_network(request);
  request.workload.batch = 4;
  const RunResult four = run_network(request);
  EXPECT_LT(four.cycles, CoreCycles(4 * one.cycles.count()));
  for (std::size_t i = 0; i < one.operations.size(); ++i) {
    const OperationCounters& single = one.operations[i].counters;
    const OperationCounters& batch = four.operations[i].counters;
    EXPECT_EQ(batch.macs, 4 * single.macs);
    if (one.operations[i].kind == OperationKind::scores) {
      EXPECT_EQ(batch.dram_read.codes, 4 * single.dram_read.codes);
    } else if (one.operations[i].kind == OperationKind::linear) {
      EXPECT_LT(batch.dram_read.codes, 2 * single.dram_read.codes);
    }
  }
}

TEST(Network, OnlyAttentionGrowsWithTheContext) {
  NetworkRequest request = request_of("sdr4", Phase::decode);
  RunResult before;
  for (const std::int64_t context : {15, 31, 63, 127, 255}) {
    request.workload.context = context;
    const RunResult result = run_network(request);
    for (std::size_t i = 0; i < before.operations.size(); ++i) {
      const OperationResult& each = result.operations[i];
      if (each.kind == OperationKind::scores || each.kind == OperationKind::context) {
        EXPECT_GT(each.counters.dram_read.payload(),
                  before.operations[i].counters.dram_read.payload());
      } else {
        EXPECT_EQ(each.counters.dram_read.payload(),
                  before.operations[i].counters.dram_read.payload());
        EXPECT_EQ(each.counters.array_busy, before.operations[i].counters.array_busy);
      }
    }
    EXPECT_GT(result.steps.front().attention,
              before.steps.empty() ? CoreCycles(0) : before.steps.front().attention);
    before = result;
  }
}

TEST(Network, SaysWhatATokenTakes) {
  NetworkRequest request = request_of("sdr4", Phase::generate);
  request.workload.batch = 2;
  const RunResult result = run_network(request);
  const TokenFigures tokens = token_figures(result);
  const auto time = [&](const StepResult& step) {
    return Picoseconds(step.counters.cycles.count() * result.core_period.count());
  };
  EXPECT_EQ(tokens.time_to_first_token, time(result.steps.front()));
  const Picoseconds decode = result.time - time(result.steps.front());
  ASSERT_TRUE(tokens.mean_time_per_token_ps && tokens.tokens_per_s && tokens.energy_per_token_pj);
  EXPECT_DOUBLE_EQ(*tokens.mean_time_per_token_ps * 3, static_cast<double>(decode.count()));
  EXPECT_NEAR(*tokens.tokens_per_s * static_cast<double>(decode.count()) * 1e-12, 6, 1e-9);
  const std::vector<StepReport> phases = phases_of(result);
  ASSERT_EQ(phases.size(), 2U);
  const double energy = phases[1].energy().total().nominal;
  EXPECT_NEAR(*tokens.energy_per_token_pj * 6, energy, 1e-6 * energy);
  EXPECT_EQ(phases[0].step.tokens, 29);
  EXPECT_EQ(phases[1].steps, 3);
  EXPECT_EQ(phases[0].counters().cycles + phases[1].counters().cycles, result.cycles);
  EXPECT_GT(phases[1].step.head, CoreCycles(0));

  request.workload.last_layer = 1;  // without the head there is no token
  const TokenFigures part = token_figures(run_network(request));
  EXPECT_FALSE(part.time_to_first_token || part.mean_time_per_token_ps || part.tokens_per_s);
}

TEST(Network, TellsWhatAMachineCannotDo) {
  NetworkRequest request = request_of("sdr4", Phase::generate);
  request.run.machine.weight_buffer.size_kib = 1;
  EXPECT_THROW((void)run_network(request), ConfigError);
  request = request_of("sdr4", Phase::generate);
  request.workload.first_layer = 3;
  EXPECT_THROW((void)run_network(request), ConfigError);
}

}  // namespace
}  // namespace razorsim
