// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/forward.h"

#include <cmath>

#include <gmock/gmock.h>

#include "tests/traces/support.h"
#include "traces/io/safetensors.h"

namespace razorsim {
namespace {

using test::Folder;
using test::tiny_gguf;
using test::tiny_model;
using test::TinyModel;
using test::trace_error_of;
using test::write_bytes;
using testing::HasSubstr;

using Rows = std::vector<std::vector<double>>;

/// LLaMA in double precision, written from its paper alone and as plainly as possible: the oracle.
class Oracle {
 public:
  explicit Oracle(const TinyModel& model) : model_(model), net_(model.network) {}

  Rows logits(const std::vector<std::int32_t>& tokens) const {
    Rows x;
    for (const std::int32_t token : tokens)
      x.push_back(row(weight("embedding.weight"), token, net_.hidden));
    for (std::int64_t layer = 0; layer < net_.layers; ++layer) {
      const std::string at = "layers." + std::to_string(layer) + ".";
      add(x, linear(attention(norm(x, at + "input_norm.weight"), at), at + "o_proj.weight",
                    net_.hidden));
      const Rows h = norm(x, at + "post_norm.weight");
      Rows gate = linear(h, at + "gate_proj.weight", net_.intermediate);
      const Rows up = linear(h, at + "up_proj.weight", net_.intermediate);
      for (std::size_t t = 0; t < gate.size(); ++t) {
        for (std::size_t i = 0; i < gate[t].size(); ++i)
          gate[t][i] = gate[t][i] / (1 + std::exp(-gate[t][i])) * up[t][i];
      }
      add(x, linear(gate, at + "down_proj.weight", net_.hidden));
    }
    return linear(norm(x, "final_norm.weight"), "head.weight", net_.vocabulary);
  }

 private:
  const std::vector<float>& weight(const std::string& name) const {
    return model_.weights.at(name);
  }
  static std::vector<double> row(const std::vector<float>& matrix, std::int64_t index,
                                 std::int64_t cols) {
    return {matrix.begin() + index * cols, matrix.begin() + (index + 1) * cols};
  }
  static void add(Rows& x, const Rows& y) {
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t i = 0; i < x[t].size(); ++i) x[t][i] += y[t][i];
    }
  }
  Rows norm(const Rows& x, const std::string& name) const {
    Rows out = x;
    for (auto& row : out) {
      double squares = 0;
      for (const double each : row) squares += each * each;
      const double factor =
          1 / std::sqrt(squares / static_cast<double>(row.size()) + net_.norm_epsilon);
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] *= factor * static_cast<double>(weight(name)[i]);
    }
    return out;
  }
  Rows linear(const Rows& x, const std::string& name, std::int64_t n) const {
    Rows out;
    for (const auto& from : x) {
      auto& to = out.emplace_back();
      for (std::int64_t j = 0; j < n; ++j) {
        const std::vector<double> w = row(weight(name), j, std::ssize(from));
        double sum = 0;
        for (std::size_t i = 0; i < from.size(); ++i) sum += from[i] * w[i];
        to.push_back(sum);
      }
    }
    return out;
  }
  void rotate(Rows& x) const {
    const auto dim = static_cast<std::size_t>(net_.head_dim);
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t head = 0; head < x[t].size(); head += dim) {
        for (std::size_t i = 0; i < dim / 2; ++i) {
          const double angle =
              static_cast<double>(t) *
              std::pow(net_.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
          const double a = x[t][head + i];
          const double b = x[t][head + i + dim / 2];
          x[t][head + i] = a * std::cos(angle) - b * std::sin(angle);
          x[t][head + i + dim / 2] = b * std::cos(angle) + a * std::sin(angle);
        }
      }
    }
  }
  Rows attention(const Rows& h, const std::string& at) const {
    const auto dim = static_cast<std::size_t>(net_.head_dim);
    Rows q = linear(h, at + "q_proj.weight", net_.heads * net_.head_dim);
    Rows k = linear(h, at + "k_proj.weight", net_.kv_heads * net_.head_dim);
    const Rows v = linear(h, at + "v_proj.weight", net_.kv_heads * net_.head_dim);
    rotate(q);
    rotate(k);
    Rows out(h.size(), std::vector<double>(q[0].size()));
    for (std::size_t head = 0; head < static_cast<std::size_t>(net_.heads); ++head) {
      const std::size_t own = head * dim;
      const std::size_t shared = head / static_cast<std::size_t>(net_.heads / net_.kv_heads) * dim;
      for (std::size_t t = 0; t < h.size(); ++t) {
        std::vector<double> p;
        double sum = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          double dot = 0;
          for (std::size_t i = 0; i < dim; ++i) dot += q[t][own + i] * k[s][shared + i];
          p.push_back(std::exp(dot / std::sqrt(static_cast<double>(dim))));
          sum += p.back();
        }
        for (std::size_t s = 0; s <= t; ++s) {
          for (std::size_t i = 0; i < dim; ++i) out[t][own + i] += p[s] / sum * v[s][shared + i];
        }
      }
    }
    return out;
  }

  const TinyModel& model_;
  const NetworkSpec& net_;
};

