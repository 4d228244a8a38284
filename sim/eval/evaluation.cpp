// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/evaluation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/operators/elementary.h"
#include "sim/eval/head_quality.h"
#include "sim/eval/observed_products.h"
#include "sim/eval/scheme_products.h"

namespace razorsim {
namespace {

// A batch takes whole contexts up to so many tokens: enough that decoding and encoding a layer's
// weights is little beside multiplying them, and memory stays bounded on any text. Chosen.
constexpr std::int64_t batch_tokens = 2048;
constexpr double interval_95 = 1.959964;  // standard deviations of a normal distribution
constexpr double head_share = 0.3;        // of the whole work, for the progress bar only

bool is_fp32(const Scheme& scheme) {
  return scheme.weights.name == "fp32" && scheme.activations.name == "fp32" &&
         scheme.overrides.empty() && !names_key_value(scheme);
}

/// Contexts that run at once.
struct Batch {
  std::int64_t first_context = 0;
  std::vector<std::int64_t> lengths;
  std::span<const std::int32_t> tokens;
};

std::vector<Batch> batches_of(std::span<const std::int32_t> tokens, std::int64_t context) {
  std::vector<Batch> batches;
  const std::int64_t count = std::ssize(tokens);
  std::int64_t index = 0;
  for (std::int64_t first = 0; first < count; ++index) {
    const std::int64_t length = std::min(context, count - first);
    if (batches.empty() ||
        std::ssize(batches.back().tokens) + length > std::max(batch_tokens, context)) {
      batches.push_back({index, {}, {tokens.data() + first, 0}});
    }
    Batch& batch = batches.back();
    batch.lengths.push_back(length);
    batch.tokens = {batch.tokens.data(), batch.tokens.size() + static_cast<std::size_t>(length)};
    first += length;
  }
  return batches;
}

/// One scheme on its way through the layers of a batch. Lane 0 is the reference.
struct Lane {
  std::unique_ptr<Products> products;
  const SchemeProducts* scheme = nullptr;  // inside `products`; null for FP32
  std::vector<float> stream;
  std::vector<std::size_t> schemes;  // whose sums it adds to
};

/// A tensor that was made.
struct Kept {
  std::vector<float> elements;
  std::int64_t cols = 0;
};

class Evaluator {
 public:
  Evaluator(const Model& model, const StaticRanges& ranges, const std::vector<NamedScheme>& schemes,
            int threads, const EvaluationListener& listener, std::vector<QualitySums>& sums)
      : model_(model),
        ranges_(ranges),
        schemes_(schemes),
        threads_(threads),
        listener_(listener),
        sums_(sums),
        reference_(observed_operations.size()) {}

  void run(const std::vector<Batch>& batches) {
    for (std::size_t i = 0; i < batches.size(); ++i) {
      before_ = static_cast<double>(i) / static_cast<double>(batches.size());
      share_ = 1 / static_cast<double>(batches.size());
      run(batches[i]);
    }
  }

 private:
  void report(double share) const {
    if (listener_.progress) listener_.progress(before_ + share * share_);
  }

  void run(const Batch& batch) {
    const std::vector<std::size_t> missing = missing_in(batch);
    if (missing.empty()) return;
    make_lanes(missing);
    is_first_ = batch.first_context == 0;
    layers(batch);
    if (!head_) head_ = std::make_unique<HeadQuality>(model_, threads_);
    std::vector<MatrixView<const float>> streams;
    for (const Lane& lane : lanes_)
      streams.emplace_back(lane.stream.data(), std::ssize(batch.tokens), model_.network().hidden);
    const auto qualities = head_->judge(streams, batch.tokens, batch.lengths, [&](double share) {
      report(1 - head_share * (1 - share));
    });
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      for (const std::size_t scheme : lanes_[i].schemes) {
        sums_[scheme].add(qualities[i]);
        sums_[scheme].contexts += std::ssize(batch.lengths);
      }
    }
    if (listener_.batch_done) listener_.batch_done(sums_);
  }

  std::vector<std::size_t> missing_in(const Batch& batch) const {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (sums_[i].contexts == batch.first_context) missing.push_back(i);
    }
    return missing;
  }

  /// The reference is lane 0; a scheme that is FP32 itself shares it.
  void make_lanes(const std::vector<std::size_t>& schemes) {
    lanes_.clear();
    lanes_.push_back({observed(std::make_unique<Products>(threads_)), nullptr, {}, {}});
    for (const std::size_t scheme : schemes) {
      const NamedScheme& named = schemes_[scheme];
      const Scheme& wanted = named.scheme;
      if (!is_fp32(wanted)) {
        auto products = std::make_unique<SchemeProducts>(wanted, ranges_, threads_, named.weights);
        const SchemeProducts* const itself = products.get();
        lanes_.push_back({observed(std::move(products)), itself, {}, {}});
      }
      lanes_[is_fp32(wanted) ? 0 : lanes_.size() - 1].schemes.push_back(scheme);
    }
  }

  std::unique_ptr<Products> observed(std::unique_ptr<Products> products) {
    return std::make_unique<ObservedProducts>(
        std::move(products),
        [this, lane = lanes_.size()](std::size_t operation, MatrixView<const float> output,
                                     const LinearCall* call) {
          observe(lane, operation, output, call);
        });
  }

  void observe(std::size_t lane, std::size_t operation, MatrixView<const float> output,
               const LinearCall* call) {
    Kept& truth = reference_[operation];
    if (lane == 0) {
      truth.cols = output.cols();
      truth.elements.assign(output.data(), output.data() + output.size());
    }
    if (lanes_[lane].schemes.empty()) return;
    const ErrorSums errors =
        error_sums({truth.elements.data(), output.rows(), truth.cols}, output, threads_);
    const std::size_t at =
        static_cast<std::size_t>(layer_) * observed_operations.size() + operation;
    for (const std::size_t scheme : lanes_[lane].schemes) sums_[scheme].operations[at] += errors;
    if (is_first_) dump(lanes_[lane], operation, output, call);
  }

