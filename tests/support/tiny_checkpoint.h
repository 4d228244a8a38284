// SPDX-License-Identifier: Apache-2.0
// A LLaMA checkpoint small enough for a test: a Hugging Face folder, gone after the test.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "traces/io/safetensors.h"

namespace razorsim::testing {

class TinyCheckpoint {
 public:
  /// `layers` layers of 4 query and 2 key-value heads of 16; weights from a fixed sequence.
  explicit TinyCheckpoint(int layers) {
    std::string pattern = (std::filesystem::temp_directory_path() / "razorsim-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    OutputFile config((path_ / "config.json").string());
    config.write(R"({"model_type": "llama", "num_hidden_layers": )" + std::to_string(layers) +
                 R"(, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
      "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 80, "rms_norm_eps": 1e-05,
      "rope_theta": 100, "tie_word_embeddings": false})");
    config.commit();
    add("model.embed_tokens.weight", {80, 64});
    add("model.norm.weight", {64});
    add("lm_head.weight", {80, 64});
    for (int layer = 0; layer < layers; ++layer) {
      const std::string at = "model.layers." + std::to_string(layer) + ".";
      add(at + "input_layernorm.weight", {64});
      add(at + "post_attention_layernorm.weight", {64});
      add(at + "self_attn.q_proj.weight", {64, 64});
      add(at + "self_attn.k_proj.weight", {32, 64});
      add(at + "self_attn.v_proj.weight", {32, 64});
      add(at + "self_attn.o_proj.weight", {64, 64});
      add(at + "mlp.gate_proj.weight", {96, 64});
      add(at + "mlp.up_proj.weight", {96, 64});
      add(at + "mlp.down_proj.weight", {64, 96});
    }
    write_safetensors((path_ / "model.safetensors").string(), std::map<std::string, std::string>{},
                      tensors_);
  }
  ~TinyCheckpoint() { std::filesystem::remove_all(path_); }
  TinyCheckpoint(const TinyCheckpoint&) = delete;
  TinyCheckpoint& operator=(const TinyCheckpoint&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

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

  std::filesystem::path path_;
  std::uint32_t state_ = 7;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace razorsim::testing
