// SPDX-License-Identifier: Apache-2.0
// `razorsim eval` and what shares its options, from the outside: messages that need a model, and
// the files that go from one command to the next.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"
#include "tests/support/tiny_checkpoint.h"
#include "traces/io/safetensors.h"

namespace razorsim::testing {
namespace {

using Words = std::vector<std::string>;

class EvalCommand : public ::testing::Test {
 protected:
  EvalCommand() {
    folder_.write("text.json", "[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]");
  }

  [[nodiscard]] ProgramRun run(Words words, const Words& more = {}) const {
    words.insert(words.end(), {"--model", model_.path(), "--text", "text.json"});
    words.insert(words.end(), more.begin(), more.end());
    return run_program(RAZORSIM_PROGRAM, words, "", folder_.path());
  }
  [[nodiscard]] ProgramRun eval(const Words& more) const { return run({"eval", "--json"}, more); }

  void refuses(const Words& more, int code, const std::string& line) const {
    const ProgramRun result = eval(more);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_EQ(result.error, "razorsim: " + line + "\n");
    EXPECT_EQ(result.out, "");
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return folder_.path() / name;
  }

  TinyCheckpoint model_{{.layers = 2, .maximum_context = 18}};
  TemporaryFolder folder_;
};

TEST_F(EvalCommand, PercentileIsAShare) {
  for (const char* wrong : {"0", "101", "half", "9x"}) {
    refuses({"--context", "10", "--percentile", wrong}, 2,
            std::string("--percentile: is ") + wrong + "; allowed: 1 to 100");
  }
}

TEST_F(EvalCommand, RowScalesAreOneOfTwo) {
  refuses({"--context", "10", "--row-scales", "searched"}, 2,
          "--row-scales: is searched; allowed: one of max, search; did you mean 'search'?");
}

TEST_F(EvalCommand, ContextHasTheNetworksMaximum) {
  refuses({"--schemes", "fp32"}, 2,
          "--context: makes a sequence of 20 tokens; allowed: at most 18, the maximum context of " +
              std::filesystem::path(model_.path()).filename().string());
  EXPECT_EQ(eval({"--schemes", "fp32", "--context", "18"}).exit_code, 0);
  EXPECT_EQ(eval({"--schemes", "fp32", "--max-tokens", "18"}).exit_code, 0);
  const auto prompt = run({"run"}, {"--prompt", "19"});
  EXPECT_EQ(prompt.exit_code, 2);
  EXPECT_EQ(
      prompt.error.find("razorsim: --prompt: makes a sequence of 19 tokens; allowed: at most"), 0U);
  const auto generate = run({"run", "--phase", "generate", "--prompt", "18"}, {"--generate", "2"});
  EXPECT_EQ(generate.exit_code, 2);
  EXPECT_EQ(generate.error.find("razorsim: --generate: makes a sequence of 19 tokens"), 0U);
}

TEST_F(EvalCommand, WeightsAreThoseOfTheModel) {
  const auto weights = [&](const std::string& name, std::map<std::string, Tensor> tensors) {
    write_safetensors(path(name), std::map<std::string, std::string>{}, tensors);
    return Words{"--schemes", "W8A8", "--context", "10", "--weights", name};
  };
  refuses({"--schemes", "W8A8", "--context", "10", "--weights", "none.safetensors"}, 3,
          "none.safetensors: cannot be read: No such file or directory");
  folder_.write("text.safetensors", "no tensors");
  EXPECT_EQ(eval({"--schemes", "W8A8", "--context", "10", "--weights", "text.safetensors"})
                .error.find("razorsim: text.safetensors: "),
            0U);
  const std::string key = "layers.0.k_proj.weight.base8";
  const auto integers = make_tensor(std::vector<std::int8_t>(32 * 64, 1), {32, 64});
  const auto scale = make_tensor(std::vector<float>{1}, {1});
  refuses(weights("a.safetensors", {{key, integers}}), 3,
          "a.safetensors: '" + key + "' has no '" + key + ".scale'");
  refuses(weights("b.safetensors", {{key, make_tensor(std::vector<std::int8_t>{1, 2}, {1, 2})},
                                    {key + ".scale", scale}}),
          3, "b.safetensors: '" + key + "' is 1 x 2; the model's weight is 32 x 64");
  refuses(weights("c.safetensors",
                  {{key, integers}, {key + ".scale", make_tensor(std::vector<float>{0}, {1})}}),
          3, "c.safetensors: '" + key + "' has a scale that is not positive and finite");
  refuses(weights("d.safetensors", {{"layers.7.k_proj.weight.base8", integers}}), 3,
          "d.safetensors: 'layers.7.k_proj.weight.base8' is no quantised weight of the model, such "
          "as 'layers.0.q_proj.weight.base8'");
  EXPECT_EQ(eval(weights("e.safetensors", {{key, integers}, {key + ".scale", scale}})).exit_code,
            0);
}

TEST_F(EvalCommand, ResumeGoesOnWithTheSameInputsOnly) {
  const Words good{"--schemes", "fp32,W8A8", "--context", "10", "--resume", "state.json"};
  const ProgramRun first = eval(good);
  ASSERT_EQ(first.exit_code, 0) << first.error;
  EXPECT_EQ(eval(good).out, first.out);
  refuses({"--schemes", "fp32", "--context", "9", "--resume", "state.json"}, 3,
          "state.json: the state of an evaluation of another model, text, calibration or context; "
          "take another file, or remove it to start anew");
  folder_.write("state.json", "[1]");
  const ProgramRun other = eval(good);
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_EQ(other.error.find("razorsim: state.json: no state of an evaluation: "), 0U);
  EXPECT_EQ(read_file(path("state.json")), "[1]");
  refuses({"--schemes", "fp32", "--context", "10", "--resume", "none/state.json"}, 2,
          "none/state.json: cannot be written: No such file or directory");
}

TEST_F(EvalCommand, SearchedRowScalesGoOnInTheirFile) {
  const Words base{"--schemes", "W4A4:g16", "--context", "10", "--calibration"};
  const auto with = [&](const Words& more) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    return eval(words);
  };
  const ProgramRun plain = with({"text.json"});
  const ProgramRun searched =
      with({"text.json", "--row-scales", "search", "--save-calibration", "c.safetensors"});
  ASSERT_EQ(searched.exit_code, 0) << searched.error;
  EXPECT_NE(searched.out, plain.out);
  EXPECT_EQ(with({"c.safetensors"}).out, searched.out);
  EXPECT_EQ(with({"text.json", "--row-scales", "search", "--threads", "1"}).out, searched.out);
  // A run of the model takes them too.
  const Words run_words{"run", "--json", "--prompt", "10", "--scheme", "W4A4:g16"};
  const auto error_of = [&](const std::string& calibration) {
    const ProgramRun result = run(run_words, {"--calibration", calibration});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    const nlohmann::json operations = nlohmann::json::parse(result.out).at("operations");
    const auto found = std::find_if(operations.begin(), operations.end(), [](const auto& each) {
      return each.at("name") == "layers.0.q_proj";
    });
    return found->at("sqnr_db").template get<double>();
  };
  with({"text.json", "--save-calibration", "p.safetensors"});
  EXPECT_NE(error_of("c.safetensors"), error_of("p.safetensors"));
  const TinyCheckpoint another({.layers = 2, .seed = 8});
  const auto wrong = run_program(
      RAZORSIM_PROGRAM,
      {"eval", "--model", another.path(), "--text", "text.json", "--calibration", "c.safetensors"},
      "", folder_.path());
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_EQ(wrong.error, "razorsim: c.safetensors: the calibration was made with another model\n");
  refuses({"--schemes", "W8A8", "--context", "10", "--save-calibration", "x.safetensors"}, 2,
          "--save-calibration: needs scales; allowed with --calibration");
}

TEST_F(EvalCommand, DumpsNameOperations) {
  const Words base{"--schemes", "W8A8", "--context", "10"};
  const auto with = [&](const Words& more) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  refuses(with({"--dump", "*"}), 2, "--dump: goes with --dump-tensors");
  refuses(with({"--dump-tensors", "d", "--dump", "layers.0.q_prj"}), 2,
          "--dump: is layers.0.q_prj, which matches no operation; allowed: such as "
          "layers.0.q_proj; did you mean 'layers.0.q_proj'?");
  refuses(with({"--dump-tensors", "d", "--resume", "s.json"}), 2,
          "--dump-tensors: shows what is computed anew; allowed without --resume");
  folder_.write("file", "");
  const ProgramRun blocked = eval(with({"--dump-tensors", "file"}));
  EXPECT_EQ(blocked.exit_code, 2);
  EXPECT_EQ(blocked.error.find("razorsim: folder file/W8A8 can't be made: "), 0U);
  const ProgramRun good = eval(with({"--dump-tensors", "d", "--dump", "*q_proj"}));
  EXPECT_EQ(good.exit_code, 0) << good.error;
  EXPECT_TRUE(std::filesystem::exists(path("d/W8A8/layers.1.q_proj.safetensors")));
}

TEST_F(EvalCommand, ARunDumpsWhatItsModulesComputed) {
  const Words words{"run",      "--json", "--prompt",      "10", "--scheme", "sdr4",
                    "--layers", "0-0",    "--dump-tensors"};
  const auto dumped = [&](const std::string& name, const Words& more) {
    Words all = words;
    all.push_back(name);
    const ProgramRun result = run(all, more);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.out;
  };
  dumped("tile", {});
  dumped("pe", {"--fidelity", "pe", "--dump", "*_proj"});
  const std::string file = "pass.0/layers.0.gate_proj.safetensors";
  EXPECT_EQ(read_file(path("tile") / file), read_file(path("pe") / file));
  const auto tensors = read_safetensors(path("tile") / file).tensors;
  for (const char* name : {"left.codes", "left.flags", "left.scale", "right.codes", "right.flags",
                           "right.scale", "accumulators", "output", "reference"}) {
    EXPECT_TRUE(tensors.contains(name)) << name;
  }
  const auto scores = read_safetensors(path("tile/pass.0/layers.0.scores.safetensors")).tensors;
  EXPECT_TRUE(scores.contains("left.3.codes") && scores.contains("right.1.flags"));
  EXPECT_TRUE(std::filesystem::exists(path("tile/pass.0/layers.0.input_norm.safetensors")));
  EXPECT_FALSE(std::filesystem::exists(path("pe/pass.0/layers.0.scores.safetensors")));
  const ProgramRun off = run({"run", "--values", "off", "--prompt", "10"}, {"--dump-tensors", "d"});
  EXPECT_EQ(off.exit_code, 2);
  EXPECT_EQ(off.error, "razorsim: --dump-tensors: needs values; allowed with --values on\n");
  folder_.write("file", "");
  const ProgramRun blocked = run({"run", "--prompt", "10"}, {"--dump-tensors", "file"});
  EXPECT_EQ(blocked.exit_code, 2);
  EXPECT_EQ(blocked.error.find("razorsim: folder file/pass.0 can't be made: "), 0U);
}

}  // namespace
}  // namespace razorsim::testing