  void dump(const Lane& lane, std::size_t operation, MatrixView<const float> output,
            const LinearCall* call) const {
    const std::string name = fmt::format("layers.{}.{}", layer_, observed_operations[operation]);
    if (!listener_.dump.wants(name)) return;
    DumpedTensors tensors;
    if (call != nullptr && lane.scheme != nullptr) {
      lane.scheme->add_tensors(*call, tensors);
    } else if (call != nullptr) {
      add_matrix(tensors, "left", call->a);
      add_matrix(tensors, "right", call->weight);
    }
    add_matrix(tensors, "output", output);
    const Kept& truth = reference_[operation];
    add_matrix<float>(tensors, "reference", {truth.elements.data(), output.rows(), truth.cols});
    for (const std::size_t scheme : lane.schemes)
      listener_.dump.inside(schemes_[scheme].name).write(name, tensors);
  }

  void layers(const Batch& batch) {
    const NetworkSpec& network = model_.network();
    const std::vector<float> embedded = embed(model_, {batch.tokens.begin(), batch.tokens.end()});
    for (Lane& lane : lanes_) lane.stream = embedded;
    const auto view = [&](Lane& lane) {
      return MatrixView<float>(lane.stream.data(), std::ssize(batch.tokens), network.hidden);
    };
    for (layer_ = 0; layer_ < network.layers; ++layer_) {
      const LayerWeights weights = load_layer(model_, layer_, threads_);
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        forward_layer(network, layer_, weights, batch.lengths, view(lane), *lane.products);
        const ErrorSums errors = error_sums(view(lanes_.front()), view(lane), threads_);
        for (const std::size_t scheme : lane.schemes)
          sums_[scheme].layers[static_cast<std::size_t>(layer_)] += errors;
        const double done = static_cast<double>(layer_) +
                            static_cast<double>(i + 1) / static_cast<double>(lanes_.size());
        report((1 - head_share) * done / static_cast<double>(network.layers));
      }
    }
  }

  const Model& model_;
  const StaticRanges& ranges_;
  const std::vector<NamedScheme>& schemes_;
  int threads_;
  const EvaluationListener& listener_;
  std::vector<QualitySums>& sums_;
  std::vector<Kept> reference_;  // outputs of the reference in the layer at hand
  std::unique_ptr<HeadQuality> head_;
  std::vector<Lane> lanes_;
  std::int64_t layer_ = 0;
  bool is_first_ = true;  // the batch at hand
  double before_ = 0;
  double share_ = 1;
};

SchemeQuality summary(const std::string& name, const QualitySums& sums) {
  const auto count = static_cast<double>(sums.predicted);
  SchemeQuality quality;
  quality.scheme = name;
  for (const ErrorSums& layer : sums.layers) quality.layer_sqnr_db.push_back(sqnr_db(layer));
  for (const std::string_view operation : observed_operations)
    quality.operations.push_back({std::string(operation), {}});
  for (std::size_t i = 0; i < sums.operations.size(); ++i)
    quality.operations[i % observed_operations.size()].sqnr_db.push_back(
        sqnr_db(sums.operations[i]));
  const double mean = sums.loss / count;
  const double squares = std::max(0.0, sums.loss_squares - count * mean * mean);
  const double error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0;
  quality.kl = sums.divergence / count;
  quality.top1 = static_cast<double>(sums.agreements) / count;
  if (!std::isfinite(mean))
    throw TraceError(fmt::format("the model's logits overflow FP32 in scheme {}", quality.scheme));
  // Beyond 1e304 one perplexity is as good as another.
  const auto perplexity = [](double loss) { return exp_f64(std::clamp(loss, -700.0, 700.0)); };
  quality.perplexity = perplexity(mean);
  quality.perplexity_low = perplexity(mean - interval_95 * error);
  quality.perplexity_high = perplexity(mean + interval_95 * error);
  return quality;
}

}  // namespace

Evaluation evaluate(const Model& model, const std::vector<std::int32_t>& tokens,
                    const StaticRanges& ranges, const std::vector<NamedScheme>& schemes,
                    const EvaluationSpec& spec, int threads, const EvaluationListener& listener,
                    std::vector<QualitySums> done) {
  const std::span used(tokens.data(),
                       std::min(tokens.size(), static_cast<std::size_t>(spec.max_tokens)));
  const std::vector<Batch> batches = batches_of(used, spec.context);
  Evaluation result;
  result.tokens = std::ssize(used);
  result.predicted = result.tokens;
  for (const Batch& batch : batches) result.predicted -= std::ssize(batch.lengths);
  if (result.predicted < 1) throw TraceError("an evaluation needs at least two tokens");
  done.resize(schemes.size());
  for (QualitySums& sums : done) {
    const auto layers = static_cast<std::size_t>(model.network().layers);
    sums.layers.resize(layers);
    sums.operations.resize(layers * observed_operations.size());
  }
  Evaluator(model, ranges, schemes, threads, listener, done).run(batches);
  for (const QualitySums& sums : done) {
    if (sums.predicted != result.predicted)
      throw TraceError("the sums of an earlier run do not fit the contexts of the text");
  }
  for (std::size_t i = 0; i < schemes.size(); ++i)
    result.schemes.push_back(summary(schemes[i].name, done[i]));
  return result;
}

}  // namespace razorsim
