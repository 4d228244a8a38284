// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/evaluation.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/errors.h"
#include "models/operators/elementary.h"
#include "models/operators/matmul_f32.h"
#include "models/operators/rms_norm.h"
#include "sim/eval/scheme_products.h"
#include "sim/eval/token_quality.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t head_rows = 64;    // tokens whose logits a thread holds at a time, chosen
constexpr double exact_sqnr = 999;        // dB, stands for no error at all
constexpr double interval_95 = 1.959964;  // standard deviations of a normal distribution
constexpr double head_share = 0.3;        // of the whole work, for the progress bar only

bool is_fp32(const Scheme& scheme) {
  return scheme.weights.name == "fp32" && scheme.activations.name == "fp32" &&
         scheme.overrides.empty() && !names_key_value(scheme);
}

/// The residual stream of one scheme on its way through the layers.
struct Lane {
  std::unique_ptr<Products> products;
  std::vector<float> stream;
  std::vector<double> sqnr;
};

double sqnr_db(const std::vector<float>& reference, const std::vector<float>& candidate) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double error = static_cast<double>(candidate[i]) - static_cast<double>(reference[i]);
    signal += static_cast<double>(reference[i]) * static_cast<double>(reference[i]);
    noise += error * error;
  }
  constexpr double ln_10 = 2.302585092994046;
  if (noise == 0 || signal == 0) return exact_sqnr;
  return 10 * (log_f64(signal) - log_f64(noise)) / ln_10;
}

class Evaluator {
 public:
  Evaluator(const Model& model, const StaticRanges& ranges, const std::vector<NamedScheme>& schemes,
            const EvaluationSpec& spec, int threads, const EvaluationProgress& progress)
      : model_(model), schemes_(schemes), spec_(spec), threads_(threads), progress_(progress) {
    // The reference is lane 0; a scheme that is FP32 itself shares it.
    lanes_.push_back({std::make_unique<Products>(threads), {}, {}});
    for (const NamedScheme& each : schemes) {
      lane_of_.push_back(is_fp32(each.scheme) ? 0 : lanes_.size());
      if (lane_of_.back() != 0)
        lanes_.push_back({std::make_unique<SchemeProducts>(each.scheme, ranges, threads), {}, {}});
    }
  }

