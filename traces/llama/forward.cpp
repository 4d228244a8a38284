// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/forward.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/operators/add.h"
#include "models/operators/matmul_f32.h"
#include "models/operators/rms_norm.h"
#include "models/operators/rope.h"
#include "models/operators/silu_gate.h"
#include "models/operators/softmax.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t causal_rows = 48;  // queries whose keys are cut at one column, chosen
constexpr std::int64_t row_block = 64;    // rows a thread takes at a time, chosen

/// A matrix with its storage, and nothing in it yet.
struct Matrix {
  Matrix(std::int64_t rows, std::int64_t cols)
      : elements(std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(rows * cols))),
        view(elements.get(), rows, cols) {}
  std::unique_ptr<float[]> elements;
  MatrixView<float> view;
};

/// One layer at work: names the edges and taps them.
class LayerRun {
 public:
  LayerRun(const NetworkSpec& network, std::int64_t layer, const LayerWeights& weights,
           const std::vector<std::int64_t>& lengths, Products& products, const Tap& tap,
           KeyValueCache* cache)
      : net_(network),
        layer_(layer),
        weights_(weights),
        lengths_(lengths),
        products_(products),
        tap_(tap),
        cache_(cache) {}

  void attention(MatrixView<float> stream) {
    const std::int64_t rows = stream.rows();
    Matrix normed(rows, net_.hidden);
    norm("input_norm", stream, weights_.input_norm, normed.view);
    Matrix query = linear(Projection::q, normed.view, weights_.q_proj, net_.heads * net_.head_dim);
    rotate("rope_q", query.view, net_.heads);
    Matrix key = linear(Projection::k, normed.view, weights_.k_proj, net_.kv_heads * net_.head_dim);
    rotate("rope_k", key.view, net_.kv_heads);
    Matrix value =
        linear(Projection::v, normed.view, weights_.v_proj, net_.kv_heads * net_.head_dim);
    Matrix context(rows, query.view.cols());
    attend(query.view, key.view, value.view, context.view);
    emit("context", context.view);
    const Matrix projected = linear(Projection::o, context.view, weights_.o_proj, net_.hidden);
    residual("attn_residual", stream, projected.view);
  }

  void feed_forward(MatrixView<float> stream) {
    Matrix normed(stream.rows(), net_.hidden);
    norm("post_norm", stream, weights_.post_norm, normed.view);
    Matrix gate = linear(Projection::gate, normed.view, weights_.gate_proj, net_.intermediate);
    const Matrix up = linear(Projection::up, normed.view, weights_.up_proj, net_.intermediate);
    by_rows(stream.rows(), [&](std::int64_t first, std::int64_t count) {
      const auto part = gate.view.block(first, 0, count, net_.intermediate);
      silu_gate(part, up.view.block(first, 0, count, net_.intermediate), part);
    });
    emit("silu_gate", gate.view);
    const Matrix down = linear(Projection::down, gate.view, weights_.down_proj, net_.hidden);
    residual("mlp_residual", stream, down.view);
  }

 private:
  void emit(std::string_view operation, MatrixView<const float> values) const {
    if (tap_) tap_(fmt::format("layers.{}.{}.output", layer_, operation), values);
  }

  /// Shares what works on each row by itself.
  template <class Work>
  void by_rows(std::int64_t rows, const Work& work) const {
    parallel_for((rows + row_block - 1) / row_block, products_.threads(), [&](std::int64_t block) {
      work(block * row_block, std::min(row_block, rows - block * row_block));
    });
  }

  void norm(std::string_view name, MatrixView<const float> x, const std::vector<float>& weight,
            MatrixView<float> out) {
    by_rows(x.rows(), [&](std::int64_t first, std::int64_t count) {
      rms_norm(x.block(first, 0, count, x.cols()), weight, static_cast<float>(net_.norm_epsilon),
               out.block(first, 0, count, x.cols()));
    });
    emit(name, out);
  }

