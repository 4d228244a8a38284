// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_banks.h"

namespace razorsim {

namespace {

// Far enough back that a window from it never binds.
constexpr std::int64_t long_ago = -1'000'000'000;

}  // namespace

DramBanks::DramBanks(const DramSpec& spec)
    : rules_(spec),
      split_bus_(spec.interface.row_and_column_bus),
      several_ranks_(spec.organisation.ranks > 1),
      banks_(index(spec.organisation.ranks * spec.organisation.banks())),
      groups_(index(spec.organisation.ranks * spec.organisation.bank_groups)),
      ranks_(index(spec.organisation.ranks)) {
  reset();
}

void DramBanks::reset() {
  row_bus_ = column_bus_ = rows_ready_ = 0;
  const std::size_t per_group = banks_.size() / groups_.size();
  const std::size_t per_rank = banks_.size() / ranks_.size();
  for (std::size_t i = 0; i < banks_.size(); ++i) {
    banks_[i] = Bank{};
    banks_[i].group = static_cast<std::int64_t>(i / per_group);
    banks_[i].rank = static_cast<std::int64_t>(i / per_rank);
  }
  for (Group& each : groups_) each = Group{};
  for (Rank& each : ranks_) {
    each = Rank{};
    each.activates.fill(long_ago);
  }
}

std::int64_t DramBanks::ready_precharge_all(std::int64_t rank) const {
  std::int64_t ready = std::max(ranks_[index(rank)].precharge, row_bus_);
  for (const Bank& each : banks_) {
    if (each.rank == rank) raise(ready, each.precharge);  // also of a bank about to close itself
  }
  return ready;
}

std::int64_t DramBanks::ready_refresh_all(std::int64_t rank) const {
  const Rank& r = ranks_[index(rank)];
  return std::max({r.refresh, r.refresh_bank, row_bus_});
}

std::int64_t DramBanks::ready_refresh_bank(std::int64_t bank) const {
  const Rank& r = ranks_[index(at(bank).rank)];
  return std::max({at(bank).refresh, r.refresh_bank, row_bus_});
}

void DramBanks::activate(std::int64_t bank, std::int64_t row, std::int64_t cycle) {
  Bank& b = at(bank);
  Rank& r = ranks_[index(b.rank)];
  if (r.open++ == 0) {
    // A bank that closes itself may do so only later than this: then it stayed open throughout.
    if (cycle < r.since) {
      r.standby.active -= r.since - cycle;
    } else {
      r.standby.precharged += cycle - r.since;
    }
    r.since = cycle;
  }
  b.row = row;
  raise(b.activate, cycle + rules_.activate_activate);
  raise(b.precharge, cycle + rules_.activate_precharge);
  raise(b.read, cycle + rules_.activate_read);
  raise(b.write, cycle + rules_.activate_write);
  raise(rows_ready_, std::max(b.read, b.write));
  raise(b.refresh, cycle + rules_.activate_refresh);
  raise(groups_[index(b.group)].activate, cycle + rules_.activate_activate_l);
  r.activates[r.oldest] = cycle;
  r.oldest = (r.oldest + 1) % r.activates.size();
  raise(r.activate, cycle + rules_.activate_activate_s);
  raise(r.activate, r.activates[r.oldest] + rules_.four_activates);
  raise(r.refresh, cycle + rules_.activate_refresh);
  raise(r.refresh_bank, cycle + rules_.activate_refresh_bank_other);
  row_bus_ = cycle + rules_.activate_cycles;
}

void DramBanks::activate_second(std::int64_t bank, std::int64_t row) { at(bank).row = row; }

void DramBanks::close(Bank& bank, std::int64_t cycle, std::int64_t to_activate,
                      std::int64_t to_refresh) {
  Rank& r = ranks_[index(bank.rank)];
  bank.row = closed;
  if (--r.open == 0) {
    r.standby.active += cycle - r.since;
    r.since = cycle;
  }
  raise(bank.activate, cycle + to_activate);
  raise(bank.refresh, cycle + to_refresh);
  raise(r.refresh, cycle + to_refresh);
}

void DramBanks::precharge(std::int64_t bank, std::int64_t cycle) {
  close(at(bank), cycle, rules_.precharge_activate, rules_.precharge_refresh);
  raise(ranks_[index(at(bank).rank)].precharge, cycle + rules_.precharge_precharge);
  row_bus_ = cycle + 1;
}

void DramBanks::precharge_all(std::int64_t rank, std::int64_t cycle) {
  for (Bank& each : banks_) {
    if (each.rank == rank && each.row != closed) {
      close(each, cycle, rules_.precharge_all_activate, rules_.precharge_all_refresh);
    }
  }
  raise(ranks_[index(rank)].precharge, cycle + rules_.precharge_precharge);
  row_bus_ = cycle + 1;
}

void DramBanks::refresh_all(std::int64_t rank, std::int64_t cycle) {
  Rank& r = ranks_[index(rank)];
  raise(r.activate, cycle + rules_.refresh_activate);
  raise(r.refresh, cycle + rules_.refresh_refresh);
  raise(r.refresh_bank, cycle + rules_.refresh_refresh);
  row_bus_ = cycle + 1;
}

void DramBanks::refresh_bank(std::int64_t bank, std::int64_t cycle) {
  Bank& b = at(bank);
  Rank& r = ranks_[index(b.rank)];
  raise(b.activate, cycle + rules_.refresh_bank_activate);
  raise(b.refresh, cycle + rules_.refresh_bank_activate);
  raise(r.activate, cycle + rules_.refresh_bank_activate_other);
  raise(r.refresh_bank, cycle + rules_.refresh_bank_refresh);
  raise(r.refresh, cycle + rules_.refresh_bank_activate);
  row_bus_ = cycle + 1;
}

void DramBanks::hold_others(std::int64_t rank, std::int64_t read, std::int64_t write) {
  for (std::size_t i = 0; i < ranks_.size(); ++i) {
    if (i == index(rank)) continue;
    raise(ranks_[i].read, read);
    raise(ranks_[i].write, write);
  }
}

void DramBanks::close_after_column(std::int64_t bank) {
  Bank& b = at(bank);
  // Nominal rp: the device starts its own precharge, no command cycle lies in between.
  close(b, b.precharge, rules_.precharge_activate, rules_.precharge_refresh);
}

DramBanks::Standby DramBanks::standby(std::int64_t cycle) const {
  Standby sum;
  for (const Rank& each : ranks_) {
    sum.active += each.standby.active;
    sum.precharged += each.standby.precharged;
    const std::int64_t more = std::max<std::int64_t>(0, cycle - each.since);
    (each.open > 0 ? sum.active : sum.precharged) += more;
  }
  return sum;
}

}  // namespace razorsim
