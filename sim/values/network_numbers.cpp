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
  StoredMatrix copy{std::move(name), 0, values.cols(), {}};
  copy.append(values);
  return copy;
}

void StoredMatrix::append(MatrixView<const float> more) {
  promise(more.cols() == cols, name, ": rows of another length");
  values.reserve(values.size() + static_cast<std::size_t>(more.size()));
  for (std::int64_t row = 0; row < more.rows(); ++row)
    values.insert(values.end(), more.row(row).begin(), more.row(row).end());
  rows += more.rows();
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
  [[nodiscard]] std::shared_ptr<const BaseIntegers> base(const std::string& name,
                                                         int bits) const override {
    if (!name.ends_with(".weight")) return nullptr;
    FormatSpec format;
    format.name = bits == 8 ? "int8" : "int16";
    format.granularity = ScaleGranularity::row;
    const ModelTensor& shape = model_.tensor(name);
    const std::vector<float> numbers = model_.weight(name);
    return std::make_shared<const BaseIntegers>(
        quantise(format, bits, {numbers.data(), shape.rows, shape.cols}, {}));
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
  /// Of one sequence after the other.
  void add_edge(const std::string& name, MatrixView<const float> rows) { add(edges_, name, rows); }
  void add_cached(const std::string& name, MatrixView<const float> rows) {
    add(cached_, name, rows);
  }

 private:
  using Matrices = std::map<std::string, StoredMatrix, std::less<>>;

  static std::optional<MatrixView<const float>> find(const Matrices& all, const std::string& name) {
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second.view();
  }
  static void add(Matrices& all, const std::string& name, MatrixView<const float> rows) {
    const auto found = all.find(name);
    if (found == all.end()) return set(all, StoredMatrix::copy(name, rows));
    found->second.append(rows);
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

NetworkNumbers::NetworkNumbers(const Model& model, std::vector<std::vector<std::int32_t>> prompts,
                               std::int64_t generate, StaticRanges ranges, int threads)
    : model_(model),
      tokens_(std::move(prompts)),
      ranges_(std::make_shared<const StaticRanges>(std::move(ranges))),
      products_(threads),
      threads_(threads) {
  for (const std::vector<std::int32_t>& tokens : tokens_)
    promise(tokens.size() == tokens_.front().size(), "prompts of different lengths");
  for (std::vector<std::int32_t>& tokens : tokens_) {
    make_tokens(tokens, generate);
    streams_.push_back(embed(model_, {tokens.begin(), tokens.end() - 1}));
  }
}

NetworkNumbers::~NetworkNumbers() = default;

void NetworkNumbers::make_tokens(std::vector<std::int32_t>& tokens, std::int64_t generate) {
  const NetworkSpec& network = model_.network();
  KeyValueCache cache;
  std::vector<std::int32_t> next = tokens;
  for (std::int64_t made = 0; made < generate; ++made) {
    std::vector<float> stream = embed(model_, next);
    const auto count = static_cast<std::int64_t>(next.size());
    const MatrixView<float> view(stream.data(), count, network.hidden);
    for (std::int64_t layer = 0; layer < network.layers; ++layer)
      forward_layer(network, layer, load_layer(model_, layer, threads_), {count}, view, products_,
                    {}, &cache);
    cache.tokens += count;
    next = {largest(logits(model_, view.block(count - 1, 0, 1, network.hidden), threads_))};
    tokens.push_back(next.front());
  }
}

MatrixView<float> NetworkNumbers::stream_of(std::size_t which, std::int64_t first,
                                            std::int64_t count) {
  const std::int64_t hidden = model_.network().hidden;
  return {streams_[which].data() + first * hidden, count, hidden};
}

void NetworkNumbers::begin_embedding(const std::vector<ForwardPass>& passes) {
  promise(next_layer_ == 0, "the embedding comes before the layers");
  for (const ForwardPass& pass : passes) {
    const auto source = std::make_shared<LayerSource>(model_, ranges_);
    for (std::size_t i = 0; i < streams_.size(); ++i)
      source->add_edge("layers.0.input", stream_of(i, pass.past, pass.tokens));
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
  if (keep) {
    sources_.clear();
    for (std::size_t i = 0; i < passes.size(); ++i)
      sources_.push_back(std::make_shared<LayerSource>(model_, ranges_));
  }
  for (std::size_t sequence = 0; sequence < streams_.size(); ++sequence) {
    KeyValueCache cache;
    if (const std::int64_t before = passes.front().past; before > 0) {
      // A decode step alone: its context has gone through the FP32 model.
      forward_layer(network, layer, weights, {before}, stream_of(sequence, 0, before), products_,
                    {}, &cache);
    }
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const ForwardPass& pass = passes[i];
      Tap tap;
      cache.tokens = pass.past;
      if (keep) {
        LayerSource& source = *sources_[i];
        if (pass.past > 0) {
          const std::int64_t features = network.kv_heads * network.head_dim;
          const auto rows = [&](const std::vector<std::vector<float>>& held, const char* name) {
            const std::vector<float>& all = held[static_cast<std::size_t>(layer)];
            source.add_cached(fmt::format("layers.{}.{}.output", layer, name),
                              {all.data(), pass.past, features});
          };
          rows(cache.keys, "rope_k");
          rows(cache.values, "v_proj");
        }
        tap = [&](std::string_view edge, MatrixView<const float> values) {
          const bool entry = edge.ends_with(".input") && layer > first_kept_;
          source.add_edge(
              entry ? fmt::format("layers.{}.mlp_residual.output", layer - 1) : std::string(edge),
              values);
        };
      }
      forward_layer(network, layer, weights, {pass.tokens},
                    stream_of(sequence, pass.past, pass.tokens), products_, tap, &cache);
    }
  }
}

void NetworkNumbers::run_head(const std::vector<ForwardPass>& passes) {
  const NetworkSpec& network = model_.network();
  const std::vector<float> weight = model_.weight("final_norm.weight");
  sources_.clear();
  for (const ForwardPass& pass : passes) {
    StoredMatrix last{
        fmt::format("layers.{}.mlp_residual.output", network.layers - 1), 0, network.hidden, {}};
    for (std::size_t i = 0; i < streams_.size(); ++i)
      last.append(stream_of(i, pass.past + pass.tokens - 1, 1));
    StoredMatrix normed{"final_norm.output", last.rows, last.cols, last.values};
    rms_norm(last.view(), weight, static_cast<float>(network.norm_epsilon),
             {normed.values.data(), normed.rows, normed.cols});
    const std::vector<float> made = logits(model_, last.view(), threads_);
    StoredMatrix scores =
        StoredMatrix::copy("head.output", {made.data(), last.rows, network.vocabulary});
    const auto source = std::make_shared<LayerSource>(model_, ranges_);
    source->set_edge(std::move(last));
    source->set_edge(std::move(normed));
    source->set_edge(std::move(scores));
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
      const MatrixView<const float> before = *sources_[pass]->cached(matrix.name);
      const auto sequences = static_cast<std::int64_t>(streams_.size());
      StoredMatrix rows{matrix.name, 0, matrix.cols, {}};
      for (std::int64_t sequence = 0; sequence < sequences; ++sequence) {
        for (const MatrixView<const float>& part :
             {before, MatrixView<const float>(matrix.view())}) {
          const std::int64_t count = part.rows() / sequences;
          rows.append(part.block(sequence * count, 0, count, part.cols()));
        }
      }
      matrix = std::move(rows);
    }
    sources_[pass + 1]->set_cached(std::move(matrix));
  }
}

}  // namespace razorsim
