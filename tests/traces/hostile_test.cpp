// SPDX-License-Identifier: Apache-2.0
// Thousands of broken files: each is read and used, or refused in one line; never anything else.
// What it is worth shows under the address and undefined-behaviour sanitizers (preset asan-ubsan).
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/broken_trace.h"
#include "tests/support/mutants.h"
#include "tests/traces/support.h"
#include "traces/calibrate/calibration.h"
#include "traces/capture/capture.h"
#include "traces/io/safetensors.h"
#include "traces/io/untrusted.h"
#include "traces/llama/forward.h"

namespace razorsim {
namespace {

using test::Folder;
using test::read_bytes;
using test::write_bytes;
using testing::Mutants;

/// Counts of both outcomes, so that a test shows that its files were broken, but not all in vain.
struct Outcomes {
  int used = 0;
  int refused = 0;
};

/// Makes `count` files and works on each.
Outcomes try_mutants(int count, const std::function<void(Mutants&)>& work) {
  Outcomes outcomes;
  for (int seed = 0; seed < count && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Mutants mutants(static_cast<std::uint64_t>(seed));
    try {
      work(mutants);
      ++outcomes.used;
    } catch (const TraceError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_LT(message.size(), 1000U) << message;
      ++outcomes.refused;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "no TraceError: " << error.what();
    }
  }
  return outcomes;
}

/// Everything that is done with a checkpoint.
void use(const std::string& path) {
  const Model model(path);
  const std::vector<std::int32_t> tokens{1, 0, 2};
  const StaticRanges ranges = calibrate(model, tokens, {3, 2, 99}, 1);
  CaptureSpec spec{model.network().layers - 1, model.network().layers - 1, 3, true};
  const Trace trace = capture(model, tokens, ranges, scheme_from_name("sdr4"), spec, {}, 1);
  for (const Operation& each : trace.operations) {
    if (!each.weight.empty()) static_cast<void>(trace.weight(each.weight));
  }
}

TEST(Hostile, GgufHeaders) {
  const Folder folder;
  const std::string whole = test::tiny_gguf(test::tiny_model());
  const Outcomes outcomes = try_mutants(6000, [&](Mutants& mutants) {
    write_bytes(folder / "m.gguf", mutants.of(whole, 1900));
    use(folder / "m.gguf");
  });
  EXPECT_GT(outcomes.used, 50);
  EXPECT_GT(outcomes.refused, 5000);
}

TEST(Hostile, GgufWeights) {
  const Folder folder;
  const std::string whole = test::tiny_gguf(test::tiny_model());
  const Outcomes outcomes = try_mutants(500, [&](Mutants& mutants) {
    std::string bytes = whole;
    for (int i = 0; i < 3; ++i) {
      const std::size_t at = 2000 + mutants.below(bytes.size() - 2000);
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << mutants.below(8)));
    }
    write_bytes(folder / "m.gguf", bytes);
    use(folder / "m.gguf");
  });
  EXPECT_GT(outcomes.used, 100);  // most are weights like any other
}

TEST(Hostile, HuggingFaceConfigurations) {
  const Folder folder;
  test::write_tiny_huggingface(test::tiny_model(), folder / "hf");
  std::string config = read_bytes(folder / "hf/config.json");
  config.insert(config.size() - 1,
                R"(, "tie_word_embeddings": false, "rope_parameters": {"rope_type": "llama3",
    "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 10000,
    "original_max_position_embeddings": 8192})");
  const Outcomes outcomes = try_mutants(3000, [&](Mutants& mutants) {
    write_bytes(folder / "hf/config.json", mutants.of_json(config));
    use(folder / "hf");
  });
  EXPECT_GT(outcomes.used, 100);
  EXPECT_GT(outcomes.refused, 1500);
}

TEST(Hostile, HuggingFaceIndices) {
  const Folder folder;
  test::write_tiny_huggingface(test::tiny_model(), folder / "hf");
  const std::string index =
      R"({"metadata": {"total_size": 4}, "weight_map": {"a": "model-00001-of-00002.safetensors",
      "b": "model-00002-of-00002.safetensors"}})";
  const Outcomes outcomes = try_mutants(1000, [&](Mutants& mutants) {
    write_bytes(folder / "hf/model.safetensors.index.json", mutants.of_json(index));
    use(folder / "hf");
  });
  EXPECT_GT(outcomes.used, 20);
  EXPECT_GT(outcomes.refused, 500);
}

