// SPDX-License-Identifier: Apache-2.0
// `gemm --watch` on the worked example of docs/model.md: the screen it prints, to the letter.
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_program.h"

namespace razorsim::testing {
namespace {

using ::testing::HasSubstr;

struct Watch : ::testing::Test {
  TemporaryFolder folder;

  Watch() {
    folder.write("f.json",
                 R"({"a": [[1000, -260, 37, 5, 3, -7, 6, 1], [0, 0, 0, 0, -64, 100, 31, -8],
                           [32767, -16384, 4096, 2048, 12, -12, 9, -3],
                           [5, -1, 2, -4, 200, -200, 50, -25]],
                     "w": [[127, -90, 12, -4, 7, 1, -2, 0], [20, -9, 14, 3, -31, 16, 8, 4],
                           [1, -1, 1, -1, 0, 0, 0, 0], [-3, 5, 6, -7, 50, -40, 30, -20]],
                     "bits_a": 16, "bits_w": 8})");
  }
  [[nodiscard]] ProgramRun razorsim(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"gemm",    "--operands",   "f.json",   "--scheme",
                                          "W4A4:g4", "--watch",      "--set",    "array.rows=4",
                                          "--set",   "array.cols=4", "--follow", "3,3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(RAZORSIM_PROGRAM, arguments, "", folder.path());
  }
};

TEST_F(Watch, ShowsTheWorkedExample) {
  const auto run = razorsim({"--set", "array.unit.lanes=4"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto golden =
      std::filesystem::path(RAZORSIM_TEST_SOURCE_DIR) / "tests/golden/watch_os_4x4.txt";
  EXPECT_EQ(run.out, read_file(golden));
}

TEST_F(Watch, EveryDataflowEndsWithTheSameOutputsAndFitsATerminal) {
  for (const char* dataflow : {"os", "ws", "is"}) {
    for (const char* unit : {"sdr_lean", "sdr_full", "sdr_dot"}) {
      const std::string lanes = std::string(unit) == "sdr_dot" ? "4" : "1";
      const auto run =
          razorsim({"--set", std::string("array.dataflow=") + dataflow, "--set",
                    std::string("array.unit.unit=") + unit, "--set", "array.unit.lanes=" + lanes});
      SCOPED_TRACE(std::string(dataflow) + " " + unit);
      ASSERT_EQ(run.exit_code, 0) << run.error;
      EXPECT_THAT(run.out, HasSubstr("        124930         19824          1152         -3376\n"));
      std::istringstream lines(run.out);
      std::size_t widest = 0;
      for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
      EXPECT_LE(widest, 120U);
      // The last cycle shown is the last there is.
      const std::string count = run.out.substr(0, run.out.rfind(" cycles: "));
      const int cycles = std::stoi(count.substr(count.rfind('\n') + 1));
      EXPECT_THAT(run.out, HasSubstr("\ncycle " + std::to_string(cycles - 1) + "\n"));
      EXPECT_EQ(run.out.find("\ncycle " + std::to_string(cycles) + "\n"), std::string::npos);
    }
  }
}

/// A reader of its own: declarations, then values by time; every identifier declared, times rising.
/// What the values are: tests/python/test_waves.py.
TEST_F(Watch, WaveformIsWellFormedAndEndsWithTheSums) {
  const auto run =
      run_program(RAZORSIM_PROGRAM,
                  {"gemm", "--operands", "f.json", "--scheme", "W4A4:g4", "--set", "array.rows=4",
                   "--set", "array.cols=4", "--set", "array.unit.lanes=4", "--fidelity", "pe",
                   "--vcd", "w.vcd", "--quiet"},
                  "", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.error;
  std::istringstream file(read_file(folder.path() / "w.vcd"));
  std::map<std::string, std::string> names;  // by identifier
  std::map<std::string, std::string> values;
  std::string scope, word;
  long time = -1;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    words >> word;
    if (word == "$scope") {
      words >> word >> word;
      scope += "." + word;
    } else if (word == "$upscope") {
      scope.resize(scope.rfind('.'));
    } else if (word == "$var") {
      std::string bits, id, name;
      words >> word >> bits >> id >> name;
      EXPECT_TRUE(names.emplace(id, scope + "." + name).second) << id;
    } else if (word[0] == '#') {
      const long next = std::stol(word.substr(1));
      EXPECT_GT(next, time);
      time = next;
    } else if (word[0] == 'b' || word[0] == '0' || word[0] == '1' || word[0] == 'x') {
      std::string id = word.substr(1);
      if (word[0] == 'b') words >> id;
      ASSERT_TRUE(names.contains(id)) << line;
      values[names[id]] = word;
    }
  }
  EXPECT_EQ(scope, "");
  EXPECT_EQ(time % 500, 0);  // an edge of the clock at 1 GHz
  const auto accumulator = [&](const std::string& element) {
    return std::stoll(values.at(".array." + element + ".acc").substr(1), nullptr, 2);
  };
  EXPECT_EQ(accumulator("pe_0_0"), 124930);
  EXPECT_EQ(accumulator("pe_3_3"), 19732);
}

}  // namespace
}  // namespace razorsim::testing
