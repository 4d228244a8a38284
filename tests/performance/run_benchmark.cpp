// SPDX-License-Identifier: Apache-2.0
// A layer with values on beside the bare fast kernel on the same products, in one process. Both
// start with weights encoded and packed; the bare kernel's activations are packed too, while a run
// encodes and packs what its razor unit makes. A decode step is measured by a bare loop over 4-bit
// weights and cached keys and values instead (bare_nibbles.h), which holds them encoded too.
//   over_bare          CPU time from start to end of simulation over that of the kernel alone, one
//                      thread each
//   over_words         the same over the kernel on integers as large that are not razored, which
//                      it multiplies as 16-bit words: the yardstick while all were
//   numbers_over_bare  over_bare without the time that a run without numbers takes
//   wall_over_bare     elapsed time over elapsed time, both on all processors
#include <algorithm>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include <benchmark/benchmark.h>

#include "models/arithmetic/kernel.h"
#include "models/base/aligned_memory.h"
#include "models/base/network_config.h"
#include "models/base/units.h"
#include "models/formats/format.h"
#include "sim/config/load.h"
#include "sim/machine/accelerator.h"
#include "sim/machine/archive.h"
#include "sim/machine/child.h"
#include "sim/machine/machine_spec.h"
#include "sim/values/run_values.h"
#include "tests/performance/bare_nibbles.h"
#include "tests/performance/operands.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

/// Tensors of any operation of one layer, made up as LLaMA's are: normal numbers, and a few columns
/// of activations tens of times as large (outlier channels; LLM.int8(), arXiv 2208.07339).
class MadeUpSource : public TensorSource {
 public:
  explicit MadeUpSource(const std::vector<Operation>& operations) {
    for (const Operation& operation : operations) {
      const bool by_head =
          operation.kind == OperationKind::rope || operation.kind == OperationKind::context;
      const bool flat = by_head || operation.kind == OperationKind::linear;
      make(operation.output, operation.m * (flat ? 1 : operation.heads),
           operation.n * (by_head ? operation.heads : 1));
      if (operation.kind == OperationKind::linear)
        make(operation.weight, operation.n, operation.k, true);
      if (operation.kind == OperationKind::rms_norm) {
        make(operation.weight, 1, operation.n, true);
        make(operation.inputs.front(), operation.m, operation.n);
      }
      if (operation.past > 0 && operation.is_product()) {
        const std::int64_t head_dim =
            operation.kind == OperationKind::scores ? operation.k : operation.n;
        make(cached_name(operation.inputs[1]), operation.past, operation.kv_heads * head_dim);
      }
    }
  }

  std::optional<MatrixView<const float>> reference(const std::string& name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    return MatrixView<const float>(found->second.numbers.data(), found->second.rows,
                                   found->second.cols);
  }
  std::optional<MatrixView<const float>> cached(const std::string& name) const override {
    return reference(cached_name(name));
  }
  std::shared_ptr<const BaseIntegers> base(const std::string& name, int bits) const override {
    const auto found = tensors_.find(name);
    // What a cache goes before is known by its numbers.
    if (found == tensors_.end() || tensors_.contains(cached_name(name))) return nullptr;
    return bits == 8 ? found->second.base8 : found->second.base16;
  }
  float absmax(const std::string& name) const override { return tensors_.at(name).absmax; }
  std::vector<float> weight(const std::string& name) const override {
    const MatrixElements<float>& numbers = tensors_.at(name).numbers;
    return {numbers.begin(), numbers.end()};
  }

 private:
  struct Made {
    std::int64_t rows;
    std::int64_t cols;
    MatrixElements<float> numbers;
    float absmax = 0;
    std::shared_ptr<const BaseIntegers> base8;
    std::shared_ptr<const BaseIntegers> base16;
  };
  static std::string cached_name(const std::string& name) { return name + " cached"; }

