// SPDX-License-Identifier: Apache-2.0
// `tile` and `pe` on the whole accelerator: the same cycles, counters and bits in every dataflow,
// on odd arrays, with any memory.
#include <array>
#include <memory>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/hardware/array_unit.h"
#include "sim/config/load.h"
#include "sim/machine/run.h"
#include "tests/support/random_cases.h"
#include "traces/io/trace.h"

namespace razorsim {
namespace {

BaseIntegers random_integers(std::int64_t rows, std::int64_t cols, int bits, std::mt19937& random) {
  BaseIntegers integers{rows, cols, {}, {1.0F}};
  const std::int32_t limit = (1 << (bits - 1)) - 1;
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    integers.values.push_back(static_cast<std::int16_t>(
        static_cast<std::int32_t>(random() % (2u * static_cast<unsigned>(limit) + 1u)) - limit));
  }
  return integers;
}

RunRequest product_of(std::int64_t m, std::int64_t k, std::int64_t n, const MachineSpec& machine,
                      const std::string& scheme) {
  Operation operation;
  operation.name = "gemm";
  operation.m = m;
  operation.k = k;
  operation.n = n;
  operation.inputs = {"a"};
  operation.weight = "w";
  operation.output = "c";
  RunRequest request;
  request.machine = machine;
  request.operations = {operation};
  request.scheme = scheme_from_name(scheme);
  request.technology = load<TechnologyTable>("45nm");
  return request;
}

ValueOptions options_of(const RunRequest& request) {
  ValueOptions options;
  options.unit = choose_unit(request.machine.array.unit, request.operations, request.scheme);
  options.array = request.machine.array;
  return options;
}

/// One run at each fidelity, and one without values; returns the first.
RunResult expect_fidelities_agree(RunRequest request, std::shared_ptr<const TensorSource> source,
                                  const NetworkSpec& network, const ValueOptions& options) {
  std::vector<RunResult> results;
  for (const Fidelity fidelity : {Fidelity::tile, Fidelity::pe}) {
    RunValues values(source, network, request.operations, request.scheme, options);
    request.values = &values;
    request.fidelity = fidelity;
    results.push_back(run(request));
  }
  results[1].provenance = results[0].provenance;
  EXPECT_EQ(results[0], results[1]);
  request.values = nullptr;
  request.fidelity = Fidelity::tile;
  EXPECT_EQ(run(request).modules, results[0].modules);
  return results[0];
}

constexpr auto dataflows = std::to_array<Dataflow>(
    {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary});

class Fidelities : public ::testing::TestWithParam<Dataflow> {
 protected:
  std::mt19937 random{random_seed(5)};

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit)) + 1;
  }

  MachineSpec random_machine() {
    constexpr std::array memories{"ddr4-3200", "lpddr5-6400", "hbm2"};
    MachineSpec machine = load<MachineSpec>("default");
    machine.array.dataflow = GetParam();
    machine.array.rows = random() % 4 == 0 ? below(70) : below(12);
    machine.array.cols = below(12);
    machine.weight_buffer.size_kib = 8 + below(30);
    machine.activation_buffer.size_kib = 8 + below(30);
    machine.weight_buffer.banks = below(16);
    machine.clock_mhz = 300 + 100 * static_cast<double>(below(20));
    machine.sequencer.tiles_ahead = below(6);
    machine.dram = load<DramSpec>(memories[random() % memories.size()]);
    return machine;
  }
};

