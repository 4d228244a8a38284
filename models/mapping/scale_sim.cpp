// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/scale_sim.h"

#include "models/base/errors.h"

namespace razorsim {
namespace {

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result))
    throw ConfigError("workload", "takes more cycles than 63 bits hold");
  return result;
}

/// What lies along the array's rows and columns, and what passes through a fold.
struct Spread {
  std::int64_t along_rows;
  std::int64_t along_cols;
  std::int64_t time;
  bool preloads;
};

Spread spread(Dataflow dataflow, std::int64_t m, std::int64_t k, std::int64_t n) {
  switch (dataflow) {
    case Dataflow::weight_stationary: return {k, n, m, true};
    case Dataflow::input_stationary: return {k, m, n, true};
    case Dataflow::output_stationary: break;
  }
  return {m, n, k, false};
}

}  // namespace

ScaleSimTiming scale_sim_timing(Dataflow dataflow, std::int64_t rows, std::int64_t cols,
                                std::int64_t m, std::int64_t k, std::int64_t n) {
  const Spread laid = spread(dataflow, m, k, n);
  ScaleSimTiming timing;
  timing.folds = product(ceil_div(laid.along_rows, rows), ceil_div(laid.along_cols, cols));
  // Stepping operands in takes `time`, the skew rows + cols - 2, an operand that stays `rows`
  // before.
  const std::int64_t fold = laid.time + rows + cols - 2 + (laid.preloads ? rows : 0);
  timing.cycles_per_fold = CoreCycles(fold);
  timing.cycles = CoreCycles(product(timing.folds, fold) - 1);
  timing.held = product(laid.along_rows, laid.along_cols);
  timing.places = product(timing.folds, rows * cols);
  return timing;
}

}  // namespace razorsim
