// SPDX-License-Identifier: Apache-2.0
// Each rule by itself: refused one cycle too early, accepted on time.
#include "models/hardware/dram_rule_checker.h"

#include <gtest/gtest.h>

namespace razorsim {
namespace {

using C = DramCommand;

/// The rules the last of `log` breaks.
std::vector<std::string> broken(const DramSpec& spec, const DramLog& log) {
  DramRuleChecker checker(spec);
  std::size_t before = 0;
  for (const DramLogEntry& each : log) {
    before = checker.violations().size();
    checker.check(each);
  }
  EXPECT_EQ(before, 0u) << "an earlier command is illegal already";
  std::vector<std::string> rules;
  for (const DramViolation& each : checker.violations()) rules.push_back(each.rule);
  return rules;
}

struct Pair {
  const char* rule;
  DramLog before;
  DramLogEntry last;  ///< at the first legal cycle
};

DramLogEntry at(std::int64_t cycle, C command, int bank, std::int64_t row = 7) {
  return {cycle, 0, command, 0, bank, row, 0};
}

class DramRule : public ::testing::TestWithParam<Pair> {};

TEST_P(DramRule, BindsUntilItsCycle) {
  const DramSpec spec;
  DramLog log = GetParam().before;
  log.push_back(GetParam().last);
  EXPECT_TRUE(broken(spec, log).empty());
  --log.back().cycle;
  const std::vector<std::string> rules = broken(spec, log);
  EXPECT_NE(std::find(rules.begin(), rules.end(), GetParam().rule), rules.end())
      << "got " << rules.size();
}

// Banks 0 to 3 are of bank group 0, 4 to 7 of group 1, and so on. DDR4-3200.
INSTANTIATE_TEST_SUITE_P(
    Ddr4, DramRule,
    ::testing::Values(
        Pair{"tRCD read", {at(10, C::activate, 0)}, at(32, C::read, 0)},
        Pair{"tRCD write", {at(10, C::activate, 0)}, at(32, C::write, 0)},
        Pair{"tRAS", {at(10, C::activate, 0)}, at(62, C::precharge, 0)},
        Pair{"tRC", {at(10, C::activate, 0), at(62, C::precharge, 0)}, at(84, C::activate, 0)},
        Pair{"tRP", {at(10, C::activate, 0), at(70, C::precharge, 0)}, at(92, C::activate, 0)},
        Pair{"tRPab",
             {at(10, C::activate, 0), at(70, C::precharge_all, 0)},
             at(92, C::refresh_all, 0)},
        Pair{"tRRD_L", {at(10, C::activate, 0)}, at(18, C::activate, 1)},
        Pair{"tRRD_S", {at(10, C::activate, 0)}, at(14, C::activate, 4)},
        Pair{"tFAW",
             {at(10, C::activate, 0), at(14, C::activate, 4), at(18, C::activate, 8),
              at(22, C::activate, 12)},
             at(44, C::activate, 1)},
        Pair{"tCCD_L",
             {at(10, C::activate, 0), at(18, C::activate, 1), at(40, C::read, 0)},
             at(48, C::read, 1)},
        Pair{"tCCD_S",
             {at(10, C::activate, 0), at(14, C::activate, 4), at(40, C::read, 0)},
             at(44, C::read, 4)},
        Pair{"tCCD_L_WR", {at(10, C::activate, 0), at(40, C::write, 0)}, at(48, C::write, 0)},
        Pair{"tRTW", {at(10, C::activate, 0), at(40, C::read, 0)}, at(52, C::write, 0)},
        Pair{"tWTR_L", {at(10, C::activate, 0), at(40, C::write, 0)}, at(72, C::read, 0)},
        Pair{"tWTR_S",
             {at(10, C::activate, 0), at(14, C::activate, 4), at(40, C::write, 0)},
             at(64, C::read, 4)},
        Pair{"tRTP", {at(10, C::activate, 0), at(60, C::read, 0)}, at(72, C::precharge, 0)},
        Pair{"tWR", {at(10, C::activate, 0), at(40, C::write, 0)}, at(84, C::precharge, 0)},
        Pair{"tRFC", {at(10, C::refresh_all, 0)}, at(570, C::activate, 0)},
        Pair{"tRP after the device's own precharge",
             {at(10, C::activate, 0), at(60, C::read_close, 0)},
             at(94, C::activate, 0)}));

TEST(DramRuleChecker, KnowsWhatStateACommandNeeds) {
  const DramSpec spec;
  EXPECT_EQ(broken(spec, {at(10, C::read, 0)}),
            std::vector<std::string>{"column command to a row that is not open"});
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(40, C::read, 0, 8)}).size(), 1u);
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(200, C::activate, 0)}),
            std::vector<std::string>{"activate of a bank that is open"});
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(200, C::refresh_all, 0)}),
            std::vector<std::string>{"refresh with a bank open"});
  EXPECT_EQ(broken(spec, {at(30000, C::refresh_all, 0)}),
            std::vector<std::string>{"tREFI: refresh overdue"});
}

TEST(DramRuleChecker, WatchesTheSplitActivateAndTheWriteClock) {
  DramSpec spec;
  spec.interface.split_activate = spec.interface.write_clock_sync = true;
  spec.timing.aad = MemoryCycles(8);
  spec.timing.wck_post = MemoryCycles(1);
  const DramLog opened{at(10, C::activate, 0), at(18, C::activate_second, 0)};
  EXPECT_TRUE(broken(spec, opened).empty());
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(19, C::activate_second, 0)}),
            std::vector<std::string>{"tAAD: second activate too late"});
  DramLog read = opened;
  read.push_back(at(40, C::read, 0));
  EXPECT_EQ(broken(spec, read),
            std::vector<std::string>{"column command while the write clock stands"});
  read.insert(read.begin() + 2, at(39, C::clock_sync, 0));
  EXPECT_TRUE(broken(spec, read).empty());
  read.push_back(at(40 + 26, C::read, 0));  // data until 66, and one cycle more: still running
  EXPECT_TRUE(broken(spec, read).empty());
  ++read.back().cycle;
  EXPECT_EQ(broken(spec, read).size(), 1u);
}

TEST(DramRuleChecker, TwoCycleCommandsActAtTheirSecondCycle) {
  DramSpec spec;
  spec.interface.activate_cycles = 2;
  EXPECT_TRUE(broken(spec, {at(10, C::activate, 0), at(33, C::read, 0)}).empty());
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(32, C::read, 0)}),
            std::vector<std::string>{"tRCD read"});
  EXPECT_EQ(broken(spec, {at(10, C::activate, 0), at(11, C::precharge, 4)}),
            std::vector<std::string>{"command bus"});
}

}  // namespace
}  // namespace razorsim
