// SPDX-License-Identifier: Apache-2.0
// What a scheme costs in accuracy: perplexity, divergence from FP32, and error by layer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "models/base/scheme.h"
#include "sim/eval/quality_sums.h"
#include "sim/eval/quantised_weights.h"
#include "sim/values/tensor_dump.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"

namespace razorsim {

struct EvaluationSpec {
  std::int64_t context = 512;
  std::int64_t max_tokens = 2048;

  bool operator==(const EvaluationSpec&) const = default;
};
template <>
inline constexpr auto fields<EvaluationSpec> = field_table<EvaluationSpec>(
    field("context", &EvaluationSpec::context, "tokens", between(2, 1 << 20),
          "tokens of each context; contexts do not overlap and start anew"),
    field("max_tokens", &EvaluationSpec::max_tokens, "tokens", between(2, 1 << 28),
          "first tokens of the text that are used"));

/// A scheme under the name it was asked for.
struct NamedScheme {
  std::string name;
  Scheme scheme;
  /// Takes the place of our rounding of the weights it has, where the base is the scheme's.
  std::shared_ptr<const QuantisedWeights> weights;
};

/// Of one kind of operation, a number a layer.
struct OperationQuality {
  std::string operation;
  std::vector<double> sqnr_db;

  bool operator==(const OperationQuality&) const = default;
};
template <>
inline constexpr auto fields<OperationQuality> = field_table<OperationQuality>(
    field("operation", &OperationQuality::operation, "", any_value,
          "q_proj, k_proj, v_proj, context, o_proj, gate_proj, up_proj or down_proj"),
    field("sqnr_db", &OperationQuality::sqnr_db, "dB", any_value,
          "its output in each layer against FP32's, errors of what came before included; 999 where "
          "equal"));

struct SchemeQuality {
  std::string scheme;
  double perplexity = 0;
  double perplexity_low = 0;
  double perplexity_high = 0;
  double kl = 0;
  double top1 = 0;
  std::vector<double> layer_sqnr_db;
  std::vector<OperationQuality> operations;

  bool operator==(const SchemeQuality&) const = default;
};
template <>
inline constexpr auto fields<SchemeQuality> = field_table<SchemeQuality>(
    field("scheme", &SchemeQuality::scheme, "", any_value, "name as asked for"),
    field("perplexity", &SchemeQuality::perplexity, "", non_negative,
          "exp of the mean loss of the predicted tokens"),
    field("perplexity_low", &SchemeQuality::perplexity_low, "", non_negative,
          "lower end of its 95 % interval, from the spread of the losses"),
    field("perplexity_high", &SchemeQuality::perplexity_high, "", non_negative,
          "upper end of its 95 % interval"),
    field("kl", &SchemeQuality::kl, "nats", any_value,
          "mean divergence of its distribution from FP32's"),
    field("top1", &SchemeQuality::top1, "", between(0, 1),
          "share of tokens whose most likely successor is FP32's"),
    field("layer_sqnr_db", &SchemeQuality::layer_sqnr_db, "dB", any_value,
          "residual stream after each layer against FP32's, errors of earlier layers included; 999 "
          "where equal"),
    field("operations", &SchemeQuality::operations, "", any_value, "errors by operation"));

struct Evaluation {
  std::int64_t tokens = 0;
  std::int64_t predicted = 0;
  std::vector<SchemeQuality> schemes;

  bool operator==(const Evaluation&) const = default;
};
template <>
inline constexpr auto fields<Evaluation> = field_table<Evaluation>(
    field("tokens", &Evaluation::tokens, "tokens", non_negative,
          "tokens of the text that were used"),
    field("predicted", &Evaluation::predicted, "tokens", non_negative,
          "tokens predicted: all but the first of each context"),
    field("schemes", &Evaluation::schemes, "", any_value, "in the order they were asked for"));

/// What an evaluation tells while it runs; either may be left out.
struct EvaluationListener {
  std::function<void(double)> progress;  ///< share of the work that is done
  /// Called after each batch of contexts with the sums so far, a scheme each.
  std::function<void(const std::vector<QualitySums>&)> batch_done;
  /// Where tensors of the first batch go, a folder a scheme.
  TensorDump dump;
};

/// Runs the schemes and FP32 side by side over some contexts at a time, a layer at a time, so that
/// each layer is decoded once. `ranges` may be empty when no scheme has a static scale. `done` is
/// empty or what an earlier run of the same text had reached, a scheme each: its contexts are not
/// run again. The same bits on any number of threads and however often interrupted.
/// Throws TraceError for tokens outside the vocabulary, fewer than two, or a scale that is not
/// there.
[[nodiscard]] Evaluation evaluate(const Model& model, const std::vector<std::int32_t>& tokens,
                                  const StaticRanges& ranges,
                                  const std::vector<NamedScheme>& schemes,
                                  const EvaluationSpec& spec, int threads,
                                  const EvaluationListener& listener = {},
                                  std::vector<QualitySums> done = {});

}  // namespace razorsim
