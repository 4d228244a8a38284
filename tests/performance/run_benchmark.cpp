// SPDX-License-Identifier: Apache-2.0
// A layer with values on, beside the bare fast kernel on the same products, in one process:
// `over_bare` is CPU time from start to end of simulation over that of the kernel alone, operands
// encoded in both.
#include <algorithm>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "models/arithmetic/kernel.h"
#include "models/formats/format.h"
#include "sim/config/load.h"
#include "sim/machine/accelerator.h"
#include "sim/machine/archive.h"
#include "sim/machine/child.h"
#include "sim/machine/machine_spec.h"
#include "sim/values/run_values.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

/// Tensors of any operation of one layer, made up: normal numbers with every 64th column 16 times
/// as large.
class MadeUpSource : public TensorSource {
 public:
  explicit MadeUpSource(const std::vector<Operation>& operations) {
    for (const Operation& operation : operations) {
      const bool by_head =
          operation.kind == OperationKind::rope || operation.kind == OperationKind::context;
      const bool flat = by_head || operation.kind == OperationKind::linear;
      make(operation.output, operation.m * (flat ? 1 : operation.heads),
           operation.n * (by_head ? operation.heads : 1));
      if (operation.kind == OperationKind::linear) make(operation.weight, operation.n, operation.k);
      if (operation.kind == OperationKind::rms_norm) {
        make(operation.weight, 1, operation.n);
        make(operation.inputs.front(), operation.m, operation.n);
      }
    }
  }

  std::optional<MatrixView<const float>> reference(const std::string& name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    return MatrixView<const float>(found->second.numbers.data(), found->second.rows,
                                   found->second.cols);
  }
  std::optional<BaseIntegers> base(const std::string& name, int bits) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    return bits == 8 ? found->second.base8 : found->second.base16;
  }
  float absmax(const std::string& name) const override { return tensors_.at(name).absmax; }
  std::vector<float> weight(const std::string& name) const override {
    return tensors_.at(name).numbers;
  }

 private:
  struct Made {
    std::int64_t rows;
    std::int64_t cols;
    std::vector<float> numbers;
    float absmax = 0;
    BaseIntegers base8;
    BaseIntegers base16;
  };
  void make(const std::string& name, std::int64_t rows, std::int64_t cols) {
    if (tensors_.contains(name)) return;
    std::mt19937 random(static_cast<unsigned>(tensors_.size()));
    std::normal_distribution<float> normal;
    Made made{rows, cols, std::vector<float>(static_cast<std::size_t>(rows * cols)), 0, {}, {}};
    for (std::size_t i = 0; i < made.numbers.size(); ++i) {
      made.numbers[i] =
          normal(random) * (i % static_cast<std::size_t>(cols) % 64 == 0 ? 16.0F : 1.0F);
    }
    // Operands come encoded, as a trace holds them.
    made.absmax = razorsim::absmax(made.numbers);
    for (const int bits : {8, 16}) {
      const float scale = scale_of_absmax(made.absmax, bits);
      (bits == 8 ? made.base8 : made.base16) = {
          rows, cols, quantise(bits, {made.numbers.data(), rows, cols}, scale), {scale}};
    }
    tensors_.emplace(name, std::move(made));
  }

  std::map<std::string, Made> tensors_;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

NetworkSpec network_of(const char* name) { return load<NetworkSpec>(name); }

std::vector<std::int16_t> integers(std::int64_t rows, std::int64_t cols, int largest) {
  std::mt19937 random(1);
  std::vector<std::int16_t> made(static_cast<std::size_t>(rows * cols));
  for (auto& each : made) {
    each = static_cast<std::int16_t>(
        static_cast<int>(random() % (2u * static_cast<unsigned>(largest) + 1u)) - largest);
  }
  return made;
}

/// The products of one layer by the kernel alone, one thread, operands packed; attention head by
/// head in blocks of 16 rows that see what causality lets them see.
double bare_seconds(const std::vector<Operation>& operations) {
  double sum = 0;
  for (const Operation& operation : operations) {
    if (!operation.is_product()) continue;
    const auto a = integers(operation.m, operation.k, 28672);
    const auto w = integers(operation.n, operation.k, 112);
    const PackedLeft left({a.data(), operation.m, operation.k});
    const PackedRight right({w.data(), operation.n, operation.k});
    std::vector<std::int64_t> sums(static_cast<std::size_t>(operation.m * operation.n));
    const MatrixView<std::int64_t> out(sums.data(), operation.m, operation.n);
    double least = 1e9;
    for (int run = 0; run < 3; ++run) {
      const double start = cpu_seconds();
      for (std::int64_t head = 0; head < operation.heads; ++head) {
        if (operation.kind == OperationKind::linear) multiply(left, right, out);
        for (std::int64_t row = 0; operation.kind != OperationKind::linear && row < operation.m;
             row += 16) {
          const IndexRange rows{row, std::min(row + 16, operation.m)};
          const IndexRange cols{0,
                                operation.kind == OperationKind::scores ? rows.end : operation.n};
          const IndexRange k{0, operation.kind == OperationKind::scores ? operation.k : rows.end};
          multiply(left, rows, right, cols, k, out.block(row, 0, rows.size(), cols.size()));
        }
      }
      benchmark::DoNotOptimize(sums.data());
      least = std::min(least, cpu_seconds() - start);
    }
    sum += least;
  }
  return sum;
}

/// Simulates in a child, since SystemC elaborates once a process; returns its CPU seconds.
double simulated_seconds(const MachineSpec& machine, const NetworkSpec& network,
                         const std::vector<Operation>& operations, const Scheme& scheme,
                         bool values_on) {
  const Schedule schedule = make_schedule(operations, scheme, machine.array, shape_of(machine));
  const auto source = std::make_shared<MadeUpSource>(operations);
  ValueOptions options;
  options.unit = schedule.unit;
  std::unique_ptr<RunValues> values;
  if (values_on) values = std::make_unique<RunValues>(source, network, operations, scheme, options);
  double least = 1e9;
  for (int run = 0; run < 3; ++run) {
    const std::string bytes = run_in_child([&] {
      const double start = cpu_seconds();
      (void)simulate(machine, operations, schedule, nullptr, values.get());
      ArchiveWriter archive;
      archive.put(cpu_seconds() - start);
      return archive.bytes();
    });
    double seconds = 0;
    ArchiveReader(bytes).get(seconds);
    least = std::min(least, seconds);
  }
  return least;
}

void layer(benchmark::State& state, const char* network_name, std::int64_t prompt) {
  const NetworkSpec network = network_of(network_name);
  WorkloadSpec workload;
  workload.prompt = prompt;
  workload.last_layer = 0;
  const std::vector<Operation> operations = llama_operations(network, workload);
  const MachineSpec machine = load<MachineSpec>("default");
  const Scheme scheme = scheme_from_name("sdr4");
  double bare = 0;
  double with = 0;
  double without = 0;
  for (auto _ : state) {
    bare = bare_seconds(operations);
    with = simulated_seconds(machine, network, operations, scheme, true);
    without = simulated_seconds(machine, network, operations, scheme, false);
    state.SetIterationTime(with);
  }
  state.counters["bare_s"] = bare;
  state.counters["values_s"] = with;
  state.counters["timing_only_s"] = without;
  state.counters["over_bare"] = with / bare;
}

BENCHMARK_CAPTURE(layer, smollm2_512, "smollm2-135m", 512)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(layer, llama2_7b_128, "llama-2-7b", 128)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace razorsim
