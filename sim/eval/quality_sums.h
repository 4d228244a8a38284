// SPDX-License-Identifier: Apache-2.0
// What is added up over a text to judge a scheme. Sums can be kept, so that a run can go on later.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "models/base/tensor_view.h"
#include "sim/eval/token_quality.h"

namespace razorsim {

/// Squares of a reference and of the differences from it.
struct ErrorSums {
  double signal = 0;
  double noise = 0;

  ErrorSums& operator+=(const ErrorSums& other);
  bool operator==(const ErrorSums&) const = default;
};
template <>
inline constexpr auto fields<ErrorSums> = field_table<ErrorSums>(
    field("signal", &ErrorSums::signal, "", non_negative, "sum of the reference's squares"),
    field("noise", &ErrorSums::noise, "", non_negative, "sum of the squared differences from it"));

/// Summed in double in a fixed order, for any number of threads.
[[nodiscard]] ErrorSums error_sums(MatrixView<const float> reference,
                                   MatrixView<const float> candidate, int threads);

/// 10 log10(signal / noise); `exact_sqnr_db` where there is no noise or no signal.
[[nodiscard]] double sqnr_db(const ErrorSums& sums);
inline constexpr double exact_sqnr_db = 999;

struct QualitySums {
  std::string scheme;
  std::int64_t contexts = 0;
  std::int64_t predicted = 0;
  std::int64_t agreements = 0;
  double loss = 0;
  double loss_squares = 0;
  double divergence = 0;
  std::vector<ErrorSums> layers;
  std::vector<ErrorSums> operations;

  void add(std::span<const TokenQuality> tokens);
  bool operator==(const QualitySums&) const = default;
};
template <>
inline constexpr auto fields<QualitySums> = field_table<QualitySums>(
    field("scheme", &QualitySums::scheme, "", any_value, "what the sums are of"),
    field("contexts", &QualitySums::contexts, "", non_negative, "contexts that are done"),
    field("predicted", &QualitySums::predicted, "tokens", non_negative, "tokens predicted in them"),
    field("agreements", &QualitySums::agreements, "tokens", non_negative,
          "tokens whose most likely successor is FP32's"),
    field("loss", &QualitySums::loss, "nats", any_value, "sum of their losses"),
    field("loss_squares", &QualitySums::loss_squares, "", non_negative, "sum of squared losses"),
    field("divergence", &QualitySums::divergence, "nats", any_value, "sum of divergences"),
    field("layers", &QualitySums::layers, "", any_value, "errors of the residual stream, a layer"),
    field("operations", &QualitySums::operations, "", any_value,
          "errors of operations, layer by layer"));

}  // namespace razorsim
