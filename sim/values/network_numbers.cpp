// SPDX-License-Identifier: Apache-2.0
#include "sim/values/network_numbers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/operators/rms_norm.h"

namespace razorsim {
namespace {

std::int32_t largest(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

StoredMatrix StoredMatrix::copy(std::string name, MatrixView<const float> values) {
  StoredMatrix copy{std::move(name), values.rows(), values.cols(), {}};
  copy.values.reserve(static_cast<std::size_t>(values.size()));
  for (std::int64_t row = 0; row < values.rows(); ++row)
    copy.values.insert(copy.values.end(), values.row(row).begin(), values.row(row).end());
  return copy;
}

/// One layer in one pass: its edges, and the keys and values of the tokens before.
class NetworkNumbers::LayerSource : public TensorSource {
 public:
  LayerSource(const Model& model, std::shared_ptr<const StaticRanges> ranges)
      : model_(model), ranges_(std::move(ranges)) {}

  [[nodiscard]] std::optional<MatrixView<const float>> reference(
      const std::string& name) const override {
    return find(edges_, name);
  }
  [[nodiscard]] std::optional<MatrixView<const float>> cached(
      const std::string& name) const override {
    return find(cached_, name);
  }
  /// Of weights, one scale an output channel; everything else is quantised by its static scale.
  [[nodiscard]] std::optional<BaseIntegers> base(const std::string& name, int bits) const override {
    if (!name.ends_with(".weight")) return std::nullopt;
    FormatSpec format;
    format.name = bits == 8 ? "int8" : "int16";
    format.granularity = ScaleGranularity::row;
    const ModelTensor& shape = model_.tensor(name);
    const std::vector<float> numbers = model_.weight(name);
    return quantise(format, bits, {numbers.data(), shape.rows, shape.cols}, {});
  }
  [[nodiscard]] float absmax(const std::string& name) const override {
    return ranges_->absmax_of(name);
  }
  [[nodiscard]] std::vector<float> weight(const std::string& name) const override {
    return model_.weight(name);
  }
  [[nodiscard]] std::vector<float> row_scales(const std::string& name,
                                              const FormatSpec& format) const override {
    return ranges_->row_scales_of(name, format, model_.tensor(name).rows);
  }

  void set_edge(StoredMatrix edge) { set(edges_, std::move(edge)); }
  void set_cached(StoredMatrix rows) { set(cached_, std::move(rows)); }

 private:
  using Matrices = std::map<std::string, StoredMatrix, std::less<>>;

  static std::optional<MatrixView<const float>> find(const Matrices& all, const std::string& name) {
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second.view();
  }
  static void set(Matrices& all, StoredMatrix matrix) {
    std::string name = matrix.name;
    all.insert_or_assign(std::move(name), std::move(matrix));
  }

  const Model& model_;
  std::shared_ptr<const StaticRanges> ranges_;
  Matrices edges_;
  Matrices cached_;
};

NetworkNumbers::NetworkNumbers(const Model& model, std::vector<std::int32_t> prompt,
                               std::int64_t generate, StaticRanges ranges, int threads)
    : model_(model),
      tokens_(std::move(prompt)),
      ranges_(std::make_shared<const StaticRanges>(std::move(ranges))),
      products_(threads),
      threads_(threads) {
  make_tokens(generate);
  stream_ = embed(model_, {tokens_.begin(), tokens_.end() - 1});
}

NetworkNumbers::~NetworkNumbers() = default;

void NetworkNumbers::make_tokens(std::int64_t generate) {
  const NetworkSpec& network = model_.network();
  KeyValueCache cache;
  std::vector<std::int32_t> next = tokens_;
  for (std::int64_t made = 0; made < generate; ++made) {
    std::vector<float> stream = embed(model_, next);
    const auto count = static_cast<std::int64_t>(next.size());
    const MatrixView<float> view(stream.data(), count, network.hidden);
    for (std::int64_t layer = 0; layer < network.layers; ++layer)
      forward_layer(network, layer, load_layer(model_, layer, threads_), {count}, view, products_,
                    {}, &cache);
    cache.tokens += count;
    next = {largest(logits(model_, view.block(count - 1, 0, 1, network.hidden), threads_))};
    tokens_.push_back(next.front());
  }
}

void NetworkNumbers::begin_embedding(const std::vector<ForwardPass>& passes) {
  promise(next_layer_ == 0, "the embedding comes before the layers");
  const std::int64_t hidden = model_.network().hidden;
  for (const ForwardPass& pass : passes) {
    const auto source = std::make_shared<LayerSource>(model_, ranges_);
    source->set_edge(StoredMatrix::copy(
        "layers.0.input", {stream_.data() + pass.past * hidden, pass.tokens, hidden}));
    sources_.push_back(source);
  }
}

void NetworkNumbers::begin_layer(std::int64_t layer, const std::vector<ForwardPass>& passes) {
  if (first_kept_ < 0) first_kept_ = layer;
  const std::int64_t last = layer < 0 ? model_.network().layers - 1 : layer;
  while (next_layer_ <= last) {
    run_layer(passes, next_layer_ == layer);
    ++next_layer_;
  }
  if (layer < 0) run_head(passes);
  take_over(passes);
}

std::shared_ptr<const TensorSource> NetworkNumbers::source(std::size_t pass) const {
  return sources_[pass];
}

void NetworkNumbers::run_layer(const std::vector<ForwardPass>& passes, bool keep) {
  const NetworkSpec& network = model_.network();
  const std::int64_t layer = next_layer_;
  const LayerWeights weights = load_layer(model_, layer, threads_);
  const MatrixView<float> stream(
      stream_.data(), static_cast<std::int64_t>(stream_.size()) / network.hidden, network.hidden);
  KeyValueCache cache;
  if (keep) sources_.clear();
  if (const std::int64_t before = passes.front().past; before > 0) {
    // A decode step alone: its context has gone through the FP32 model.
    forward_layer(network, layer, weights, {before}, stream.block(0, 0, before, network.hidden),
                  products_, {}, &cache);
  }
  for (const ForwardPass& pass : passes) {
    Tap tap;
    cache.tokens = pass.past;
    if (keep) {
      const auto source = std::make_shared<LayerSource>(model_, ranges_);
      sources_.push_back(source);
      if (pass.past > 0) {
        const std::int64_t features = network.kv_heads * network.head_dim;
        const auto rows = [&](const std::vector<std::vector<float>>& held, const char* name) {
          const std::vector<float>& all = held[static_cast<std::size_t>(layer)];
          source->set_cached(StoredMatrix::copy(fmt::format("layers.{}.{}.output", layer, name),
                                                {all.data(), pass.past, features}));
        };
        rows(cache.keys, "rope_k");
        rows(cache.values, "v_proj");
      }
      tap = [&, source](std::string_view edge, MatrixView<const float> values) {
        const bool entry = edge.ends_with(".input") && layer > first_kept_;
        source->set_edge(StoredMatrix::copy(
            entry ? fmt::format("layers.{}.mlp_residual.output", layer - 1) : std::string(edge),
            values));
      };
    }
    forward_layer(network, layer, weights, {pass.tokens},
                  stream.block(pass.past, 0, pass.tokens, network.hidden), products_, tap, &cache);
  }
}

void NetworkNumbers::run_head(const std::vector<ForwardPass>& passes) {
  const NetworkSpec& network = model_.network();
  const std::vector<float> weight = model_.weight("final_norm.weight");
  sources_.clear();
  for (const ForwardPass& pass : passes) {
    const auto source = std::make_shared<LayerSource>(model_, ranges_);
    const MatrixView<const float> last(
        stream_.data() + (pass.past + pass.tokens - 1) * network.hidden, 1, network.hidden);
    std::vector<float> normed(static_cast<std::size_t>(network.hidden));
    const MatrixView<float> view(normed.data(), 1, network.hidden);
    rms_norm(last, weight, static_cast<float>(network.norm_epsilon), view);
    const std::vector<float> scores = logits(model_, last, threads_);
    source->set_edge(
        StoredMatrix::copy(fmt::format("layers.{}.mlp_residual.output", network.layers - 1), last));
    source->set_edge(StoredMatrix::copy("final_norm.output", view));
    source->set_edge(StoredMatrix::copy("head.output", {scores.data(), 1, network.vocabulary}));
    sources_.push_back(source);
  }
}

void NetworkNumbers::take_over(const std::vector<ForwardPass>& passes) {
  if (machine_stream_.empty()) return;
  for (std::size_t i = 0; i < passes.size(); ++i) sources_[i]->set_edge(machine_stream_[i]);
}

bool NetworkNumbers::flows_on(const std::string& tensor) {
  return tensor.ends_with(".mlp_residual.output") || tensor.ends_with(".rope_k.output") ||
         tensor.ends_with(".v_proj.output");
}

void NetworkNumbers::flow_on(std::size_t pass, std::vector<StoredMatrix> made) {
  for (StoredMatrix& matrix : made) {
    if (matrix.name.ends_with(".mlp_residual.output")) {
      machine_stream_.resize(sources_.size());
      machine_stream_[pass] = std::move(matrix);
      continue;
    }
    // What the machine cached before this pass, then what it adds.
    if (pass + 1 == sources_.size()) continue;
    if (pass > 0) {
      StoredMatrix rows = StoredMatrix::copy(matrix.name, *sources_[pass]->cached(matrix.name));
      rows.values.insert(rows.values.end(), matrix.values.begin(), matrix.values.end());
      rows.rows += matrix.rows;
      matrix = std::move(rows);
    }
    sources_[pass + 1]->set_cached(std::move(matrix));
  }
}

}  // namespace razorsim