  void residual(std::string_view name, MatrixView<float> stream, MatrixView<const float> x) {
    by_rows(x.rows(), [&](std::int64_t first, std::int64_t count) {
      const auto part = stream.block(first, 0, count, x.cols());
      add(part, x.block(first, 0, count, x.cols()), part);
    });
    emit(name, stream);
  }

  Matrix linear(Projection projection, MatrixView<const float> a, const std::vector<float>& weight,
                std::int64_t n) {
    Matrix out(a.rows(), n);
    products_.linear(layer_, projection, a, {weight.data(), n, a.cols()}, out.view);
    emit(name_of_projection(projection), out.view);
    return out;
  }

  void rotate(std::string_view name, MatrixView<float> x, std::int64_t heads) {
    const std::int64_t past = cache_ == nullptr ? 0 : cache_->tokens;
    const RopeTable table(net_, past, *std::max_element(lengths_.begin(), lengths_.end()));
    parallel_for(heads, products_.threads(), [&](std::int64_t head) {
      std::int64_t row = 0;
      for (const std::int64_t length : lengths_) {
        const auto part = x.block(row, head * net_.head_dim, length, net_.head_dim);
        table.rotate(part, part);
        row += length;
      }
    });
    emit(name, x);
  }

  void attend(MatrixView<const float> query, MatrixView<const float> key,
              MatrixView<const float> value, MatrixView<float> context) {
    const bool single = lengths_.size() == 1;
    if (cache_ != nullptr) {
      promise(single, "a cache holds a single sequence");
      const auto whole_key = append(cache_->keys, key);
      const auto whole_value = append(cache_->values, value);
      products_.attention(layer_, net_, {query, whole_key, whole_value, cache_->tokens}, context,
                          tap_);
      return;
    }
    std::int64_t row = 0;
    for (const std::int64_t length : lengths_) {
      const auto part = [&](const auto& matrix) {
        return matrix.block(row, 0, length, matrix.cols());
      };
      products_.attention(layer_, net_, {part(query), part(key), part(value), 0}, part(context),
                          single ? tap_ : Tap());
      row += length;
    }
  }

  MatrixView<const float> append(std::vector<std::vector<float>>& layers,
                                 MatrixView<const float> rows) const {
    layers.resize(static_cast<std::size_t>(net_.layers));
    std::vector<float>& held = layers[static_cast<std::size_t>(layer_)];
    held.insert(held.end(), rows.data(), rows.data() + rows.size());
    return {held.data(), cache_->tokens + rows.rows(), rows.cols()};
  }

  const NetworkSpec& net_;
  std::int64_t layer_;
  const LayerWeights& weights_;
  const std::vector<std::int64_t>& lengths_;
  Products& products_;
  const Tap& tap_;
  KeyValueCache* cache_;
};

}  // namespace

