// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/checkpoint.h"

#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/operators/rope.h"
#include "traces/io/gguf.h"
#include "traces/io/huggingface.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

/// Our name of a tensor and the two others; in a layer, what follows "layers.<i>.", "blk.<i>.",
/// "model.layers.<i>.".
struct Names {
  std::string_view ours;
  std::string_view gguf;
  std::string_view huggingface;
};
constexpr auto outer_names = std::to_array<Names>({
    {"embedding.weight", "token_embd.weight", "model.embed_tokens.weight"},
    {"final_norm.weight", "output_norm.weight", "model.norm.weight"},
    {"head.weight", "output.weight", "lm_head.weight"},
});
constexpr auto layer_names = std::to_array<Names>({
    {"input_norm.weight", "attn_norm.weight", "input_layernorm.weight"},
    {"q_proj.weight", "attn_q.weight", "self_attn.q_proj.weight"},
    {"k_proj.weight", "attn_k.weight", "self_attn.k_proj.weight"},
    {"v_proj.weight", "attn_v.weight", "self_attn.v_proj.weight"},
    {"o_proj.weight", "attn_output.weight", "self_attn.o_proj.weight"},
    {"post_norm.weight", "ffn_norm.weight", "post_attention_layernorm.weight"},
    {"gate_proj.weight", "ffn_gate.weight", "mlp.gate_proj.weight"},
    {"up_proj.weight", "ffn_up.weight", "mlp.up_proj.weight"},
    {"down_proj.weight", "ffn_down.weight", "mlp.down_proj.weight"},
});

/// Calls visit(our name, their name) for every tensor a network of `layers` layers may have.
template <class Visit>
void for_each_name(std::int64_t layers, std::string_view Names::*theirs, std::string_view prefix,
                   Visit visit) {
  for (const Names& each : outer_names) visit(std::string(each.ours), std::string(each.*theirs));
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    for (const Names& each : layer_names) {
      visit(fmt::format("layers.{}.{}", layer, each.ours),
            fmt::format("{}{}.{}", prefix, layer, each.*theirs));
    }
  }
}

/// Metadata of one GGUF file, with complaints.
class Metadata {
 public:
  explicit Metadata(const Gguf& gguf) : gguf_(gguf) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw TraceError(fmt::format("{}: {}", gguf_.file.path(), why));
  }

  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const {
    const auto found = gguf_.metadata.find(key);
    if (found == gguf_.metadata.end()) return otherwise;
    const auto* value = std::get_if<std::string>(&found->second);
    if (value == nullptr) fail(fmt::format("'{}' is no text", key));
    return *value;
  }

  [[nodiscard]] bool has(const std::string& key) const { return gguf_.metadata.contains(key); }

  [[nodiscard]] double number(const std::string& key) const {
    const auto found = gguf_.metadata.find(key);
    if (found == gguf_.metadata.end()) fail(fmt::format("has no '{}'", key));
    if (const auto* value = std::get_if<std::uint64_t>(&found->second))
      return static_cast<double>(*value);
    if (const auto* value = std::get_if<std::int64_t>(&found->second))
      return static_cast<double>(*value);
    if (const auto* value = std::get_if<double>(&found->second)) return *value;
    fail(fmt::format("'{}' is no number", key));
  }
  [[nodiscard]] double number(const std::string& key, double otherwise) const {
    return has(key) ? number(key) : otherwise;
  }
  [[nodiscard]] std::int64_t count(const std::string& key) const {
    const double value = number(key);
    if (!(value >= 0 && value <= 1e15) || value != std::floor(value))
      fail(fmt::format("'{}' is no count", key));
    return static_cast<std::int64_t>(value);
  }

 private:
  const Gguf& gguf_;
};

