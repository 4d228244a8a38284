// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_rule_checker.h"

#include <algorithm>

namespace razorsim {

namespace {

using C = DramCommand;

constexpr std::size_t number(DramCommand command) { return static_cast<std::size_t>(command); }

bool is_column(DramCommand c) {
  return c == C::read || c == C::read_close || c == C::write || c == C::write_close;
}
bool is_write(DramCommand c) { return c == C::write || c == C::write_close; }
bool is_read(DramCommand c) { return c == C::read || c == C::read_close; }
bool is_of_all_banks(DramCommand c) { return c == C::precharge_all || c == C::refresh_all; }

}  // namespace

DramRuleChecker::DramRuleChecker(const DramSpec& spec)
    : spec_(spec),
      banks_(static_cast<std::size_t>(spec.organisation.ranks * spec.organisation.banks())),
      activates_(static_cast<std::size_t>(spec.organisation.ranks)),
      refreshed_(
          spec.controller.refresh == RefreshMode::per_bank ? banks_.size() : activates_.size(), 0) {
  for (std::size_t i = 0; i < banks_.size(); ++i) {
    banks_[i].last.fill(long_ago);
    banks_[i].group = static_cast<std::int64_t>(i) / spec.organisation.banks_per_group;
    banks_[i].rank = static_cast<std::int64_t>(i) / spec.organisation.banks();
  }
  for (auto& each : activates_) each.fill(long_ago);
  list_rules();
}

void DramRuleChecker::add(const char* name, std::vector<DramCommand> from,
                          std::vector<DramCommand> to, Scope scope, MemoryCycles cycles) {
  for (const DramCommand later : to) {
    for (const DramCommand earlier : from)
      rules_[number(later)].push_back({name, earlier, later, scope, cycles.count()});
  }
}

void DramRuleChecker::list_rules() {
  const DramTiming& t = spec_.timing;
  const std::vector<C> act{C::activate}, rd{C::read, C::read_close}, wr{C::write, C::write_close};
  const std::vector<C> open_rd{C::read}, open_wr{C::write}, pre{C::precharge, C::precharge_all};
  const std::vector<C> refa{C::refresh_all}, refb{C::refresh_bank},
      act_or_refb{C::activate, C::refresh_bank};

  add("tRC", act, act_or_refb, Scope::bank, t.rc);
  add("tRC", act, refa, Scope::rank, t.rc);
  add("tRCD read", act, rd, Scope::bank, t.rcd_read);
  add("tRCD write", act, wr, Scope::bank, t.rcd_write);
  add("tRAS", act, pre, Scope::bank, t.ras);
  add("tRP", {C::precharge}, act_or_refb, Scope::bank, t.rp);
  add("tRP", {C::precharge}, refa, Scope::rank, t.rp);
  add("tRPab", {C::precharge_all}, {C::activate, C::refresh_bank, C::refresh_all}, Scope::rank,
      t.rp_all);
  add("tRRD_L", act, act, Scope::group, t.rrd_l);
  add("tRRD_S", act, act_or_refb, Scope::rank, t.rrd_s);
  add("tCCD_L", rd, rd, Scope::group, t.ccd_l);
  add("tCCD_S", rd, rd, Scope::rank, t.ccd_s);
  add("tCCD_L_WR", wr, wr, Scope::group, t.ccd_l_write);
  add("tCCD_S_WR", wr, wr, Scope::rank, t.ccd_s_write);
  add("tRTW", rd, wr, Scope::rank, t.read_to_write);
  add("tWTR_L", wr, rd, Scope::group, t.cwl + t.burst_same_group + t.wtr_l);
  add("tWTR_S", wr, rd, Scope::rank, t.cwl + t.burst + t.wtr_s);
  add("tRTP", open_rd, pre, Scope::bank, t.rtp);
  add("tWR", open_wr, pre, Scope::bank, t.cwl + t.burst + t.wr);
  add("tPPD", pre, pre, Scope::rank, t.ppd);
  add("tRFC", refa, {C::activate, C::precharge, C::precharge_all, C::refresh_all, C::refresh_bank},
      Scope::rank, t.rfc);
  add("tRFCpb", refb, act_or_refb, Scope::bank, t.rfc_bank);
  add("tRFCpb", refb, refa, Scope::rank, t.rfc_bank);
  add("tpbR2pbR", refb, refb, Scope::rank, t.refresh_to_refresh_bank);
  add("tpbR2act", refb, act, Scope::rank, t.refresh_to_activate_bank);
}

std::int64_t DramRuleChecker::length(DramCommand command) const {
  if (command == C::activate) return spec_.interface.activate_cycles;
  return is_column(command) ? spec_.interface.column_cycles : 1;
}

void DramRuleChecker::need(bool holds, const DramLogEntry& entry, const char* rule,
                           std::int64_t earliest) {
  if (!holds) violations_.push_back({entry, rule, earliest});
}

void DramRuleChecker::check(const DramLogEntry& entry) {
  ++checked_;
  // A command of several cycles is complete, and takes effect, in its last one.
  const std::int64_t effect = entry.cycle + length(entry.command) - 1;
  check_buses(entry, effect);
  check_distances(entry, effect);
  check_state(entry, effect);
  apply(entry, effect);
}

void DramRuleChecker::check_distances(const DramLogEntry& entry, std::int64_t effect) {
  const std::int64_t banks = spec_.organisation.banks();
  const std::size_t target = static_cast<std::size_t>(entry.rank * banks + entry.bank);
  const bool all = is_of_all_banks(entry.command);
  for (const Rule& rule : rules_[number(entry.command)]) {
    std::int64_t latest = long_ago;
    for (std::int64_t i = entry.rank * banks; i < (entry.rank + 1) * banks; ++i) {
      const Bank& bank = banks_[static_cast<std::size_t>(i)];
      const bool related = all || rule.scope == Scope::rank ||
                           (rule.scope == Scope::group ? bank.group == banks_[target].group
                                                       : static_cast<std::size_t>(i) == target);
      if (related) latest = std::max(latest, bank.last[number(rule.from)]);
    }
    need(effect >= latest + rule.cycles, entry, rule.name,
         entry.cycle + latest + rule.cycles - effect);
  }
  if (entry.command != C::activate) return;
  const std::int64_t fifth =
      activates_[static_cast<std::size_t>(entry.rank)][0] + spec_.timing.faw.count();
  need(effect >= fifth, entry, "tFAW", entry.cycle + fifth - effect);
}

void DramRuleChecker::check_state(const DramLogEntry& entry, std::int64_t effect) {
  const std::int64_t banks = spec_.organisation.banks();
  const Bank& bank = banks_[static_cast<std::size_t>(entry.rank * banks + entry.bank)];
  const std::int64_t precharged = bank.closed_at + spec_.timing.rp.count();
  switch (entry.command) {
    case C::activate:
      need(bank.row == -1 && !bank.opening, entry, "activate of a bank that is open");
      need(effect >= precharged, entry, "tRP after the device's own precharge", precharged);
      break;
    case C::activate_second:
      need(bank.opening, entry, "second activate without a first");
      need(effect <= bank.last[number(C::activate)] + spec_.timing.aad.count(), entry,
           "tAAD: second activate too late");
      break;
    case C::read:
    case C::read_close:
    case C::write:
    case C::write_close:
      need(bank.row == entry.row && !bank.opening, entry,
           "column command to a row that is not open");
      need(!spec_.interface.write_clock_sync || entry.cycle < clock_until_ ||
               synced_at_ == entry.cycle - 1,
           entry, "column command while the write clock stands");
      break;
    case C::refresh_bank:
      need(bank.row == -1 && !bank.opening, entry, "refresh of a bank that is open");
      need(effect >= precharged, entry, "tRP after the device's own precharge", precharged);
      break;
    case C::refresh_all:
    case C::precharge_all:
      for (std::int64_t i = entry.rank * banks; i < (entry.rank + 1) * banks; ++i) {
        const Bank& each = banks_[static_cast<std::size_t>(i)];
        need(!each.opening, entry, "between the two activate commands of a bank");
        if (entry.command == C::precharge_all) continue;
        need(each.row == -1, entry, "refresh with a bank open");
        need(effect >= each.closed_at + spec_.timing.rp.count(), entry,
             "tRP after the device's own precharge");
      }
      break;
    case C::precharge:
      need(!bank.opening, entry, "between the two activate commands of the bank");
      break;
    case C::clock_sync: break;
  }
}

void DramRuleChecker::check_buses(const DramLogEntry& entry, std::int64_t effect) {
  const bool column = is_column(entry.command) || entry.command == C::clock_sync;
  std::int64_t& bus = spec_.interface.row_and_column_bus && column ? column_bus_ : row_bus_;
  need(entry.cycle >= bus, entry, "command bus", bus);
  bus = effect + 1;
  if (!is_column(entry.command)) return;
  const std::int64_t start =
      effect + (is_write(entry.command) ? spec_.timing.cwl : spec_.timing.cl).count();
  const std::int64_t free =
      data_end_ + (entry.rank == data_rank_ ? 0 : spec_.timing.rank_switch.count());
  need(start >= free, entry, "data bus", entry.cycle + free - start);
  data_end_ = start + spec_.timing.burst.count();
  data_rank_ = entry.rank;
}

void DramRuleChecker::apply(const DramLogEntry& entry, std::int64_t effect) {
  const std::int64_t banks = spec_.organisation.banks();
  const auto target = static_cast<std::size_t>(entry.rank * banks + entry.bank);
  Bank& bank = banks_[target];
  const auto refreshed = [&](std::size_t which, MemoryCycles interval) {
    // One may wait while the one before is owed, so two intervals apart is the worst.
    need(entry.cycle <= refreshed_[which] + 2 * interval.count(), entry, "tREFI: refresh overdue");
    refreshed_[which] = entry.cycle;
  };
  if (is_column(entry.command))
    clock_until_ = std::max(clock_until_, data_end_ + spec_.timing.wck_post.count());
  if (entry.command == C::activate) {
    bank.row = spec_.interface.split_activate ? -1 : entry.row;
    bank.opening = spec_.interface.split_activate;
    auto& window = activates_[static_cast<std::size_t>(entry.rank)];
    std::rotate(window.begin(), window.begin() + 1, window.end());
    window.back() = effect;
  } else if (entry.command == C::activate_second) {
    bank.row = entry.row;
    bank.opening = false;
  } else if (entry.command == C::precharge) {
    bank.row = -1;
  } else if (entry.command == C::read_close || entry.command == C::write_close) {
    const std::int64_t column =
        is_read(entry.command) ? spec_.timing.rtp.count()
                               : (spec_.timing.cwl + spec_.timing.burst + spec_.timing.wr).count();
    bank.closed_at =
        std::max(effect + column, bank.last[number(C::activate)] + spec_.timing.ras.count());
    bank.row = -1;
  } else if (entry.command == C::refresh_all) {
    refreshed(static_cast<std::size_t>(entry.rank), spec_.timing.refi);
  } else if (entry.command == C::refresh_bank) {
    refreshed(target, spec_.timing.refi_bank * static_cast<std::int64_t>(banks_.size()));
  } else if (entry.command == C::clock_sync) {
    synced_at_ = entry.cycle;
  }
  if (!is_of_all_banks(entry.command)) {
    bank.last[number(entry.command)] = effect;
    return;
  }
  for (std::int64_t i = entry.rank * banks; i < (entry.rank + 1) * banks; ++i) {
    Bank& each = banks_[static_cast<std::size_t>(i)];
    each.last[number(entry.command)] = effect;
    if (entry.command == C::precharge_all) each.row = -1;
  }
}

}  // namespace razorsim