  void make(const std::string& name, std::int64_t rows, std::int64_t cols, bool is_weight = false) {
    if (tensors_.contains(name)) return;
    std::mt19937 random(static_cast<unsigned>(tensors_.size()));
    std::normal_distribution<float> normal;
    Made made{rows, cols, MatrixElements<float>(static_cast<std::size_t>(rows * cols)), 0, {}, {}};
    for (std::size_t i = 0; i < made.numbers.size(); ++i) {
      const bool outlier = !is_weight && i % static_cast<std::size_t>(cols) % 512 == 7;
      made.numbers[i] = normal(random) * (outlier ? 40.0F : 1.0F);
    }
    // Operands come encoded, as a trace holds them.
    made.absmax = razorsim::absmax(made.numbers);
    for (const int bits : {8, 16}) {
      const float scale = scale_of_absmax(made.absmax, bits);
      (bits == 8 ? made.base8 : made.base16) = std::make_shared<const BaseIntegers>(BaseIntegers{
          rows, cols, quantise(bits, {made.numbers.data(), rows, cols}, scale), {scale}});
    }
    tensors_.emplace(name, std::move(made));
  }

  std::map<std::string, Made> tensors_;
};

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// What a piece of work took, the least of a few tries.
struct Spent {
  double cpu = 1e9;
  double wall = 1e9;

  void take(const Spent& other) {
    cpu = std::min(cpu, other.cpu);
    wall = std::min(wall, other.wall);
  }
  Spent& operator+=(const Spent& other) {
    cpu += other.cpu;
    wall += other.wall;
    return *this;
  }
};

template <class Work>
Spent spent(const Work& work) {
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  work();
  return {seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds_of(CLOCK_MONOTONIC) - wall};
}

constexpr int tries = 9;

NetworkSpec network_of(const char* name) { return load<NetworkConfig>(name); }

/// The products of one layer by the kernel alone, operands packed; attention head by head in blocks
/// of 16 rows that see what causality lets them see. Queries and softmax output are words, as in
/// sdr4, which does not razor them.
Spent bare(const std::vector<Operation>& operations, int threads, bool razored = true) {
  // Base-16 activations and base-8 weights.
  const auto operand = [&](std::int64_t rows, std::int64_t cols, int most_shift, bool codes) {
    return codes ? razored_elements(rows * cols, most_shift, 1)
                 : random_elements(rows * cols, 7 << most_shift, 1);
  };
  Spent sum{0, 0};
  for (const Operation& operation : operations) {
    if (!operation.is_product()) continue;
    const bool linear = operation.kind == OperationKind::linear;
    const auto a = operand(operation.m, operation.k, 12, razored && linear);
    const auto w = operand(operation.n, operation.k, 4, razored);
    const PackedLeft left({a.data(), operation.m, operation.k});
    const PackedRight right({w.data(), operation.n, operation.k});
    std::vector<std::int64_t> sums(static_cast<std::size_t>(operation.m * operation.n));
    const MatrixView<std::int64_t> out(sums.data(), operation.m, operation.n);
    const auto attend = [&] {
      for (std::int64_t row = 0; row < operation.m; row += 16) {
        const bool scores = operation.kind == OperationKind::scores;
        const IndexRange rows{row, std::min(row + 16, operation.m)};
        const IndexRange cols{0, scores ? rows.end : operation.n};
        const IndexRange k{0, scores ? operation.k : rows.end};
        multiply(left, rows, right, cols, k, out.block(row, 0, rows.size(), cols.size()));
      }
    };
    Spent least;
    for (int run = 0; run < tries; ++run) {
      least.take(spent([&] {
        if (linear) return multiply(left, right, out, threads);
        // Heads share the one output: what a head costs is what counts, so they run in turn and the
        // elapsed time is divided.
        for (std::int64_t head = 0; head < operation.heads; ++head) attend();
      }));
    }
    if (!linear) least.wall /= threads;
    benchmark::DoNotOptimize(sums.data());
    sum += least;
  }
  return sum;
}

