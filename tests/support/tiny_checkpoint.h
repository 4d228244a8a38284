// SPDX-License-Identifier: Apache-2.0
// A LLaMA checkpoint small enough for a test: a Hugging Face folder, gone after the test.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/support/run_program.h"
#include "traces/io/safetensors.h"

namespace razorsim::testing {

/// Heads are 16 wide; weights come from a fixed sequence.
struct TinyShape {
  int layers = 1;
  int hidden = 64;
  int feed_forward = 96;
  int heads = 4;
  int kv_heads = 2;
  int vocabulary = 80;
  bool tied = false;
  std::uint32_t seed = 7;
  int maximum_context = 0;  ///< 0: config.json does not say
};

class TinyCheckpoint {
 public:
  explicit TinyCheckpoint(const TinyShape& shape) : state_(shape.seed) {
    OutputFile config((folder_.path() / "config.json").string());
    config.write(fmt::format(
        R"({{"model_type": "llama", "num_hidden_layers": {}, "hidden_size": {},
      "intermediate_size": {}, "num_attention_heads": {}, "num_key_value_heads": {}, "head_dim": 16,
      "vocab_size": {}, "rms_norm_eps": 1e-05, "rope_theta": 100, "tie_word_embeddings": {},
      "max_position_embeddings": {}}})",
        shape.layers, shape.hidden, shape.feed_forward, shape.heads, shape.kv_heads,
        shape.vocabulary, shape.tied,
        shape.maximum_context > 0 ? std::to_string(shape.maximum_context) : "null"));
    config.commit();
    const int query = 16 * shape.heads, key = 16 * shape.kv_heads;
    add("model.embed_tokens.weight", {shape.vocabulary, shape.hidden});
    add("model.norm.weight", {shape.hidden});
    if (!shape.tied) add("lm_head.weight", {shape.vocabulary, shape.hidden});
    for (int layer = 0; layer < shape.layers; ++layer) {
      const std::string at = "model.layers." + std::to_string(layer) + ".";
      add(at + "input_layernorm.weight", {shape.hidden});
      add(at + "post_attention_layernorm.weight", {shape.hidden});
      add(at + "self_attn.q_proj.weight", {query, shape.hidden});
      add(at + "self_attn.k_proj.weight", {key, shape.hidden});
      add(at + "self_attn.v_proj.weight", {key, shape.hidden});
      add(at + "self_attn.o_proj.weight", {shape.hidden, query});
      add(at + "mlp.gate_proj.weight", {shape.feed_forward, shape.hidden});
      add(at + "mlp.up_proj.weight", {shape.feed_forward, shape.hidden});
      add(at + "mlp.down_proj.weight", {shape.hidden, shape.feed_forward});
    }
    write_safetensors((folder_.path() / "model.safetensors").string(),
                      std::map<std::string, std::string>{}, tensors_);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }

 private:
  void add(const std::string& name, std::vector<std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t each : shape) count *= each;
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) {
      state_ = state_ * 1664525U + 1013904223U;
      values.push_back(static_cast<float>(state_ >> 8) / 8388608.0F - 1.0F);
    }
    tensors_.emplace(name, make_tensor(std::move(values), std::move(shape)));
  }

  TemporaryFolder folder_;
  std::uint32_t state_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace razorsim::testing
