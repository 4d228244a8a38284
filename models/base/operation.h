// SPDX-License-Identifier: Apache-2.0
// The unit of work of a trace: one matrix product or one vector operation of LLaMA inference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

enum class OperationKind {
  rms_norm,
  linear,
  rope,
  scores,
  softmax,
  context,
  silu_gate,
  add,
  embedding,
};
template <>
inline constexpr auto enum_names<OperationKind> = std::to_array<EnumName<OperationKind>>({
    {OperationKind::rms_norm, "rms_norm", "root-mean-square norm of each row, times a weight"},
    {OperationKind::linear, "linear", "activations (m x k) times weights (n x k) transposed"},
    {OperationKind::rope, "rope", "rotary position embedding of query or key heads"},
    {OperationKind::scores, "scores", "query times key transposed, a head"},
    {OperationKind::softmax, "softmax", "row softmax of the scaled scores, causal"},
    {OperationKind::context, "context", "softmax output times value, a head"},
    {OperationKind::silu_gate, "silu_gate", "silu(gate) times up, element by element"},
    {OperationKind::add, "add", "residual addition"},
    {OperationKind::embedding, "embedding", "a row of a table a token"},
});

/// Shapes: `heads` independent products of (m x k) by (n x k) transposed; 1 for linear operations.
/// A vector operation works on `heads` x m rows of n elements and has k = 0.
/// Attention counts a product a query head and sequence: heads = query heads x batch, in groups of
/// heads / kv_heads that share one K and V; m = new tokens a sequence; `past` = tokens cached
/// before the first of them, so row i may see columns 0 .. past + i.
struct Operation {
  std::string name;  ///< e.g. "layers.0.q_proj"
  OperationKind kind = OperationKind::linear;
  int layer = 0;  ///< -1: outside the layers (embedding, final norm, head)
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::int64_t past = 0;
  bool is_head = false;             ///< the output head, which has formats of its own
  std::vector<std::string> inputs;  ///< names of tensors, left operand first
  std::string weight;               ///< weight tensor of linear and rms_norm, else ""
  std::string output;               ///< name of the tensor it makes

  [[nodiscard]] bool is_product() const {
    return kind == OperationKind::linear || kind == OperationKind::scores ||
           kind == OperationKind::context;
  }
  bool operator==(const Operation&) const = default;
};
template <>
inline constexpr auto fields<Operation> = field_table<Operation>(
    field("name", &Operation::name, "", any_value, "unique name, layers.<i>.<operation>"),
    field("kind", &Operation::kind, "", any_value, "what it computes"),
    field("layer", &Operation::layer, "", at_least(-1),
          "index of its decoder layer, -1 outside the layers"),
    field("heads", &Operation::heads, "products", between(1, 1 << 24),
          "independent products of this shape"),
    field("kv_heads", &Operation::kv_heads, "", between(1, 1 << 24),
          "distinct right operands among them"),
    field("m", &Operation::m, "rows", between(1, 1 << 28), "rows of the left operand: tokens"),
    field("k", &Operation::k, "elements", between(0, 1 << 28),
          "length of the reduction, 0 for vector operations"),
    field("n", &Operation::n, "columns", between(1, 1 << 28), "columns of the output"),
    field("past", &Operation::past, "tokens", between(0, 1 << 28),
          "cached tokens before the first row"),
    field("is_head", &Operation::is_head, "", any_value, "true for the output head"),
    field("inputs", &Operation::inputs, "", any_value,
          "names of the input tensors, left operand first"),
    field("weight", &Operation::weight, "", any_value,
          "name of the weight tensor, empty where there is none"),
    field("output", &Operation::output, "", any_value, "name of the output tensor"));

/// A LLaMA-architecture network, as in `configs/networks` and Hugging Face's config.json.
struct NetworkSpec {
  std::string name = "custom";
  std::int64_t layers = 1;
  std::int64_t hidden = 64;
  std::int64_t intermediate = 128;
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 64;
  std::int64_t vocabulary = 256;
  double norm_epsilon = 1e-5;
  double rope_theta = 10000;
  double rope_factor = 1;  ///< Llama-3 scaling; 1 means none
  double rope_low_frequency_factor = 1;
  double rope_high_frequency_factor = 4;
  std::int64_t rope_original_context = 8192;
  bool tied_head = false;

  bool operator==(const NetworkSpec&) const = default;
};
template <>
inline constexpr auto fields<NetworkSpec> = field_table<NetworkSpec>(
    field("name", &NetworkSpec::name, "", any_value, "name used by --network"),
    field("layers", &NetworkSpec::layers, "", between(1, 4096), "decoder layers"),
    field("hidden", &NetworkSpec::hidden, "elements", between(1, 1 << 20),
          "width of the residual stream"),
    field("intermediate", &NetworkSpec::intermediate, "elements", between(1, 1 << 20),
          "width of the feed-forward network"),
    field("heads", &NetworkSpec::heads, "", between(1, 4096), "query heads"),
    field("kv_heads", &NetworkSpec::kv_heads, "", between(1, 4096),
          "key-value heads; divides heads"),
    field("head_dim", &NetworkSpec::head_dim, "elements", between(2, 4096), "width of one head"),
    field("vocabulary", &NetworkSpec::vocabulary, "tokens", between(1, 1 << 24),
          "rows of the embedding"),
    field("norm_epsilon", &NetworkSpec::norm_epsilon, "", between(0, 1), "epsilon of RMSNorm"),
    field("rope_theta", &NetworkSpec::rope_theta, "", between(1, 1e12),
          "base of the rotary frequencies"),
    field("rope_factor", &NetworkSpec::rope_factor, "", between(1, 1024),
          "Llama-3 rope scaling factor, 1 for none"),
    field("rope_low_frequency_factor", &NetworkSpec::rope_low_frequency_factor, "",
          between(0, 1024), "Llama-3 rope scaling"),
    field("rope_high_frequency_factor", &NetworkSpec::rope_high_frequency_factor, "",
          between(0, 1024), "Llama-3 rope scaling"),
    field("rope_original_context", &NetworkSpec::rope_original_context, "tokens",
          between(1, 1 << 28), "Llama-3 rope scaling"),
    field("tied_head", &NetworkSpec::tied_head, "", any_value,
          "the head shares the embedding's weights"));

}  // namespace razorsim
