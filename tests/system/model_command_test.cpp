// SPDX-License-Identifier: Apache-2.0
// `razorsim run --model`, from the outside.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"
#include "tests/support/tiny_checkpoint.h"

namespace razorsim::testing {
namespace {

TEST(ModelCommand, RunsAWholeModelWithItsNumbers) {
  const TinyCheckpoint model({.layers = 2});
  const TemporaryFolder folder;
  folder.write("text.json", "[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]");
  const auto model_run = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"run", "--model", model.path(), "--text", "text.json"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(RAZORSIM_PROGRAM, words, "", folder.path());
  };
  const std::vector<std::string> generate = {"--phase",    "generate", "--prompt", "18",
                                             "--generate", "3",        "--json"};
  const auto run = model_run(generate);
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto json = nlohmann::json::parse(run.out);
  ASSERT_EQ(json.at("steps").size(), 3U);
  EXPECT_TRUE(json.at("steps").at(2).at("token_id").is_number());
  EXPECT_EQ(json.at("phases").size(), 2U);
  EXPECT_GT(json.at("totals").at("time_to_first_token_ns"), 0);
  EXPECT_GT(json.at("totals").at("time_per_output_token_ns"), 0);
  EXPECT_TRUE(json.at("operations").back().at("cosine").is_number());

  std::vector<std::string> off = generate;
  off.insert(off.end(), {"--values", "off"});
  const auto time_only = nlohmann::json::parse(model_run(off).out);
  EXPECT_EQ(time_only.at("totals").at("cycles"), json.at("totals").at("cycles"));

  const auto too_long = model_run({"--prompt", "21"});
  EXPECT_EQ(too_long.exit_code, 2);
  EXPECT_EQ(too_long.error,
            "razorsim: --prompt: needs 21 tokens of the text; allowed: at most 20\n");
  const auto early_head = model_run({"--prompt", "10", "--layers", "0-0", "--head"});
  EXPECT_EQ(early_head.exit_code, 2);
  EXPECT_EQ(
      early_head.error,
      "razorsim: --head: with a model's numbers needs its last layer, 1; --layers ends at 0\n");
  // A batch takes one prompt after the other from the text.
  const auto two = model_run({"--prompt", "10", "--batch", "2", "--json"});
  ASSERT_EQ(two.exit_code, 0) << two.error;
  EXPECT_EQ(nlohmann::json::parse(two.out).at("steps").at(0).at("sequences"), 2);
  const auto too_many = model_run({"--prompt", "11", "--batch", "2"});
  EXPECT_EQ(too_many.exit_code, 2);
  EXPECT_EQ(too_many.error,
            "razorsim: --prompt: needs 11 tokens of the text a sequence; allowed: at most 10\n");
}

}  // namespace
}  // namespace razorsim::testing
