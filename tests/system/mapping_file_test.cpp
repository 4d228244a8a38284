// SPDX-License-Identifier: Apache-2.0
// mapping.json out and in: the same run again, another one where the file was changed.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace razorsim::testing {
namespace {

using Json = nlohmann::json;

Json run(const std::vector<std::string>& arguments) {
  const ProgramRun ran = run_program(RAZORSIM_PROGRAM, arguments);
  EXPECT_EQ(ran.exit_code, 0) << ran.error;
  return Json::parse(ran.out);
}

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(MappingFile, GivesTheSameRunAgain) {
  const std::vector<std::vector<std::string>> runs = {
      {"gemm", "--m", "40", "--k", "300", "--n", "50", "--json"},
      {"gemm", "--m", "40", "--k", "300", "--n", "50", "--json", "--set", "array.dataflow=ws",
       "--set", "array.rows=7"},
      {"run", "--network", "llama-3.2-1b", "--layers", "0-1", "--prompt", "16", "--json"},
      {"run", "--network", "llama-3.2-1b", "--layers", "0-0", "--prompt", "16", "--scheme", "int8",
       "--json"},
  };
  for (const auto& arguments : runs) {
    const TemporaryFolder folder;
    const Json first = run(with(arguments, {"--out", folder.path().string()}));
    const std::string file = (folder.path() / "mapping.json").string();
    const Json again = run(with(arguments, {"--mapping", file}));
    EXPECT_EQ(again["totals"], first["totals"]) << arguments[0];
    EXPECT_EQ(again["operations"], first["operations"]) << arguments[0];
  }
}

TEST(MappingFile, CutsAsItSays) {
  const TemporaryFolder folder;
  const std::vector<std::string> arguments = {"gemm", "--m", "64", "--k",
                                              "256",  "--n", "64", "--json"};
  const Json best = run(arguments);
  const std::string file = folder.write(
      "map.json",
      R"({"operations": [{"operation": "gemm", "tile_m": 16, "tile_n": 32, "tile_k": 64,
          "order": "nmk", "resident": false}]})");
  const Json given = run(with(arguments, {"--mapping", file}));
  EXPECT_EQ(given["output_sha256"], best["output_sha256"]);
  EXPECT_GE(given["totals"]["cycles"], best["totals"]["cycles"]);
  const Json& mapping = given["operations"][0]["mapping"];
  EXPECT_EQ(mapping["tile_m"], 16);
  EXPECT_EQ(mapping["tile_n"], 32);
  EXPECT_EQ(mapping["tile_k"], 64);
  EXPECT_EQ(mapping["order"], "nmk");
  EXPECT_EQ(mapping["resident"], false);
  // Nothing stays: weights are read for each of the four row blocks.
  EXPECT_GT(given["totals"]["dram_read_bytes"], best["totals"]["dram_read_bytes"]);
}

/// Blocks of attention: other tiles, the same numbers.
TEST(MappingFile, CutsAttentionAsItSays) {
  const TemporaryFolder folder;
  const std::vector<std::string> arguments = {"run", "--json"};
  const std::string file = folder.write("map.json",
                                        R"({"operations": [{"operation": "scores", "tile_m": 6,
          "tile_n": 16, "tile_k": 64, "resident": false}]})");
  const Json best = run(arguments);
  const Json given = run(with(arguments, {"--mapping", file}));
  int attention = 0;
  for (std::size_t i = 0; i < best["operations"].size(); ++i) {
    const Json& cut = given["operations"][i];
    EXPECT_EQ(cut["sqnr_db"], best["operations"][i]["sqnr_db"]) << cut["name"];
    if (cut["kind"] != "scores") continue;
    EXPECT_EQ(cut["mapping"]["tile_m"], 6);
    EXPECT_EQ(cut["mapping"]["tile_n"], 16);
    EXPECT_EQ(cut["mapping"]["resident"], false);
    EXPECT_NE(cut["mapping"], best["operations"][i]["mapping"]);
    ++attention;
  }
  EXPECT_EQ(attention, 1);
  // K and V are read again for each block of rows.
  EXPECT_GT(given["totals"]["dram_read_bytes"], best["totals"]["dram_read_bytes"]);
}

}  // namespace
}  // namespace razorsim::testing
