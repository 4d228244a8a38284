// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/quality_sums.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "models/operators/elementary.h"
#include "sim/values/compare_vectors.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t rows_per_part = 64;  // of the sum, chosen

ErrorSums row_sums(std::span<const float> reference, std::span<const float> candidate) {
  LaneSums lanes;
  add_lane_sums(reference, candidate, compared_ahead, lanes);
  ErrorSums sums;
  for (std::size_t lane = 0; lane < LaneSums::lanes; ++lane)
    sums += {lanes.signal[lane], lanes.noise[lane]};
  return sums;
}

}  // namespace

ErrorSums& ErrorSums::operator+=(const ErrorSums& other) {
  signal += other.signal;
  noise += other.noise;
  return *this;
}

ErrorSums error_sums(MatrixView<const float> reference, MatrixView<const float> candidate,
                     int threads) {
  promise(reference.rows() == candidate.rows() && reference.cols() == candidate.cols(),
          "errors are of tensors of one shape");
  std::vector<ErrorSums> parts(
      static_cast<std::size_t>(ceil_div<std::int64_t>(reference.rows(), rows_per_part)));
  parallel_for(std::ssize(parts), threads, [&](std::int64_t part) {
    const std::int64_t last = std::min((part + 1) * rows_per_part, reference.rows());
    for (std::int64_t row = part * rows_per_part; row < last; ++row)
      parts[static_cast<std::size_t>(part)] += row_sums(reference.row(row), candidate.row(row));
  });
  ErrorSums sums;
  for (const ErrorSums& part : parts) sums += part;
  return sums;
}

double sqnr_db(const ErrorSums& sums) {
  constexpr double ln_10 = 2.302585092994046;
  if (sums.noise == 0 || sums.signal == 0) return exact_sqnr_db;
  return 10 * (log_f64(sums.signal) - log_f64(sums.noise)) / ln_10;
}

void QualitySums::add(std::span<const TokenQuality> tokens) {
  for (const TokenQuality& each : tokens) {
    ++predicted;
    agreements += each.agrees ? 1 : 0;
    loss += each.loss;
    loss_squares += each.loss * each.loss;
    divergence += each.divergence;
  }
}

}  // namespace razorsim
