// SPDX-License-Identifier: Apache-2.0
// Every DRAM device that comes with the program can stand in a machine, priced or saying that it is
// not.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace razorsim {
namespace {

using nlohmann::json;

TEST(Devices, RunInAMachine) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path source(RAZORSIM_TEST_SOURCE_DIR);
  int devices = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source / "configs/dram")) {
    const std::string name = entry.path().stem().string();
    ++devices;
    folder.write("machine.json", json{{"extends", "default"}, {"dram", name}}.dump());
    const auto run = testing::run_program(RAZORSIM_PROGRAM,
                                          {"run", "./machine.json", "--network", "smollm2-135m",
                                           "--layers", "0-0", "--prompt", "8", "--json"},
                                          "", folder.path());
    ASSERT_EQ(run.exit_code, 0) << name << ": " << run.error;
    const json result = json::parse(run.out);
    const json& parts = result.at("totals").at("energy_by_component_pj");
    EXPECT_GT(parts.at("dram_io"), 0) << name;
    const bool priced = parts.at("dram_read").get<double>() > 0;
    const std::string remarks = result.at("remarks").dump();
    EXPECT_EQ(remarks.find("states no currents") == std::string::npos, priced) << name;
  }
  EXPECT_GE(devices, 8);
}

}  // namespace
}  // namespace razorsim