const std::vector<std::int32_t> some_tokens{1, 5, 0, 10, 3, 3, 7};

std::vector<float> run(const Model& model, const std::vector<std::int32_t>& tokens, int threads) {
  std::vector<float> stream = embed(model, tokens);
  const MatrixView<float> view(stream.data(), std::ssize(tokens), model.network().hidden);
  Products products(threads);
  for (std::int64_t layer = 0; layer < model.network().layers; ++layer) {
    forward_layer(model.network(), layer, load_layer(model, layer), {view.rows()}, view, products);
  }
  return logits(model, view, threads);
}

TEST(Forward, EqualsAnOracleInDoublePrecision) {
  const Folder folder;
  const TinyModel tiny = tiny_model();
  write_bytes(folder / "m.gguf", tiny_gguf(tiny));
  const std::vector<float> got = run(Model(folder / "m.gguf"), some_tokens, 1);
  const Rows expected = Oracle(tiny).logits(some_tokens);
  for (std::size_t t = 0; t < expected.size(); ++t) {
    for (std::size_t i = 0; i < expected[t].size(); ++i) {
      EXPECT_NEAR(static_cast<double>(got[t * expected[t].size() + i]), expected[t][i], 2e-5)
          << t << ' ' << i;
    }
  }
}

TEST(Forward, GgufAndHuggingFaceGiveTheSameBits) {
  const Folder folder;
  const TinyModel tiny = tiny_model();
  write_bytes(folder / "m.gguf", tiny_gguf(tiny));
  test::write_tiny_huggingface(tiny, folder / "hf");
  const Model gguf(folder / "m.gguf");
  const Model huggingface(folder / "hf");
  EXPECT_EQ(gguf.weight("layers.1.q_proj.weight"), huggingface.weight("layers.1.q_proj.weight"));
  EXPECT_EQ(run(gguf, some_tokens, 1), run(huggingface, some_tokens, 1));
  EXPECT_EQ(gguf.network().kv_heads, huggingface.network().kv_heads);
  EXPECT_EQ(gguf.network().norm_epsilon, 1e-5);
}

TEST(Forward, DependsOnNoThreadCount) {
  const Folder folder;
  write_bytes(folder / "m.gguf", tiny_gguf(tiny_model()));
  const Model model(folder / "m.gguf");
  EXPECT_EQ(run(model, some_tokens, 1), run(model, some_tokens, 3));
}

TEST(Forward, TokenByTokenWithACacheEqualsAllAtOnce) {
  const Folder folder;
  write_bytes(folder / "m.gguf", tiny_gguf(tiny_model()));
  const Model model(folder / "m.gguf");
  const NetworkSpec& network = model.network();
  const std::vector<float> whole = run(model, some_tokens, 1);
  KeyValueCache cache;
  Products products(1);
  for (std::size_t t = 0; t < some_tokens.size(); ++t) {
    std::vector<float> stream = embed(model, {some_tokens[t]});
    const MatrixView<float> view(stream.data(), 1, network.hidden);
    for (std::int64_t layer = 0; layer < network.layers; ++layer) {
      forward_layer(network, layer, load_layer(model, layer), {1}, view, products, {}, &cache);
    }
    ++cache.tokens;
    const std::vector<float> step = logits(model, view, 1);
    for (std::size_t i = 0; i < step.size(); ++i)
      EXPECT_EQ(step[i], whole[t * step.size() + i]) << t << ' ' << i;
  }
}

