// SPDX-License-Identifier: Apache-2.0
// The list of counters at the end of docs/model.md is made from the field tables; this test makes
// it again and compares. After a table has changed: RAZORSIM_REFRESH=1 ctest -R CountersPage.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "models/hardware/dram_counters.h"
#include "sim/result/run_result.h"

namespace razorsim {
namespace {

const std::string page_path = std::string(RAZORSIM_TEST_SOURCE_DIR) + "/docs/model.md";
const std::string mark =
    "<!-- made from the field tables by tests/sim/counters_page_test.cpp -->\n";

std::string row(std::string_view name, std::string_view unit, std::string_view meaning) {
  std::string text = "| `" + std::string(name) + "` | " + std::string(unit) + " | ";
  for (const char c : meaning) text += c == '|' ? std::string("\\|") : std::string(1, c);
  return text + " |\n";
}

std::string heading(const std::string& title) {
  return "\n### " + title + "\n\n| key | unit | meaning |\n|---|---|---|\n";
}

template <class T>
std::string table(const std::string& title) {
  std::string rows;
  for_each_field<T>([&](const auto& each) { rows += row(each.name, each.unit, each.meaning); });
  return heading(title) + rows;
}

std::string causes() {
  std::string rows;
  for (const auto& each : enum_names<Cause>) rows += row(each.name, "cycle, ps", each.meaning);
  return heading("Causes, in `stall_cycles`, `waiting_in_ps` and `waiting_out_ps`") + rows;
}

std::string counters() {
  return table<OperationCounters>("An operation; a run's `totals` are their sums") + causes() +
         table<DramBytes>("`dram_read`, `dram_written`") + table<ModuleTime>("A module's `time`") +
         table<ActivityCounters>("`activity`: what energy is charged for") +
         table<UnitActivity>("`activity.array`") +
         table<ElementaryCounts>("`activity.vector_unit`") +
         table<BitSplit>("`read` and `written` of each buffer in `activity`") +
         table<DramActivity>("`activity.dram`") + table<DramCounters>("The DRAM");
}

TEST(CountersPage, says_of_each_counter_what_its_field_table_says) {
  std::stringstream file;
  file << std::ifstream(page_path).rdbuf();
  const std::string page = file.str();
  const std::size_t begin = page.find(mark);
  ASSERT_NE(begin, std::string::npos) << page_path << " has lost its mark";
  const std::string head = page.substr(0, begin + mark.size());
  if (std::getenv("RAZORSIM_REFRESH") != nullptr)
    std::ofstream(page_path) << head << counters();
  else
    EXPECT_EQ(page.substr(head.size()), counters());
}

}  // namespace
}  // namespace razorsim
