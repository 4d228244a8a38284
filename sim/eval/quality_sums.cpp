// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/quality_sums.h"

#include <algorithm>
#include <array>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "models/operators/elementary.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t rows_per_part = 64;  // of the sum, chosen
constexpr std::size_t chains = 8;           // side by side, so that none waits for its last step

/// Of one row; term i goes to chain i % 8, then the chains add up.
ErrorSums row_sums(std::span<const float> reference, std::span<const float> candidate) {
  std::array<double, chains> signal{};
  std::array<double, chains> noise{};
  const auto take = [&](std::size_t i, std::size_t chain) {
    const auto truth = static_cast<double>(reference[i]);
    const double error = static_cast<double>(candidate[i]) - truth;
    signal[chain] += truth * truth;
    noise[chain] += error * error;
  };
  std::size_t i = 0;
  for (; i + chains <= reference.size(); i += chains) {
    for (std::size_t j = 0; j < chains; ++j) take(i + j, j);
  }
  for (std::size_t j = 0; i + j < reference.size(); ++j) take(i + j, j);
  ErrorSums sums;
  for (std::size_t j = 0; j < chains; ++j) sums += {signal[j], noise[j]};
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
