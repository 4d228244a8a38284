// SPDX-License-Identifier: Apache-2.0
// The FP32 LLaMA, a layer at a time: the reference, with a tap at every operation. Its matrix
// products can be replaced, which is how other number formats are evaluated.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"
#include "traces/llama/model.h"

namespace razorsim {

/// Called with the name of each edge of llama_operations ("layers.3.q_proj.output", ..) and its
/// FP32 values: tokens x features; scores and softmax (heads x tokens) x keys, only for a single
/// sequence.
using Tap = std::function<void(std::string_view edge, MatrixView<const float> values)>;

enum class Projection { q, k, v, o, gate, up, down };
/// "q_proj" etc., as in operation names.
[[nodiscard]] std::string_view name_of_projection(Projection projection);

/// What attention works on for one sequence. query: m x (heads x head_dim); key and value:
/// (past + m) x (kv_heads x head_dim), key rotated; output like query.
struct AttentionOperands {
  MatrixView<const float> query;
  MatrixView<const float> key;
  MatrixView<const float> value;
  std::int64_t past = 0;
};

/// The matrix products of a layer. The base class computes them in FP32 in a fixed order.
class Products {
 public:
  explicit Products(int threads) : threads_(threads) {}
  virtual ~Products() = default;

  [[nodiscard]] int threads() const { return threads_; }

  /// Called once before the products of a layer; `weights` outlive them.
  virtual void begin_layer(std::int64_t /*layer*/, const LayerWeights& /*weights*/) {}
  /// out = a times weight transposed. a: m x k, weight: n x k. q comes before k and v, gate before
  /// up, and these read the same `a`.
  virtual void linear(std::int64_t layer, Projection projection, MatrixView<const float> a,
                      MatrixView<const float> weight, MatrixView<float> out);
  virtual void attention(std::int64_t layer, const NetworkSpec& network,
                         const AttentionOperands& operands, MatrixView<float> out, const Tap& tap);

 protected:
  int threads_;
};

/// Rotated keys and values of the tokens seen so far, a layer each; for one sequence.
struct KeyValueCache {
  std::vector<std::vector<float>> keys;
  std::vector<std::vector<float>> values;
  std::int64_t tokens = 0;  ///< in every layer; the caller adds the new ones after the last layer
};

/// Runs one layer in place on `stream`, tokens x hidden, the sequences one after the other, each
/// from position 0 or after the cache's tokens (then a single sequence). Same bits on any number of
/// threads.
void forward_layer(const NetworkSpec& network, std::int64_t layer, const LayerWeights& weights,
                   const std::vector<std::int64_t>& sequence_lengths, MatrixView<float> stream,
                   Products& products, const Tap& tap = {}, KeyValueCache* cache = nullptr);

/// Rows of the embedding, tokens x hidden. Throws TraceError for a token outside the vocabulary.
[[nodiscard]] std::vector<float> embed(const Model& model, const std::vector<std::int32_t>& tokens);

/// Final norm and head of `rows` of the stream: rows x vocabulary logits. The head is decoded a
/// block at a time, so it never stands in memory as FP32.
[[nodiscard]] std::vector<float> logits(const Model& model, MatrixView<const float> rows,
                                        int threads);

}  // namespace razorsim