/// The products of one decode step by the bare loop over nibbles, on one thread: all operands at
/// their places in memory, read one after the other as a step reads them.
Spent bare_decode(const std::vector<Operation>& operations) {
  struct Product {
    std::int64_t k, n, repeats;
    std::vector<std::uint8_t> w;
    std::vector<std::int8_t> a;
    std::vector<std::int32_t> sums;
  };
  std::vector<Product> products;
  for (const Operation& operation : operations) {
    if (!operation.is_product()) continue;
    const std::int64_t k = round_up<std::int64_t>(operation.k, 128);
    const std::int64_t n = operation.n * operation.kv_heads;
    products.push_back({k, n, operation.heads / operation.kv_heads,
                        std::vector<std::uint8_t>(static_cast<std::size_t>(n * k / 2), 0x5a),
                        std::vector<std::int8_t>(static_cast<std::size_t>(k), 3),
                        std::vector<std::int32_t>(static_cast<std::size_t>(n))});
  }
  Spent least;
  for (int run = 0; run < tries; ++run) {
    least.take(spent([&] {
      for (Product& each : products) {
        for (std::int64_t query = 0; query < each.repeats; ++query)
          bare_nibbles_avx512(each.w.data(), each.a.data(), each.k, each.n, each.sums.data());
        benchmark::DoNotOptimize(each.sums.data());
      }
    }));
  }
  return least;
}

/// Simulates in a child, since SystemC elaborates once a process.
Spent simulated(const MachineSpec& machine, const std::vector<Operation>& operations,
                const Schedule& schedule, RunValues* values) {
  Spent least;
  for (int run = 0; run < tries; ++run) {
    const std::string bytes = run_in_child([&] {
      const Spent once =
          spent([&] { (void)simulate(machine, operations, schedule, nullptr, values); });
      ArchiveWriter archive;
      archive.put(once.cpu);
      archive.put(once.wall);
      return archive.bytes();
    });
    Spent once;
    ArchiveReader archive(bytes);
    archive.get(once.cpu);
    archive.get(once.wall);
    least.take(once);
  }
  return least;
}

WorkloadSpec prefill(std::int64_t prompt) {
  WorkloadSpec workload;
  workload.prompt = prompt;
  workload.last_layer = 0;
  return workload;
}

WorkloadSpec decode(std::int64_t context) {
  WorkloadSpec workload;
  workload.phase = Phase::decode;
  workload.context = context;
  workload.last_layer = 0;
  return workload;
}

void layer(benchmark::State& state, const char* network_name, const WorkloadSpec& workload) {
  const bool decodes = workload.phase == Phase::decode;
  if (decodes && !use_kernel_target(KernelTarget::vnni512)) {
    state.SkipWithError("the bare loop needs AVX-512 VNNI");
    return;
  }
  const NetworkSpec network = network_of(network_name);
  const std::vector<Operation> operations = llama_operations(network, workload);
  const MachineSpec machine = load<MachineSpec>("default");
  const Scheme scheme = scheme_from_name("sdr4");
  const Schedule schedule = make_schedule(operations, scheme, machine.array, shape_of(machine));
  const auto source = std::make_shared<MadeUpSource>(operations);
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  ValueOptions options;
  options.unit = schedule.unit;
  options.array = machine.array;
  options.weights = std::make_shared<SharedWeights>(source);
  const auto with_values = [&](int threads) {
    options.threads = threads;
    RunValues values(source, network, operations, scheme, options);
    return simulated(machine, operations, schedule, &values);
  };
  for (auto _ : state) {
    const Spent alone = decodes ? bare_decode(operations) : bare(operations, 1);
    const Spent with = with_values(1);
    const Spent without = simulated(machine, operations, schedule, nullptr);
    state.SetIterationTime(with.cpu);
    state.counters["bare_s"] = alone.cpu;
    state.counters["values_s"] = with.cpu;
    state.counters["timing_only_s"] = without.cpu;
    state.counters["over_bare"] = with.cpu / alone.cpu;
    if (!decodes) state.counters["over_words"] = with.cpu / bare(operations, 1, false).cpu;
    state.counters["numbers_over_bare"] = (with.cpu - without.cpu) / alone.cpu;
    state.counters["threads"] = processors;
    // A bare loop that waits for memory gains nothing from another processor.
    const double wall = decodes ? alone.wall : bare(operations, processors).wall;
    state.counters["wall_over_bare"] = with_values(processors).wall / wall;
  }
}

BENCHMARK_CAPTURE(layer, smollm2_512, "smollm2-135m", prefill(512))
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(layer, llama2_7b_128, "llama-2-7b", prefill(128))
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(layer, llama2_7b_decode, "llama-2-7b", decode(2048))
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace razorsim