/// GGUF carries Llama-3's rope scaling as one divisor a pair. They must be those of its published
/// parameters, of which the largest divisor gives the factor.
void read_rope_divisors(const Gguf& gguf, const Metadata& metadata, NetworkSpec& network) {
  const auto found = gguf.tensors.find("rope_freqs.weight");
  if (found == gguf.tensors.end()) return;
  const auto pairs = static_cast<std::size_t>(network.head_dim / 2);
  if (ggml_type_name(found->second.type) != "F32" ||
      found->second.bytes.size() != pairs * sizeof(float)) {
    metadata.fail("'rope_freqs.weight' does not fit the heads");
  }
  std::vector<float> divisors(pairs);
  dequantise_row(Encoding::f32, found->second.bytes, divisors);
  const std::vector<double> plain = rope_frequencies(network);
  for (const float each : divisors)
    network.rope_factor = std::max(network.rope_factor, static_cast<double>(each));
  const std::vector<double> scaled = rope_frequencies(network);
  for (std::size_t i = 0; i < pairs; ++i) {
    if (!(std::abs(plain[i] / scaled[i] - static_cast<double>(divisors[i])) <=
          1e-3 * static_cast<double>(divisors[i]))) {
      metadata.fail(
          "'rope_freqs.weight' is no Llama-3 rope scaling; other kinds are not supported");
    }
  }
}

NetworkSpec gguf_network(const Gguf& gguf, const Metadata& metadata) {
  const std::string architecture = metadata.text("general.architecture", "");
  if (architecture != "llama") {
    metadata.fail(
        fmt::format("architecture {} is not supported; 'llama' is", in_quotes(architecture)));
  }
  NetworkSpec network;
  network.name = metadata.text("general.name", "gguf");
  network.layers = metadata.count("llama.block_count");
  network.hidden = metadata.count("llama.embedding_length");
  network.intermediate = metadata.count("llama.feed_forward_length");
  network.heads = metadata.count("llama.attention.head_count");
  network.kv_heads = metadata.has("llama.attention.head_count_kv")
                         ? metadata.count("llama.attention.head_count_kv")
                         : network.heads;
  if (network.heads < 1) metadata.fail("'llama.attention.head_count' is 0");
  network.head_dim = metadata.has("llama.attention.key_length")
                         ? metadata.count("llama.attention.key_length")
                         : network.hidden / network.heads;
  network.norm_epsilon = metadata.number("llama.attention.layer_norm_rms_epsilon");
  network.rope_theta = metadata.number("llama.rope.freq_base", network.rope_theta);
  const auto embedding = gguf.tensors.find("token_embd.weight");
  if (embedding == gguf.tensors.end() || embedding->second.shape.size() != 2) {
    metadata.fail("has no tensor 'token_embd.weight' of two dimensions");
  }
  network.vocabulary = embedding->second.shape[0];
  network.tied_head = !gguf.tensors.contains("output.weight");
  if (metadata.number("llama.expert_count", 0) != 0)
    metadata.fail("a mixture of experts is not supported");
  if (metadata.number("llama.rope.dimension_count", static_cast<double>(network.head_dim)) !=
      static_cast<double>(network.head_dim)) {
    metadata.fail("a rotary embedding of part of a head is not supported");
  }
  const std::string scaling = metadata.text("llama.rope.scaling.type", "none");
  if (scaling != "none" || metadata.number("llama.rope.scale_linear", 1) != 1) {
    metadata.fail(fmt::format("rope scaling {} is not supported", in_quotes(scaling)));
  }
  return network;
}

Encoding gguf_encoding(const Metadata& metadata, const std::string& name, std::uint32_t type) {
  const std::string wanted = ggml_type_name(type);
  std::string known;
  for (const auto& each : enum_names<Encoding>) {
    if (each.name == wanted) return each.value;
    known += fmt::format("{}{}", known.empty() ? "" : " ", each.name);
  }
  metadata.fail(
      fmt::format("tensor '{}' has the quantisation {}, which is not supported; known are {}", name,
                  wanted, known));
}

void check_ranges(const NetworkSpec& network, const std::string& path) {
  for_each_field<NetworkSpec>([&](const auto& each) {
    using Member = typename std::remove_cvref_t<decltype(each)>::type;
    if constexpr (std::is_arithmetic_v<Member> && !std::is_same_v<Member, bool>) {
      const auto value = static_cast<double>(network.*each.member);
      if (!each.range.holds(value)) {
        throw TraceError(fmt::format("{}: the network's {} is {}; allowed: {} to {}", path,
                                     each.name, value, each.range.low, each.range.high));
      }
    }
  });
  if (network.heads % network.kv_heads != 0) {
    throw TraceError(fmt::format("{}: {} key-value heads do not divide {} heads", path,
                                 network.kv_heads, network.heads));
  }
  if (network.head_dim % 2 != 0) {
    throw TraceError(fmt::format("{}: a head of {} elements cannot be rotated in pairs", path,
                                 network.head_dim));
  }
}

}  // namespace