/// A safetensors file whose header is `text` and whose data is that of `whole`.
std::string with_header(const std::string& whole, const std::string& text) {
  const auto length =
      static_cast<std::size_t>(load<std::uint64_t>(std::as_bytes(std::span(whole)).data()));
  return test::Bytes()
      .put<std::uint64_t>(text.size())
      .raw(text)
      .raw(whole.substr(8 + length))
      .str();
}

TEST(Hostile, SafetensorsHeaders) {
  const Folder folder;
  std::map<std::string, Tensor> tensors;
  tensors.emplace("b", make_tensor<std::int8_t>({1, 2, 3}, {3}));
  tensors.emplace("a", make_tensor<float>({1.5F, -2.0F, 0.0F, 4.0F, 5.0F, 6.0F}, {2, 1, 3}));
  tensors.emplace("empty", make_tensor<std::int16_t>({}, {0, 7}));
  write_safetensors(folder / "t", {{"key", "value"}}, tensors);
  const std::string whole = read_bytes(folder / "t");
  const std::string header(read_safetensors(folder / "t").header);
  const Outcomes outcomes = try_mutants(8000, [&](Mutants& mutants) {
    const std::string bytes = mutants.below(2) == 0 ? mutants.of(whole, whole.size())
                                                    : with_header(whole, mutants.of_json(header));
    write_bytes(folder / "m", bytes);
    for (const auto& [name, tensor] : read_safetensors(folder / "m").tensors) {
      if (tensor.dtype == Dtype::f32) static_cast<void>(tensor.view<float>());
      for (const std::byte each : tensor.bytes) ASSERT_LE(std::to_integer<int>(each), 255);
    }
  });
  EXPECT_GT(outcomes.used, 100);
  EXPECT_GT(outcomes.refused, 6000);
}

TEST(Hostile, TracesWithGoodHashes) {
  const Folder folder;
  write_bytes(folder / "m.gguf", test::tiny_gguf(test::tiny_model()));
  const Model model(folder / "m.gguf");
  const std::vector<std::int32_t> tokens{1, 5, 0, 10};
  write_trace(capture(model, tokens, calibrate(model, tokens, {4, 4, 100}, 1),
                      scheme_from_name("sdr4"), {0, 0, 4, false}, {}, 1),
              folder / "t");
  const Safetensors good = read_safetensors(folder / "t");
  const std::vector<std::string> keys{"provenance", "network",   "scheme",       "tokens",
                                      "operations", "encodings", "tensor_sha256"};
  const Outcomes outcomes = try_mutants(3000, [&](Mutants& mutants) {
    const std::string& key = keys[mutants.below(keys.size())];
    if (!testing::write_broken_trace(good, key, mutants, folder / "m")) return;
    const Trace trace = read_trace(folder / "m");
    for (const Operation& each : trace.operations) {
      if (!each.weight.empty()) static_cast<void>(trace.weight(each.weight));
      for (const std::string& input : each.inputs) {
        if (trace.has(input + ".base16")) static_cast<void>(trace.base(input, 16));
      }
    }
  });
  EXPECT_GT(outcomes.used, 100);
  EXPECT_GT(outcomes.refused, 1000);
}

TEST(Hostile, Calibrations) {
  const Folder folder;
  StaticRanges ranges;
  ranges.spec = {4, 4, 99.5};
  ranges.absmax = {{"layers.0.q_proj.output", 1.5F}, {"layers.0.input", 2.0F}};
  write_calibration(ranges, folder / "c");
  const std::string whole = read_bytes(folder / "c");
  const std::string header(read_safetensors(folder / "c").header);
  const Outcomes outcomes = try_mutants(2000, [&](Mutants& mutants) {
    write_bytes(folder / "m", mutants.below(2) == 0 ? mutants.of(whole, whole.size())
                                                    : with_header(whole, mutants.of_json(header)));
    static_cast<void>(read_calibration(folder / "m"));
  });
  EXPECT_GT(outcomes.used, 20);
  EXPECT_GT(outcomes.refused, 1000);
}

}  // namespace
}  // namespace razorsim