  Evaluation run(std::vector<std::int32_t> tokens) {
    tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(spec_.max_tokens)));
    const std::int64_t count = std::ssize(tokens);
    for (std::int64_t first = 0; first < count; first += spec_.context)
      lengths_.push_back(std::min(spec_.context, count - first));
    layers(tokens);
    Evaluation result;
    result.tokens = count;
    result.predicted = count - std::ssize(lengths_);
    if (result.predicted < 1) throw TraceError("an evaluation needs at least two tokens");
    const auto qualities = head(tokens);
    for (std::size_t i = 0; i < schemes_.size(); ++i) {
      result.schemes.push_back(
          summary(schemes_[i].name, qualities[lane_of_[i]], lanes_[lane_of_[i]].sqnr));
    }
    return result;
  }

 private:
  void report(double share) const {
    if (progress_) progress_(share);
  }

  void layers(const std::vector<std::int32_t>& tokens) {
    const NetworkSpec& network = model_.network();
    for (Lane& lane : lanes_) lane.stream = embed(model_, tokens);
    for (std::int64_t layer = 0; layer < network.layers; ++layer) {
      const LayerWeights weights = load_layer(model_, layer);
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        forward_layer(network, layer, weights, lengths_,
                      {lane.stream.data(), std::ssize(tokens), network.hidden}, *lane.products);
        lane.sqnr.push_back(sqnr_db(lanes_.front().stream, lane.stream));
        const double done = static_cast<double>(layer) +
                            static_cast<double>(i + 1) / static_cast<double>(lanes_.size());
        report((1 - head_share) * done / static_cast<double>(network.layers));
      }
    }
  }

  /// Of each lane, the quality of each predicted token, in the order of the text.
  std::vector<std::vector<TokenQuality>> head(const std::vector<std::int32_t>& tokens) {
    const NetworkSpec& network = model_.network();
    std::vector<std::int64_t> rows;  // that predict their successor
    std::int64_t first = 0;
    for (const std::int64_t length : lengths_) {
      for (std::int64_t row = first; row + 1 < first + length; ++row) rows.push_back(row);
      first += length;
    }
    const std::vector<float> norm = model_.weight("final_norm.weight");
    const std::vector<float> weight = model_.weight("head.weight");
    const MatrixView<const float> head_view(weight.data(), network.vocabulary, network.hidden);
    std::vector<std::vector<TokenQuality>> qualities(lanes_.size(),
                                                     std::vector<TokenQuality>(rows.size()));
    const std::int64_t blocks = (std::ssize(rows) + head_rows - 1) / head_rows;
    // In rounds, so that progress is told by the calling thread alone.
    for (std::int64_t round = 0; round < blocks; round += threads_) {
      parallel_for(std::min<std::int64_t>(threads_, blocks - round), threads_,
                   [&](std::int64_t offset) {
                     block(tokens, rows, (round + offset) * head_rows, norm, head_view, qualities);
                   });
      report(1 - head_share * (1 - static_cast<double>(std::min(round + threads_, blocks)) /
                                       static_cast<double>(blocks)));
    }
    return qualities;
  }

  void block(const std::vector<std::int32_t>& tokens, const std::vector<std::int64_t>& rows,
             std::int64_t first, const std::vector<float>& norm, MatrixView<const float> head_view,
             std::vector<std::vector<TokenQuality>>& qualities) const {
    const std::int64_t count = std::min<std::int64_t>(head_rows, std::ssize(rows) - first);
    const std::int64_t hidden = head_view.cols();
    std::vector<float> normed(static_cast<std::size_t>(count * hidden));
    std::vector<float> scores(static_cast<std::size_t>(count * head_view.rows()));
    const MatrixView<float> in(normed.data(), count, hidden);
    const MatrixView<float> out(scores.data(), count, head_view.rows());
    std::vector<std::vector<double>> reference;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      for (std::int64_t r = 0; r < count; ++r) {
        const float* from =
            lanes_[i].stream.data() + rows[static_cast<std::size_t>(first + r)] * hidden;
        std::copy_n(from, hidden, in.row(r).begin());
      }
      rms_norm(in, norm, static_cast<float>(model_.network().norm_epsilon), in);
      matmul_f32(in, head_view, out);
      for (std::int64_t r = 0; r < count; ++r) {
        const auto at = static_cast<std::size_t>(first + r);
        const std::int32_t target = tokens[static_cast<std::size_t>(rows[at]) + 1];
        std::vector<double> logs = log_probabilities(out.row(r));
        if (i == 0) reference.push_back(std::move(logs));
        const std::vector<double>& own = i == 0 ? reference.back() : logs;
        qualities[i][at] = token_quality(reference[static_cast<std::size_t>(r)], own, target);
      }
    }
  }

  static SchemeQuality summary(const std::string& name, const std::vector<TokenQuality>& tokens,
                               const std::vector<double>& sqnr) {
    const auto count = static_cast<double>(tokens.size());
    SchemeQuality quality;
    quality.scheme = name;
    quality.layer_sqnr_db = sqnr;
    double mean = 0;
    for (const TokenQuality& each : tokens) {
      mean += each.loss / count;
      quality.kl += each.divergence / count;
      quality.top1 += each.agrees ? 1 / count : 0;
    }
    double squares = 0;
    for (const TokenQuality& each : tokens) squares += (each.loss - mean) * (each.loss - mean);
    const double error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0;
    quality.perplexity = exp_f64(mean);
    quality.perplexity_low = exp_f64(mean - interval_95 * error);
    quality.perplexity_high = exp_f64(mean + interval_95 * error);
    return quality;
  }

  const Model& model_;
  const std::vector<NamedScheme>& schemes_;
  EvaluationSpec spec_;
  int threads_;
  const EvaluationProgress& progress_;
  std::vector<std::int64_t> lengths_;
  std::vector<Lane> lanes_;
  std::vector<std::size_t> lane_of_;
};

}  // namespace

Evaluation evaluate(const Model& model, const std::vector<std::int32_t>& tokens,
                    const StaticRanges& ranges, const std::vector<NamedScheme>& schemes,
                    const EvaluationSpec& spec, int threads, const EvaluationProgress& progress) {
  return Evaluator(model, ranges, schemes, spec, threads, progress).run(tokens);
}

}  // namespace razorsim