std::string_view name_of_projection(Projection projection) {
  constexpr std::array<std::string_view, 7> names{"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                                  "gate_proj", "up_proj", "down_proj"};
  return names[static_cast<std::size_t>(projection)];
}

void Products::linear(std::int64_t, Projection, MatrixView<const float> a,
                      MatrixView<const float> weight, MatrixView<float> out) {
  matmul_f32(a, weight, out, threads_);
}

void Products::attention(std::int64_t layer, const NetworkSpec& network,
                         const AttentionOperands& operands, MatrixView<float> out, const Tap& tap) {
  const std::int64_t m = operands.query.rows();
  const std::int64_t n = operands.key.rows();
  const std::int64_t dim = network.head_dim;
  const std::int64_t shared = network.heads / network.kv_heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  const std::int64_t kept = tap ? network.heads : 0;
  Matrix all_scores(kept * m, n);
  Matrix all_weights(kept * m, n);
  const auto part = [&](const auto& matrix, std::int64_t which) {
    return matrix.block(0, which * dim, matrix.rows(), dim);
  };
  std::vector<PackedF32> keys(static_cast<std::size_t>(network.kv_heads));
  std::vector<PackedF32> values(keys.size());
  parallel_for(network.kv_heads, threads_, [&](std::int64_t head) {
    keys[static_cast<std::size_t>(head)] = PackedF32::transposed(part(operands.key, head));
    values[static_cast<std::size_t>(head)] = PackedF32::plain(part(operands.value, head));
  });
  parallel_for(network.heads, threads_, [&](std::int64_t head) {
    const auto shared_head = static_cast<std::size_t>(head / shared);
    Matrix own(tap ? 0 : m, n);
    const auto scores = tap ? all_scores.view.block(head * m, 0, m, n) : own.view;
    const auto weights = tap ? all_weights.view.block(head * m, 0, m, n) : own.view;
    const auto query = part(operands.query, head);
    const auto result = part(out, head);
    // Softmax reads no key behind a token, and leaves 0 there; a tap sees whole rows.
    const auto by_rows = [&](const auto& work) {
      for (std::int64_t first = 0; first < m; first += causal_rows) {
        const std::int64_t count = std::min(causal_rows, m - first);
        work(first, count, std::min(n, operands.past + first + count));
      }
    };
    by_rows([&](std::int64_t first, std::int64_t count, std::int64_t seen) {
      matmul_f32(query.block(first, 0, count, dim), keys[shared_head],
                 scores.block(first, 0, count, tap ? n : seen));
    });
    softmax(scores, scale, operands.past, weights);
    by_rows([&](std::int64_t first, std::int64_t count, std::int64_t seen) {
      matmul_f32(weights.block(first, 0, count, seen), values[shared_head],
                 result.block(first, 0, count, dim));
    });
  });
  if (!tap) return;
  tap(fmt::format("layers.{}.scores.output", layer), all_scores.view);
  tap(fmt::format("layers.{}.softmax.output", layer), all_weights.view);
}

void forward_layer(const NetworkSpec& network, std::int64_t layer, const LayerWeights& weights,
                   const std::vector<std::int64_t>& sequence_lengths, MatrixView<float> stream,
                   Products& products, const Tap& tap, KeyValueCache* cache) {
  promise(std::accumulate(sequence_lengths.begin(), sequence_lengths.end(), std::int64_t{0}) ==
              stream.rows(),
          "the sequences make up the stream");
  if (tap) tap(fmt::format("layers.{}.input", layer), stream);
  products.begin_layer(layer, weights);
  LayerRun run(network, layer, weights, sequence_lengths, products, tap, cache);
  run.attention(stream);
  run.feed_forward(stream);
}

std::vector<float> embed(const Model& model, const std::vector<std::int32_t>& tokens) {
  const std::int64_t hidden = model.network().hidden;
  const std::int64_t vocabulary = model.network().vocabulary;
  std::vector<float> stream;
  stream.reserve(tokens.size() * static_cast<std::size_t>(hidden));
  for (const std::int32_t token : tokens) {
    if (token < 0 || token >= vocabulary) {
      throw TraceError(
          fmt::format("token {} lies outside the vocabulary of {}", token, vocabulary));
    }
    const std::vector<float> row = model.rows("embedding.weight", token, 1);
    stream.insert(stream.end(), row.begin(), row.end());
  }
  return stream;
}

std::vector<float> logits(const Model& model, MatrixView<const float> rows, int threads) {
  const NetworkSpec& network = model.network();
  Matrix normed(rows.rows(), network.hidden);
  rms_norm(rows, model.weight("final_norm.weight"), static_cast<float>(network.norm_epsilon),
           normed.view);
  std::vector<float> out(static_cast<std::size_t>(rows.rows() * network.vocabulary));
  const MatrixView<float> all(out.data(), rows.rows(), network.vocabulary);
  constexpr std::int64_t block = 2048;  // rows of the head at a time, chosen
  parallel_for((network.vocabulary + block - 1) / block, threads, [&](std::int64_t i) {
    const std::int64_t first = i * block;
    const std::int64_t count = std::min(block, network.vocabulary - first);
    const std::vector<float> head = model.rows("head.weight", first, count);
    matmul_f32(normed.view, {head.data(), count, network.hidden},
               all.block(0, first, rows.rows(), count));
  });
  return out;
}

}  // namespace razorsim
