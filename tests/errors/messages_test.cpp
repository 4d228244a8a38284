// SPDX-License-Identifier: Apache-2.0
// Every message of ours: tests/errors/cases/<name>.json says what is run, what must come out on
// standard error, and the exit code. tools/golden.py --update writes the last two.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace razorsim::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(RAZORSIM_TEST_SOURCE_DIR) / "tests/errors/cases")) {
    names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Message : public ::testing::TestWithParam<std::string> {};

TEST_P(Message, IsAsItsGoldenFileSays) {
  const auto file =
      fs::path(RAZORSIM_TEST_SOURCE_DIR) / "tests/errors/cases" / (GetParam() + ".json");
  const auto golden = nlohmann::json::parse(read_file(file));
  const TemporaryFolder folder;
  const auto files = golden.value("files", nlohmann::json::object());
  for (const auto& [name, content] : files.items()) {
    folder.write(name, content.is_string() ? content.get<std::string>() : content.dump());
  }
  const auto run = run_program(RAZORSIM_PROGRAM, golden.at("args").get<std::vector<std::string>>(),
                               golden.value("stdin", std::string()), folder.path());
  EXPECT_EQ(run.exit_code, golden.at("exit").get<int>());
  std::string expected;
  for (const auto& line : golden.at("stderr")) expected += line.get<std::string>() + "\n";
  EXPECT_EQ(run.error, expected);
  EXPECT_EQ(run.out, "") << "an error prints no result";
}

INSTANTIATE_TEST_SUITE_P(All, Message, ::testing::ValuesIn(case_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace razorsim::testing
