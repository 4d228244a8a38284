// SPDX-License-Identifier: Apache-2.0
#include "tests/traces/support.h"

#include "traces/io/safetensors.h"
#include "traces/llama/checkpoint.h"

namespace razorsim::test {
namespace {

const std::map<std::string, std::pair<std::string, std::string>>& other_names() {
  static const std::map<std::string, std::pair<std::string, std::string>> names{
      {"input_norm", {"attn_norm", "input_layernorm"}},
      {"q_proj", {"attn_q", "self_attn.q_proj"}},
      {"k_proj", {"attn_k", "self_attn.k_proj"}},
      {"v_proj", {"attn_v", "self_attn.v_proj"}},
      {"o_proj", {"attn_output", "self_attn.o_proj"}},
      {"post_norm", {"ffn_norm", "post_attention_layernorm"}},
      {"gate_proj", {"ffn_gate", "mlp.gate_proj"}},
      {"up_proj", {"ffn_up", "mlp.up_proj"}},
      {"down_proj", {"ffn_down", "mlp.down_proj"}},
  };
  return names;
}

/// "layers.1.q_proj.weight" as {"blk.1.attn_q.weight", "model.layers.1.self_attn.q_proj.weight"}.
std::pair<std::string, std::string> theirs(const std::string& name) {
  if (name == "embedding.weight") return {"token_embd.weight", "model.embed_tokens.weight"};
  if (name == "final_norm.weight") return {"output_norm.weight", "model.norm.weight"};
  if (name == "head.weight") return {"output.weight", "lm_head.weight"};
  const std::size_t dot = name.find('.', 7);
  const std::string layer = name.substr(7, dot - 7);
  const std::string part =
      name.substr(dot + 1, name.size() - dot - 1 - std::string(".weight").size());
  const auto& [gguf, huggingface] = other_names().at(part);
  return {"blk." + layer + "." + gguf + ".weight",
          "model.layers." + layer + "." + huggingface + ".weight"};
}

/// GGUF's order of rows: rotary pairs side by side.
std::vector<float> interleave(const std::vector<float>& rows, std::size_t cols, std::size_t head) {
  std::vector<float> out(rows.size());
  for (std::size_t row = 0; row < rows.size() / cols; ++row) {
    const std::size_t within = row % head;
    const std::size_t to = row - within + within % (head / 2) * 2 + within / (head / 2);
    std::copy_n(rows.data() + row * cols, cols, out.data() + to * cols);
  }
  return out;
}

}  // namespace

TinyModel tiny_model() {
  TinyModel model;
  NetworkSpec& network = model.network;
  network.name = "tiny";
  network.layers = 2;
  network.hidden = 8;
  network.intermediate = 12;
  network.heads = 4;
  network.kv_heads = 2;
  network.head_dim = 4;
  network.vocabulary = 11;
  network.rope_theta = 100;
  std::uint32_t state = 1;
  for (const ExpectedTensor& each : expected_tensors(network)) {
    std::vector<float>& weight = model.weights[each.name];
    for (std::int64_t i = 0; i < each.rows * each.cols; ++i) {
      state = state * 1664525U + 1013904223U;  // Numerical Recipes' generator
      weight.push_back(static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
    }
  }
  return model;
}

std::string tiny_gguf(const TinyModel& model, const std::string& architecture) {
  const NetworkSpec& network = model.network;
  Bytes head;
  head.raw("GGUF")
      .put<std::uint32_t>(3)
      .put<std::uint64_t>(model.weights.size())
      .put<std::uint64_t>(10);
  const auto count = [&](const char* key, std::int64_t value) {
    head.text(key).put<std::uint32_t>(4).put<std::uint32_t>(static_cast<std::uint32_t>(value));
  };
  const auto number = [&](const char* key, double value) {
    head.text(key).put<std::uint32_t>(6).put<float>(static_cast<float>(value));
  };
  head.text("general.architecture").put<std::uint32_t>(8).text(architecture);
  head.text("general.name").put<std::uint32_t>(8).text(network.name);
  count("llama.block_count", network.layers);
  count("llama.embedding_length", network.hidden);
  count("llama.feed_forward_length", network.intermediate);
  count("llama.attention.head_count", network.heads);
  count("llama.attention.head_count_kv", network.kv_heads);
  number("llama.attention.layer_norm_rms_epsilon", network.norm_epsilon);
  number("llama.rope.freq_base", network.rope_theta);
  count("llama.attention.key_length", network.head_dim);  // not hidden / heads here
  std::string text = head.str();
  Bytes infos;
  Bytes data;
  for (const ExpectedTensor& each : expected_tensors(network)) {
    const bool rotated = each.name.find("q_proj") != std::string::npos ||
                         each.name.find("k_proj") != std::string::npos;
    std::vector<float> values = model.weights.at(each.name);
    if (rotated)
      values = interleave(values, static_cast<std::size_t>(each.cols),
                          static_cast<std::size_t>(network.head_dim));
    data.align(32);
    const bool vector = each.rows == 1;
    infos.text(theirs(each.name).first)
        .put<std::uint32_t>(vector ? 1 : 2)
        .put<std::uint64_t>(static_cast<std::uint64_t>(each.cols));
    if (!vector) infos.put<std::uint64_t>(static_cast<std::uint64_t>(each.rows));
    infos.put<std::uint32_t>(0).put<std::uint64_t>(data.str().size());
    data.raw(
        std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
  }
  Bytes whole;
  return whole.raw(text).raw(infos.str()).align(32).raw(data.str()).str();
}

void write_tiny_huggingface(const TinyModel& model, const std::string& folder) {
  const NetworkSpec& network = model.network;
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/config.json")
      << "{\"architectures\": [\"LlamaForCausalLM\"], \"num_hidden_layers\": " << network.layers
      << ", \"hidden_size\": " << network.hidden
      << ", \"intermediate_size\": " << network.intermediate
      << ", \"num_attention_heads\": " << network.heads
      << ", \"num_key_value_heads\": " << network.kv_heads << ", \"head_dim\": " << network.head_dim
      << ", \"vocab_size\": " << network.vocabulary
      << ", \"rms_norm_eps\": 1e-05, \"rope_theta\": " << network.rope_theta
      << ", \"rope_scaling\": null}";
  // Two files, as large models have them.
  std::map<std::string, Tensor> parts[2];
  for (const ExpectedTensor& each : expected_tensors(network)) {
    std::vector<std::int64_t> shape{each.rows, each.cols};
    if (each.rows == 1) shape = {each.cols};
    parts[each.name.starts_with("layers.1.")].emplace(
        theirs(each.name).second, make_tensor(model.weights.at(each.name), shape));
  }
  write_safetensors(folder + "/model-00001-of-00002.safetensors", {}, parts[0]);
  write_safetensors(folder + "/model-00002-of-00002.safetensors", {}, parts[1]);
}

}  // namespace razorsim::test
