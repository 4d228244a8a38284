// SPDX-License-Identifier: Apache-2.0
// Random traffic on every shipped device: no command may break a rule of its timing table. As many
// commands as RAZORSIM_DRAM_COMMANDS says a device (200000); tools/reproduce/dram_rules runs ten
// million.
#include <cstdlib>

#include <gtest/gtest.h>

#include "models/hardware/dram_address.h"
#include "models/hardware/dram_controller.h"
#include "models/hardware/dram_rule_checker.h"
#include "sim/config/load.h"
#include "sim/config/locate.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

/// Spells of random, sequential, local, bank-hopping and hot traffic, with pauses, reads and
/// writes.
class Traffic {
 public:
  Traffic(const DramSpec& spec, std::uint64_t seed)
      : spec_(spec),
        map_(spec),
        lcg_(seed),
        bytes_(static_cast<std::uint64_t>(spec.organisation.transaction().count())) {}

  DramRequest next() {
    if (left_ == 0) {
      kind_ = lcg_.below(5);
      left_ = 20 + lcg_.below(400);
      at_ = lcg_.below(map_.capacity() / bytes_) * bytes_;
      writes_in_four_ = lcg_.below(5);
    }
    --left_;
    std::uint64_t address = at_;
    if (kind_ == 0) address = lcg_.below(map_.capacity() / bytes_) * bytes_;
    if (kind_ == 1) at_ += bytes_;
    if (kind_ == 2) address += lcg_.below(4096) * bytes_;
    if (kind_ == 3)
      at_ +=
          static_cast<std::uint64_t>((spec_.organisation.row * spec_.organisation.banks()).count());
    if (kind_ == 4) address += lcg_.below(8) * bytes_ * 64;
    const DramAddress place = map_.decode(address);
    return {id_++, place.bank, place.row, place.column, lcg_.below(4) < writes_in_four_};
  }
  std::int64_t pause() {
    return kind_ == 4 && lcg_.below(16) == 0 ? static_cast<std::int64_t>(lcg_.below(3000)) : 0;
  }

 private:
  const DramSpec& spec_;
  AddressMap map_;
  testing::Lcg lcg_;
  std::uint64_t bytes_, at_ = 0, left_ = 0, kind_ = 0, writes_in_four_ = 0;
  std::int64_t id_ = 0;
};

std::vector<DramViolation> violations(const DramSpec& spec, std::int64_t commands,
                                      std::uint64_t seed) {
  require_consistent(spec);
  Traffic traffic(spec, seed);
  DramController controller(spec, 0);
  DramRuleChecker checker(spec);
  DramLog log;
  controller.log_to(&log);
  std::int64_t cycle = 0;
  while (checker.checked() < commands && checker.violations().empty()) {
    const DramRequest request = traffic.next();
    cycle += traffic.pause();
    controller.idle_until(cycle);
    while (!controller.can_accept(request)) {
      cycle = std::max(cycle + 1, controller.wake());
      controller.tick(cycle);
    }
    controller.accept(request, cycle);
    controller.completions.clear();
    controller.idle_until(++cycle);
    for (const DramLogEntry& each : log) checker.check(each);
    log.clear();
  }
  return checker.violations();
}

std::int64_t wanted_commands() {
  const char* wanted = std::getenv("RAZORSIM_DRAM_COMMANDS");
  return wanted != nullptr ? std::atoll(wanted) : 200000;
}

class DramRules : public ::testing::TestWithParam<std::string> {};

TEST_P(DramRules, HoldOverRandomTraffic) {
  const DramSpec shipped = load<DramSpec>(GetParam());
  std::vector<DramSpec> variants(6, shipped);
  variants[1].controller.page_policy = PagePolicy::closed;
  variants[2].controller.page_policy = PagePolicy::adaptive;
  variants[3].organisation.ranks = 2;
  variants[4].controller.row_hit_cap = 4;
  variants[4].controller.protect_row_hits = false;
  variants[4].controller.mapping = "ro-ba-co-bg-64B";
  if (shipped.timing.rfc_bank.count() > 0) variants[5].controller.refresh = RefreshMode::per_bank;
  std::uint64_t seed = 1;
  for (const DramSpec& each : variants) {
    const auto found =
        violations(each, wanted_commands() / static_cast<std::int64_t>(variants.size()), seed++);
    EXPECT_TRUE(found.empty()) << "variant " << seed - 2 << ": " << to_line(found.front().entry)
                               << " breaks " << found.front().rule << ", legal from "
                               << found.front().earliest;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Devices, DramRules, ::testing::ValuesIn(shipped_names("dram")), [](const auto& each) {
      std::string name = each.param;
      std::replace_if(
          name.begin(), name.end(),
          [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return name;
    });

}  // namespace
}  // namespace razorsim
