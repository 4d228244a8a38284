// SPDX-License-Identifier: Apache-2.0
// What stands beside us: SCALE-Sim's topologies in our semantics and in its own.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace razorsim::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Peers : ::testing::Test {
  TemporaryFolder folder;

  Peers() {
    folder.write("gemm.csv", "Layer,M,N,K,\none,40,48,64,\ntwo,7,33,100,\n");
    folder.write("conv.csv",
                 "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
                 "Num Filter, Strides,\nc1,9,9,3,3,4,8,2,\nDP2,5,5,3,3,6,1,1,\n");
  }
  [[nodiscard]] ProgramRun razorsim(const std::vector<std::string>& arguments) const {
    return run_program(RAZORSIM_PROGRAM, arguments, "", folder.path());
  }
  [[nodiscard]] json answer(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    const auto run = razorsim(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.error;
    return json::parse(run.out);
  }
};

TEST_F(Peers, ALayerOfATopologyIsAProductOnItsOwn) {
  const json all = answer({"run", "--topology", "gemm.csv", "--scheme", "int8"});
  ASSERT_EQ(all["operations"].size(), 2U);
  std::int64_t sum = 0;
  for (const json& layer : all["operations"]) {
    const auto side = [&](const char* key) { return layer[key].dump(); };
    const json alone = answer({"gemm", "--m", side("m"), "--k", side("k"), "--n", side("n"),
                               "--scheme", "int8", "--values", "off"});
    EXPECT_EQ(layer["cycles"], alone["totals"]["cycles"]) << layer["name"];
    EXPECT_EQ(layer["dram_read_bytes"], alone["totals"]["dram_read_bytes"]) << layer["name"];
    sum += layer["cycles"].get<std::int64_t>();
  }
  EXPECT_EQ(all["totals"]["cycles"], sum);
}

TEST_F(Peers, ATopologyRunsRegisterByRegisterToo) {
  for (const char* file : {"gemm.csv", "conv.csv"}) {
    const json tile = answer({"run", "--topology", file});
    const json pe = answer({"run", "--topology", file, "--fidelity", "pe"});
    EXPECT_EQ(tile["totals"]["cycles"], pe["totals"]["cycles"]) << file;
  }
}

TEST_F(Peers, ConvolutionsAndDepthWiseLayersAnswerAsScaleSim) {
  const json all = answer({"run", "--topology", "conv.csv", "--semantics", "scale-sim-v3", "--set",
                           "array.rows=4", "--set", "array.cols=8"});
  // 4 x 4 outputs of 36 elements; 6 channels of 3 x 3 outputs of 9 elements.
  EXPECT_EQ(all["operations"][0]["cycles"], 4 * 1 * (36 + 4 + 8 - 2) - 1);
  EXPECT_EQ(all["operations"][1]["cycles"], 6 * (3 * 1 * (9 + 4 + 8 - 2) - 1));
  EXPECT_EQ(all["operations"][1]["macs"], 6 * 9 * 9);
  EXPECT_THAT(all["remarks"].dump(), HasSubstr("im2col"));
}

/// Every object that has cycles says what they mean.
void expect_semantics(const json& value, const std::string& name, const std::string& path) {
  if (value.is_object()) {
    EXPECT_TRUE(!value.contains("cycles") || value.value("semantics", "") == name) << path;
    for (const auto& [key, part] : value.items()) {
      // Ratios are to cycles of the same semantics.
      if (key != "spec" && key != "relative") expect_semantics(part, name, path + "." + key);
    }
  }
  if (value.is_array()) {
    for (const json& each : value) expect_semantics(each, name, path + "[]");
  }
}

TEST_F(Peers, EveryNumberOfCyclesNamesItsSemantics) {
  expect_semantics(answer({"run", "--topology", "gemm.csv"}), "native", "");
  expect_semantics(answer({"compare", "--topology", "gemm.csv", "--schemes", "sdr4,int8"}),
                   "native", "");
  const std::vector<std::string> theirs = {"run", "--topology", "gemm.csv", "--semantics",
                                           "scale-sim-v3"};
  const json answered = answer(theirs);
  expect_semantics(answered, "scale-sim-v3", "");
  EXPECT_EQ(answered["semantics"], "scale-sim-v3");
  EXPECT_EQ(answered["provenance"]["semantics"], "scale-sim-v3");
  for (const char* key : {"time_ns", "energy_pj", "power_w", "area_um2", "dram_read_bytes"})
    EXPECT_TRUE(answered["totals"][key].is_null()) << key;
  EXPECT_THAT(razorsim(theirs).out, HasSubstr("cycles (scale-sim-v3)"));
  EXPECT_THAT(razorsim({"run", "--topology", "gemm.csv"}).out, HasSubstr("cycles (native)"));
}

TEST_F(Peers, TheMachineBesideTheArrayDoesNotMatterToScaleSim) {
  const auto cycles = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"gemm", "--m", "50",          "--k",
                                          "70",   "--n", "--semantics", "scale-sim-v3"};
    arguments.insert(arguments.begin() + 6, "30");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return answer(arguments)["totals"]["cycles"];
  };
  EXPECT_EQ(cycles({}), cycles({"--set", "array.unit.lanes=4", "--set", "dram=lpddr5-6400", "--set",
                                "weight_buffer.size_kib=1", "--scheme", "int8"}));
  EXPECT_NE(cycles({}), cycles({"--set", "array.dataflow=ws"}));
}

TEST_F(Peers, ScaleSimResultsAreWrittenToo) {
  ASSERT_EQ(razorsim({"run", "--topology", "gemm.csv", "--semantics", "scale-sim-v3", "--out",
                      "results", "--quiet"})
                .exit_code,
            0);
  const auto written = folder.path() / "results";
  EXPECT_TRUE(json::accept(read_file(written / "result.json")));
  EXPECT_THAT(read_file(written / "operations.csv"),
              HasSubstr("one,linear,1,40,64,48,scale-sim-v3,"));
  EXPECT_THAT(read_file(written / "summary.txt"), HasSubstr("semantics scale-sim-v3"));
}

}  // namespace
}  // namespace razorsim::testing