Checkpoint gguf_checkpoint(const std::string& path) {
  const Gguf gguf = read_gguf(MappedFile(path));
  const Metadata metadata(gguf);
  Checkpoint model{gguf_network(gguf, metadata), 0, {gguf.file}, {}};
  if (metadata.has("llama.context_length"))
    model.maximum_context = metadata.count("llama.context_length");
  check_ranges(model.network, path);
  read_rope_divisors(gguf, metadata, model.network);
  check_ranges(model.network, path);
  const NetworkSpec& network = model.network;
  for_each_name(network.layers, &Names::gguf, "blk.",
                [&](const std::string& ours, const std::string& theirs) {
                  const auto found = gguf.tensors.find(theirs);
                  if (found == gguf.tensors.end() || found->second.shape.empty()) return;
                  const GgufTensor& from = found->second;
                  ModelTensor tensor{gguf_encoding(metadata, theirs, from.type), 1,
                                     from.shape.back(), from.bytes, 0};
                  for (std::size_t i = 0; i + 1 < from.shape.size(); ++i)
                    tensor.rows *= from.shape[i];
                  if (ours.ends_with(".q_proj.weight") || ours.ends_with(".k_proj.weight"))
                    tensor.interleaved_head = network.head_dim;
                  model.tensors.emplace(ours, tensor);
                });
  for (const auto& [name, tensor] : gguf.tensors) {
    if (name.ends_with(".bias"))
      metadata.fail(fmt::format("tensor {} is a bias, which is not supported", in_quotes(name)));
  }
  return model;
}

Checkpoint huggingface_checkpoint(const std::string& folder) {
  HuggingFaceFolder from = read_huggingface(folder);
  check_ranges(from.network, folder);
  Checkpoint model{from.network, from.maximum_context, std::move(from.files), {}};
  for_each_name(model.network.layers, &Names::huggingface, "model.layers.",
                [&](const std::string& ours, const std::string& theirs) {
                  const auto found = from.tensors.find(theirs);
                  if (found == from.tensors.end()) return;
                  const Tensor& tensor = found->second;
                  const std::string_view dtype = name_of(tensor.dtype);
                  if (dtype != "F32" && dtype != "F16" && dtype != "BF16") {
                    throw TraceError(fmt::format(
                        "{}: tensor '{}' is {}, which is not supported; F32, F16 and BF16 are",
                        folder, theirs, dtype));
                  }
                  model.tensors.emplace(ours, ModelTensor{encoding_named(dtype), tensor.rows(),
                                                          tensor.cols(), tensor.bytes, 0});
                });
  return model;
}

std::vector<ExpectedTensor> expected_tensors(const NetworkSpec& network) {
  const std::int64_t queries = network.heads * network.head_dim;
  const std::int64_t keys = network.kv_heads * network.head_dim;
  std::vector<ExpectedTensor> expected{{"embedding.weight", network.vocabulary, network.hidden},
                                       {"final_norm.weight", 1, network.hidden},
                                       {"head.weight", network.vocabulary, network.hidden}};
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    const auto add = [&](const char* name, std::int64_t rows, std::int64_t cols) {
      expected.push_back({fmt::format("layers.{}.{}.weight", layer, name), rows, cols});
    };
    add("input_norm", 1, network.hidden);
    add("q_proj", queries, network.hidden);
    add("k_proj", keys, network.hidden);
    add("v_proj", keys, network.hidden);
    add("o_proj", network.hidden, queries);
    add("post_norm", 1, network.hidden);
    add("gate_proj", network.intermediate, network.hidden);
    add("up_proj", network.intermediate, network.hidden);
    add("down_proj", network.hidden, network.intermediate);
  }
  return expected;
}

}  // namespace razorsim
