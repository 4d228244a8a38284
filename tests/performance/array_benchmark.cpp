// SPDX-License-Identifier: Apache-2.0
// The array at `pe` fidelity: cycles and MACs a second, beside a bare loop that does nothing but
// the same number of int8 multiply-adds on registers in memory (`of_bare`, in the same run).
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/arithmetic/sdr_rows.h"
#include "models/formats/format.h"
#include "models/hardware/pe_product.h"

namespace razorsim {
namespace {

EncodedMatrix operand(int base_bits, std::int64_t rows, std::int64_t cols) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = base_bits;
  std::mt19937 random(7);
  std::vector<std::int16_t> base(static_cast<std::size_t>(rows * cols));
  for (auto& each : base) each = static_cast<std::int16_t>(random() % 255) - 127;
  return encode_integers(format, {base.data(), rows, cols}, {1.0F});
}

/// CPU time of this thread: others on the machine do not count.
double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Multiply-adds a second of the vectors alone: rows x cols elements, no edges, flags or shifters.
double bare_rate(std::int64_t rows, std::int64_t cols) {
  RowRegisters<std::int8_t> a(rows, cols);
  RowRegisters<std::int8_t> w(rows, cols);
  RowRegisters<std::int16_t> sums(rows, cols);
  std::vector<RowClock> clocks;
  for (std::int64_t row = 0; row < rows; ++row)
    clocks.push_back({a.row(row), w.row(row), sums.row(row), sums.row(row)});
  const std::int64_t rounds = (std::int64_t{1} << 26) / (rows * cols);
  double best = 1e9;
  for (int run = 0; run < 5; ++run) {
    const double start = seconds_now();
    for (std::int64_t i = 0; i < rounds; ++i) clock_rows(clocks, cols);
    benchmark::DoNotOptimize(sums.at(0, 0));
    best = std::min(best, seconds_now() - start);
  }
  return static_cast<double>(rounds * rows * cols) / best;
}

/// Scalar elements on side x side, dot units of 16 lanes on a quarter of that.
void pe_array(benchmark::State& state, const std::string& unit, Dataflow dataflow) {
  const bool dot = unit == "sdr_dot";
  const std::int64_t side = state.range(0);
  ArraySpec array;
  array.rows = array.cols = dot ? side / 4 : side;
  array.dataflow = dataflow;
  array.unit.unit = unit;
  array.unit.lanes = dot ? 16 : 1;
  array.unit.accumulator_bits = 40;
  // What moves has more lines than what stays, as in a layer.
  const bool weights_stay = dataflow == Dataflow::weight_stationary;
  const bool inputs_stay = dataflow == Dataflow::input_stationary;
  const std::int64_t k = dot ? 512 : 16 * side;
  const EncodedMatrix left = operand(16, weights_stay ? 8 * side : side, k);
  const EncodedMatrix right = operand(8, inputs_stay ? 8 * side : side, k);
  double seconds = 1e9;
  std::int64_t cycles = 0;
  for (auto unused : state) {
    (void)unused;
    PeProduct product;
    product.sums.assign(static_cast<std::size_t>(left.rows * right.rows), 0);
    const double start = seconds_now();
    step_product(array, array.unit, left, right, product);
    seconds = std::min(seconds, seconds_now() - start);
    cycles = product.cycles();
  }
  const double macs = static_cast<double>(left.rows * right.rows * k) / seconds;
  state.counters["Mcycles_per_s"] = static_cast<double>(cycles) / seconds * 1e-6;
  state.counters["MMAC_per_s"] = macs * 1e-6;
  state.counters["of_bare"] = macs / bare_rate(side, side);
}

BENCHMARK_CAPTURE(pe_array, lean_os, "sdr_lean", Dataflow::output_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, lean_ws, "sdr_lean", Dataflow::weight_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, lean_is, "sdr_lean", Dataflow::input_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, full_os, "sdr_full", Dataflow::output_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, full_ws, "sdr_full", Dataflow::weight_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, full_is, "sdr_full", Dataflow::input_stationary)->Arg(32)->Arg(128);
BENCHMARK_CAPTURE(pe_array, dot16_os, "sdr_dot", Dataflow::output_stationary)->Arg(32)->Arg(64);
BENCHMARK_CAPTURE(pe_array, dot16_ws, "sdr_dot", Dataflow::weight_stationary)->Arg(32)->Arg(64);

}  // namespace
}  // namespace razorsim
