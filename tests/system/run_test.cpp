// SPDX-License-Identifier: Apache-2.0
// Laws that hold in every run: conservation of time, bytes and MACs, values beside time, two
// fidelities.
#include "sim/machine/run.h"

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "sim/config/load.h"
#include "sim/machine/accelerator.h"
#include "tests/support/run_program.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

TechnologyTable technology() { return load<TechnologyTable>("45nm"); }
MachineSpec default_machine() { return load<MachineSpec>("default"); }

NetworkSpec tiny_network() {
  NetworkSpec network;
  network.layers = 2;
  network.hidden = 96;
  network.intermediate = 160;
  network.heads = 3;
  network.kv_heads = 1;
  network.head_dim = 32;
  network.vocabulary = 300;
  return network;
}

RunRequest request_of(const std::string& scheme, const WorkloadSpec& workload,
                      const MachineSpec& machine) {
  RunRequest request;
  request.machine = machine;
  request.operations = llama_operations(tiny_network(), workload);
  request.scheme = scheme_from_name(scheme);
  request.technology = technology();
  return request;
}

void expect_laws(const RunRequest& request, const RunResult& result) {
  EXPECT_EQ(result.totals.cycles, result.cycles);
  EXPECT_EQ(result.time.count(), result.cycles.count() * result.core_period.count());
  for (const ModuleResult& module : result.modules) {
    EXPECT_EQ(module.time.total(), result.time) << module.name;
  }
  for (std::size_t i = 0; i < result.operations.size(); ++i) {
    const OperationResult& operation = result.operations[i];
    const OperationCounters& counters = operation.counters;
    const Operation& source = request.operations[i];
    EXPECT_EQ(counters.busy + counters.stalls.sum(), counters.cycles) << operation.name;
    EXPECT_GE(counters.cycles.count(), 0);
    if (source.is_product()) {
      EXPECT_EQ(counters.macs + counters.skipped_macs,
                source.heads * source.m * source.n * source.k)
          << operation.name;
      // The window of a razored V takes more passes than its history, of which `passes` speaks.
      if (source.kind == OperationKind::context) {
        EXPECT_GE(counters.products, counters.macs * operation.passes) << operation.name;
      } else {
        EXPECT_EQ(counters.products, counters.macs * operation.passes) << operation.name;
      }
    } else {
      EXPECT_EQ(counters.macs, 0);
    }
    EXPECT_TRUE(operation.energy.total().ordered());
  }
  EXPECT_LE(result.totals.distinct_read, result.totals.dram_read.payload());
  EXPECT_LE(result.totals.dram_read.payload(), result.totals.buffer_read);
  EXPECT_EQ((result.totals.dram_read.payload() + result.totals.dram_read.padding).count() % 64, 0);
  EXPECT_EQ(
      (result.totals.dram_written.payload() + result.totals.dram_written.padding).count() % 64, 0);
}

TEST(Run, KeepsItsLawsInEveryScheme) {
  WorkloadSpec workload;
  workload.prompt = 37;
  workload.last_layer = 0;
  for (const char* scheme : {"sdr4", "int8", "int16x8", "int4", "W4A4:g16", "W4A8:g16", "W4A16:g16",
                             "W4A4KV4Q4P4:g16", "W8A8:static", "W4A4KV4:g16:head_dim"}) {
    SCOPED_TRACE(scheme);
    const RunRequest request = request_of(scheme, workload, default_machine());
    const RunResult result = run(request);
    expect_laws(request, result);
  }
}

TEST(Run, KeepsItsLawsInDecodeAndOverLayers) {
  WorkloadSpec workload;
  workload.phase = Phase::decode;
  workload.context = 100;
  workload.batch = 2;
  const RunRequest request = request_of("int8", workload, default_machine());
  expect_laws(request, run(request));
}

TEST(Run, KeepsItsLawsOnRandomMachines) {
  std::mt19937 random(11);
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit)) + 1;
  };
  for (int i = 0; i < 12; ++i) {
    MachineSpec machine = default_machine();
    machine.array.rows = below(40);
    machine.array.cols = below(40);
    machine.array.causal_skip = i % 3 != 0;
    machine.clock_mhz = 300 + 100 * static_cast<double>(below(20));
    machine.weight_buffer.size_kib = 48 + below(200);
    machine.activation_buffer.size_kib = 48 + below(200);
    machine.output_buffer.size_kib = 64 + below(100);
    machine.sequencer.tiles_ahead = below(6);
    machine.dma.bursts_in_flight = below(8);
    machine.razor_unit.groups_per_cycle = below(4);
    WorkloadSpec workload;
    workload.prompt = below(70);
    workload.last_layer = 0;
    SCOPED_TRACE(::testing::Message()
                 << "machine " << i << ": " << machine.array.rows << " x " << machine.array.cols);
    const RunRequest request = request_of(i % 2 == 0 ? "int16x8" : "int8", workload, machine);
    expect_laws(request, run(request));
  }
}

TEST(Run, IsTheSameTwice) {
  WorkloadSpec workload;
  workload.prompt = 20;
  const RunRequest request = request_of("sdr4", workload, default_machine());
  EXPECT_EQ(run(request), run(request));
}

