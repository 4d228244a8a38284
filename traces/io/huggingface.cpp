// SPDX-License-Identifier: Apache-2.0
#include "traces/io/huggingface.h"

#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

using nlohmann::json;

/// One JSON file, and complaints about it.
class Config {
 public:
  explicit Config(std::string path) : path_(std::move(path)) {
    value_ = json::parse(read_text(path_), nullptr, false);
    if (!value_.is_object()) fail("is no JSON object");
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw TraceError(fmt::format("{}: {}", path_, why));
  }
  [[nodiscard]] const json& root() const { return value_; }

  /// A member that is present and not null, else null.
  [[nodiscard]] static const json* find(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  /// An integer within the range of NetworkSpec's field `member`.
  void count(const char* key, std::int64_t NetworkSpec::*member, NetworkSpec& network) const {
    if (find(value_, key) == nullptr) fail(fmt::format("has no '{}'", key));
    network.*member = count(key, 0);
  }
  /// One beyond any NetworkSpec, `otherwise` where it is not there.
  [[nodiscard]] std::int64_t count(const char* key, std::int64_t otherwise) const {
    const json* value = find(value_, key);
    if (value == nullptr) return otherwise;
    if (!value->is_number_unsigned() || value->get<double>() > 1e15) {
      fail(fmt::format("'{}' is no count", key));
    }
    return value->get<std::int64_t>();
  }

  [[nodiscard]] double number(const json& object, const char* key, double otherwise) const {
    const json* value = find(object, key);
    if (value == nullptr) return otherwise;
    if (!value->is_number()) fail(fmt::format("'{}' is no number", key));
    return value->get<double>();
  }

  [[nodiscard]] std::string text(const json& object, const char* key, const char* otherwise) const {
    const json* value = find(object, key);
    if (value == nullptr) return otherwise;
    if (!value->is_string()) fail(fmt::format("'{}' is no text", key));
    return value->get<std::string>();
  }

  [[nodiscard]] bool flag(const char* key) const {
    const json* value = find(value_, key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) fail(fmt::format("'{}' is neither true nor false", key));
    return value->get<bool>();
  }

 private:
  std::string path_;
  json value_;
};

void check_architecture(const Config& config) {
  std::string name = config.text(config.root(), "model_type", "");
  if (const json* list = Config::find(config.root(), "architectures")) {
    if (list->is_array() && !list->empty() && list->front().is_string()) {
      name = list->front().get<std::string>();
    }
  }
  if (name != "LlamaForCausalLM" && name != "llama") {
    config.fail(
        fmt::format("architecture {} is not supported; LlamaForCausalLM is", in_quotes(name)));
  }
  if (const json* how = Config::find(config.root(), "quantization_config")) {
    const std::string method = how->is_object() ? config.text(*how, "quant_method", "?") : "?";
    config.fail(fmt::format("weights quantised by {} are not supported; F32, F16 and BF16 are",
                            in_quotes(method)));
  }
  for (const char* bias : {"attention_bias", "mlp_bias"}) {
    if (config.flag(bias)) config.fail(fmt::format("'{}' is not supported", bias));
  }
  if (const std::string act = config.text(config.root(), "hidden_act", "silu"); act != "silu") {
    config.fail(fmt::format("the activation {} is not supported; 'silu' is", in_quotes(act)));
  }
}

void read_rope(const Config& config, NetworkSpec& network) {
  network.rope_theta = config.number(config.root(), "rope_theta", network.rope_theta);
  // rope_scaling until transformers 4, rope_parameters (theta included) since 5.
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const json* rope = Config::find(config.root(), key);
    if (rope == nullptr) continue;
    if (!rope->is_object()) config.fail(fmt::format("'{}' is no object", key));
    network.rope_theta = config.number(*rope, "rope_theta", network.rope_theta);
    std::string type = config.text(*rope, "rope_type", "");
    if (type.empty()) type = config.text(*rope, "type", "default");
    if (type == "default") continue;
    if (type != "llama3") {
      config.fail(fmt::format("rope scaling {} is not supported; 'llama3' is", in_quotes(type)));
    }
    network.rope_factor = config.number(*rope, "factor", network.rope_factor);
    network.rope_low_frequency_factor =
        config.number(*rope, "low_freq_factor", network.rope_low_frequency_factor);
    network.rope_high_frequency_factor =
        config.number(*rope, "high_freq_factor", network.rope_high_frequency_factor);
    const double context = config.number(*rope, "original_max_position_embeddings", 8192);
    if (!(context >= 1 && context <= 1 << 28))
      config.fail("'original_max_position_embeddings' is out of range");
    network.rope_original_context = static_cast<std::int64_t>(context);
  }
}

NetworkSpec read_network(const Config& config, const std::filesystem::path& folder) {
  check_architecture(config);
  NetworkSpec network;
  network.name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
  config.count("num_hidden_layers", &NetworkSpec::layers, network);
  config.count("hidden_size", &NetworkSpec::hidden, network);
  config.count("intermediate_size", &NetworkSpec::intermediate, network);
  config.count("num_attention_heads", &NetworkSpec::heads, network);
  config.count("vocab_size", &NetworkSpec::vocabulary, network);
  network.kv_heads = network.heads;
  if (Config::find(config.root(), "num_key_value_heads") != nullptr) {
    config.count("num_key_value_heads", &NetworkSpec::kv_heads, network);
  }
  if (Config::find(config.root(), "head_dim") != nullptr) {
    config.count("head_dim", &NetworkSpec::head_dim, network);
  } else {
    network.head_dim = network.heads > 0 ? network.hidden / network.heads : 0;
  }
  network.norm_epsilon =
      config.number(config.root(), "rms_norm_eps", 1e-6);  // transformers' default
  network.tied_head = config.flag("tie_word_embeddings");
  read_rope(config, network);
  return network;
}

std::set<std::filesystem::path> weight_files(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> files;
  const auto index = folder / "model.safetensors.index.json";
  std::error_code ignored;
  if (!std::filesystem::exists(index, ignored)) {
    for (const auto& each : std::filesystem::directory_iterator(folder, ignored)) {
      if (each.path().extension() == ".safetensors") files.insert(each.path());
    }
    if (files.empty())
      throw TraceError(fmt::format("{}: holds no .safetensors file", folder.string()));
    return files;
  }
  const Config config(index.string());
  const json* map = Config::find(config.root(), "weight_map");
  if (map == nullptr || !map->is_object()) config.fail("has no 'weight_map'");
  for (const auto& [name, file] : map->items()) {
    const std::string text = config.text(*map, name.c_str(), "");
    // A shard lies in the folder: an index must not make us read elsewhere.
    if (text.empty() || std::filesystem::path(text).filename() != text ||
        !std::filesystem::is_regular_file(folder / text, ignored)) {
      config.fail(fmt::format("{} is no file of the folder", in_quotes(text)));
    }
    files.insert(folder / text);
  }
  return files;
}

}  // namespace

HuggingFaceFolder read_huggingface(const std::string& folder) {
  HuggingFaceFolder model;
  const std::filesystem::path path(folder);
  const Config config((path / "config.json").string());
  model.network = read_network(config, path);
  model.maximum_context = config.count("max_position_embeddings", 0);
  for (const auto& file : weight_files(path)) {
    model.files.emplace_back(file.string());
    for (auto& [name, tensor] : read_safetensors(model.files.back()).tensors) {
      if (!model.tensors.try_emplace(name, std::move(tensor)).second) {
        throw TraceError(
            fmt::format("{}: tensor {} is in another file too", file.string(), in_quotes(name)));
      }
    }
  }
  return model;
}

}  // namespace razorsim