TEST(Forward, SequencesDoNotSeeEachOther) {
  const Folder folder;
  write_bytes(folder / "m.gguf", tiny_gguf(tiny_model()));
  const Model model(folder / "m.gguf");
  const NetworkSpec& network = model.network();
  std::vector<float> stream = embed(model, some_tokens);
  const MatrixView<float> view(stream.data(), 7, network.hidden);
  Products products(1);
  for (std::int64_t layer = 0; layer < 2; ++layer)
    forward_layer(network, layer, load_layer(model, layer), {4, 3}, view, products);
  const std::vector<float> both = logits(model, view, 1);
  std::vector<float> apart = run(model, {some_tokens.begin(), some_tokens.begin() + 4}, 1);
  const std::vector<float> second = run(model, {some_tokens.begin() + 4, some_tokens.end()}, 1);
  apart.insert(apart.end(), second.begin(), second.end());
  EXPECT_EQ(both, apart);
}

TEST(Model, NamesWhatItDoesNotSupport) {
  const Folder folder;
  const TinyModel tiny = tiny_model();
  const auto refusal = [&](const std::string& bytes) {
    write_bytes(folder / "m.gguf", bytes);
    return trace_error_of([&] { static_cast<void>(Model(folder / "m.gguf")); });
  };
  EXPECT_THAT(refusal(tiny_gguf(tiny, "gemma2")), HasSubstr("architecture 'gemma2'"));
  std::string bytes = tiny_gguf(tiny);
  // The type of a tensor stands behind its name and shape: token_embd.weight, rank 2, 8 x 11.
  const std::size_t at = bytes.find("token_embd.weight") + 17 + 4 + 16;
  bytes[at] = 10;
  EXPECT_THAT(refusal(bytes), HasSubstr("Q2_K"));

  test::write_tiny_huggingface(tiny, folder / "hf");
  const auto refused_config = [&](const std::string& key, const std::string& value) {
    std::string config = test::read_bytes(folder / "hf/config.json");
    const std::string saved = config;
    config.insert(config.size() - 1, ", \"" + key + "\": " + value);
    write_bytes(folder / "hf/config.json", config);
    const std::string message = trace_error_of([&] { static_cast<void>(Model(folder / "hf")); });
    write_bytes(folder / "hf/config.json", saved);
    return message;
  };
  EXPECT_THAT(refused_config("architectures", "[\"MixtralForCausalLM\"]"),
              HasSubstr("'MixtralForCausalLM'"));
  EXPECT_THAT(refused_config("quantization_config", "{\"quant_method\": \"gptq\"}"),
              HasSubstr("'gptq'"));
  EXPECT_THAT(refused_config("rope_scaling", "{\"type\": \"yarn\", \"factor\": 4}"),
              HasSubstr("'yarn'"));
  EXPECT_THAT(refused_config("hidden_act", "\"gelu\""), HasSubstr("'gelu'"));
  EXPECT_THAT(refused_config("num_key_value_heads", "3"), HasSubstr("3 key-value heads"));
  EXPECT_THAT(refused_config("num_hidden_layers", "3"), HasSubstr("no tensor for 'layers.2."));
  EXPECT_THAT(refused_config("intermediate_size", "13"),
              HasSubstr("12 x 8; its configuration says 13 x 8"));
  write_bytes(folder / "hf/model.safetensors.index.json",
              "{\"weight_map\": {\"a\": \"../m.gguf\"}}");
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(Model(folder / "hf")); }),
              HasSubstr("no file of the folder"));
}

TEST(Model, ReadsLlama3ScalingAndATiedHead) {
  const Folder folder;
  test::write_tiny_huggingface(tiny_model(), folder / "hf");
  std::string config = test::read_bytes(folder / "hf/config.json");
  config.insert(config.size() - 1,
                R"(, "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3",
    "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192})");
  write_bytes(folder / "hf/config.json", config);
  const Model model(folder / "hf");
  EXPECT_EQ(model.network().rope_factor, 32);
  EXPECT_EQ(model.network().rope_original_context, 8192);
  EXPECT_EQ(model.weight("head.weight"), model.weight("embedding.weight"));
}

TEST(Forward, RefusesATokenOutsideTheVocabulary) {
  const Folder folder;
  write_bytes(folder / "m.gguf", tiny_gguf(tiny_model()));
  const Model model(folder / "m.gguf");
  EXPECT_THAT(trace_error_of([&] {
                static_cast<void>(embed(model, {1, 11}));
              }),
              HasSubstr("token 11"));
}

}  // namespace
}  // namespace razorsim