/// Passes computed beside the simulation, blocks of them on several threads, weights shared by two
/// runs: the same result in every bit as within the simulation, alone. So is an output that is kept
/// and then compared, as one that is compared while it is made.
TEST(Run, NumbersDoNotDependOnThreads) {
  const auto trace = std::make_shared<const Trace>(read_trace(
      std::string(RAZORSIM_TEST_SOURCE_DIR) + "/traces/data/smollm2-135m-layer15.safetensors"));
  const auto source = std::make_shared<TraceSource>(*trace);
  for (const char* scheme : {"sdr4", "int8"}) {
    for (const bool chain : {false, true}) {
      SCOPED_TRACE(::testing::Message() << scheme << (chain ? ", chained" : ""));
      RunRequest request;
      request.machine = default_machine();
      request.operations = trace->operations;
      request.scheme = scheme_from_name(scheme);
      request.technology = technology();
      ValueOptions options;
      options.unit = choose_unit(request.machine.array.unit, request.operations, request.scheme);
      options.chain = chain;
      options.weights = std::make_shared<SharedWeights>(source);
      std::vector<RunResult> results;
      for (const int threads : {1, 2, 7}) {
        options.threads = threads;
        RunValues values(source, trace->network, request.operations, request.scheme, options);
        request.values = &values;
        results.push_back(run(request));
      }
      const testing::TemporaryFolder folder;
      options.threads = 1;
      options.dump = TensorDump(folder.path(), {"*"});
      RunValues kept(source, trace->network, request.operations, request.scheme, options);
      request.values = &kept;
      EXPECT_EQ(run(request), results[0]);
      EXPECT_GT(results[0].operations.front().error.elements, 0);
      EXPECT_EQ(results[1], results[0]);
      EXPECT_EQ(results[2], results[0]);
    }
  }
}

/// Tensors of the operations of one layer, made up, each from its name.
class MadeUp : public TensorSource {
 public:
  explicit MadeUp(const std::vector<Operation>& operations) {
    for (const Operation& each : operations) {
      const bool by_head = each.kind == OperationKind::rope || each.kind == OperationKind::context;
      const bool flat = by_head || each.kind == OperationKind::linear;
      make(each.output, each.m * (flat ? 1 : each.heads), each.n * (by_head ? each.heads : 1));
      if (each.kind == OperationKind::linear) make(each.weight, each.n, each.k);
      if (each.kind != OperationKind::rms_norm) continue;
      make(each.weight, 1, each.n);
      make(each.inputs.front(), each.m, each.n);
    }
  }

  std::optional<MatrixView<const float>> reference(const std::string& name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    return MatrixView<const float>(found->second.numbers.data(), found->second.rows,
                                   found->second.cols);
  }
  std::shared_ptr<const BaseIntegers> base(const std::string& name, int bits) const override {
    const float scale = scale_of_absmax(absmax(name), bits);
    const MatrixView<const float> numbers = *reference(name);
    return std::make_shared<const BaseIntegers>(
        BaseIntegers{numbers.rows(), numbers.cols(), quantise(bits, numbers, scale), {scale}});
  }
  float absmax(const std::string& /*name*/) const override { return 1; }
  std::vector<float> weight(const std::string& name) const override {
    return tensors_.at(name).numbers;
  }

 private:
  struct Made {
    std::int64_t rows;
    std::int64_t cols;
    std::vector<float> numbers;
  };
  void make(const std::string& name, std::int64_t rows, std::int64_t cols) {
    std::mt19937 random(static_cast<unsigned>(tensors_.size()));
    Made made{rows, cols, std::vector<float>(static_cast<std::size_t>(rows * cols))};
    for (float& each : made.numbers) each = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
    tensors_.emplace(name, std::move(made));
  }
  std::map<std::string, Made> tensors_;
};

/// Prompts of several pieces of rows: a thread has all columns of some, or all rows of some
/// columns.
TEST(Run, NumbersOfLongPromptsDoNotDependOnThreads) {
  WorkloadSpec workload;
  workload.prompt = 300;
  workload.last_layer = 0;
  RunRequest request = request_of("sdr4", workload, default_machine());
  const auto source = std::make_shared<MadeUp>(request.operations);
  ValueOptions options;
  options.unit = choose_unit(request.machine.array.unit, request.operations, request.scheme);
  std::vector<RunResult> results;
  for (const int threads : {1, 3, 4}) {
    options.threads = threads;
    RunValues values(source, tiny_network(), request.operations, request.scheme, options);
    request.values = &values;
    results.push_back(run(request));
  }
  for (const OperationResult& each : results[0].operations)
    EXPECT_GT(each.error.elements, 0) << each.name;
  EXPECT_EQ(results[1], results[0]);
  EXPECT_EQ(results[2], results[0]);
}

TEST(Run, TellsWhatAMachineCannotDo) {
  WorkloadSpec workload;
  workload.prompt = 8;
  workload.last_layer = 0;
  RunRequest request = request_of("fp32", workload, default_machine());
  EXPECT_THROW((void)run(request), ConfigError);
  request = request_of("sdr4", workload, default_machine());
  request.machine.array.unit.unit = "int8";
  EXPECT_THROW((void)run(request), ConfigError);
  request = request_of("sdr4", workload, default_machine());
  request.machine.weight_buffer.size_kib = 1;
  EXPECT_THROW((void)run(request), ConfigError);
}

}  // namespace
}  // namespace razorsim