TEST_P(Fidelities, AgreeOnRandomProductsUnitsAndMachines) {
  struct Setting {
    const char* scheme;
    const char* unit;
    int lanes;
  };
  constexpr std::array settings{
      Setting{"W4A4:g16", "auto", 16},    Setting{"W4A16:g16", "auto", 16},
      Setting{"int16x8", "auto", 16},     Setting{"W4A4:g16", "sdr_lean", 1},
      Setting{"W4A8:g16", "sdr_lean", 1}, Setting{"W4A4:g32", "sdr_full", 1},
      Setting{"W4A4:g16", "sdr_dot", 4},  Setting{"W4A4:g8", "sdr_dot", 32},
  };
  for (unsigned i = 0; i < random_cases(24); ++i) {
    const Setting& setting = settings[i % settings.size()];
    MachineSpec machine = random_machine();
    machine.array.unit.unit = setting.unit;
    machine.array.unit.lanes = setting.lanes;
    if (i % 5 == 4) machine.array.unit.accumulator_bits = 16;
    const std::int64_t m = i % 6 == 5 ? 1 : below(40);
    const std::int64_t k = below(300);
    const std::int64_t n = below(40);
    SCOPED_TRACE(fmt::format("{}: {} on {} x {} {}, {} x {} x {}", i, setting.scheme,
                             machine.array.rows, machine.array.cols, setting.unit, m, k, n));
    const RunRequest request = product_of(m, k, n, machine, setting.scheme);
    ValueOptions options = options_of(request);
    options.keep_sums = true;
    const RunResult result = expect_fidelities_agree(
        request,
        std::make_shared<OperandSource>("a", random_integers(m, k, 16, random), "w",
                                        random_integers(n, k, 8, random)),
        NetworkSpec{}, options);
    EXPECT_FALSE(result.accumulators.empty());
    // What stays does not toggle, unless an element goes through several beats of it.
    const UnitActivity& activity = result.totals.activity.array;
    if (activity.described > 0 && setting.unit != std::string("sdr_dot")) {
      const bool weights = GetParam() == Dataflow::weight_stationary;
      const bool inputs = GetParam() == Dataflow::input_stationary;
      EXPECT_EQ(activity.toggles_weight == 0, weights || (inputs && n == 1) || (!inputs && k == 1));
      if (inputs) {
        EXPECT_EQ(activity.toggles_activation, 0);
      }
    }
    EXPECT_LE(result.totals.distinct_read, result.totals.dram_read.payload());
    EXPECT_LE(result.totals.dram_read.payload(), result.totals.buffer_read);
  }
  record_random_cases(random_cases(24));
}

TEST_P(Fidelities, AgreeOnFp32SumsOrRefuseThem) {
  for (const char* scheme : {"mxfp4", "nvfp4", "int4:g32", "fp16"}) {
    SCOPED_TRACE(scheme);
    const RunRequest request =
        product_of(below(20), below(300), below(40), random_machine(), scheme);
    const Operation& shape = request.operations.front();
    const auto source =
        std::make_shared<OperandSource>("a", random_integers(shape.m, shape.k, 16, random), "w",
                                        random_integers(shape.n, shape.k, 8, random));
    ValueOptions options = options_of(request);
    options.keep_sums = true;
    if (GetParam() != Dataflow::output_stationary) {
      EXPECT_THROW((void)run(request), ConfigError);
      continue;
    }
    const RunResult result = expect_fidelities_agree(request, source, NetworkSpec{}, options);
    EXPECT_TRUE(result.accumulators.empty());
    EXPECT_FALSE(result.outputs.empty());
  }
}

/// A whole layer on an odd array. The two fidelities leave the heap in different states, so this
/// also finds a result that hangs on addresses.
TEST_P(Fidelities, AgreeOnTheShippedLayer) {
  const auto trace = std::make_shared<const Trace>(read_trace(
      std::string(RAZORSIM_TEST_SOURCE_DIR) + "/traces/data/smollm2-135m-layer15.safetensors"));
  RunRequest request;
  request.machine = load<MachineSpec>("default");
  request.machine.array.dataflow = GetParam();
  request.machine.array.rows = 7;
  request.machine.array.cols = 5;
  request.operations = trace->operations;
  request.scheme = scheme_from_name("sdr4");
  request.technology = load<TechnologyTable>("45nm");
  const RunResult result = expect_fidelities_agree(request, std::make_shared<TraceSource>(*trace),
                                                   trace->network, options_of(request));
  EXPECT_EQ(result.totals.cycles, result.cycles);
}

TEST(Fidelity, Fp16KeepsTheShippedLayerToElevenBits) {
  const auto trace = std::make_shared<const Trace>(read_trace(
      std::string(RAZORSIM_TEST_SOURCE_DIR) + "/traces/data/smollm2-135m-layer15.safetensors"));
  RunRequest request;
  request.machine = load<MachineSpec>("default");
  request.operations = trace->operations;
  request.scheme = scheme_from_name("fp16");
  request.technology = load<TechnologyTable>("45nm");
  RunValues values(std::make_shared<TraceSource>(*trace), trace->network, request.operations,
                   request.scheme, options_of(request));
  request.values = &values;
  int compared = 0;
  for (const OperationResult& each : run(request).operations) {
    if (each.error.noise_power == 0) continue;  // vector operations start from the trace's FP32
    EXPECT_LT(each.error.noise_power, 1e-6 * each.error.signal_power) << each.name;
    ++compared;
  }
  EXPECT_GE(compared, 9);  // seven linear operations, scores and context
}

INSTANTIATE_TEST_SUITE_P(Dataflows, Fidelities, ::testing::ValuesIn(dataflows),
                         [](const auto& each) { return std::string(name_of(each.param)); });

}  // namespace
}  // namespace razorsim
