// SPDX-License-Identifier: Apache-2.0
// One channel's banks: which row each has open and when each command may next be issued.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/hardware/dram_rules.h"

namespace razorsim {

/// Banks are numbered over all ranks: (rank * bank groups + bank group) * banks per group + bank.
/// ready_*() is the first cycle at which the command breaks no rule; the verbs apply its effects
/// and trust the caller with legality. Cycles count from the last reset.
class DramBanks {
 public:
  static constexpr std::int64_t closed = -1;
  static constexpr std::int64_t opening = -2;  ///< between the two commands of a split activate

  explicit DramBanks(const DramSpec& spec);

  void reset();

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(banks_.size()); }
  [[nodiscard]] bool several_ranks() const { return several_ranks_; }
  [[nodiscard]] std::int64_t rank_of(std::int64_t bank) const { return at(bank).rank; }
  [[nodiscard]] std::int64_t row(std::int64_t bank) const { return at(bank).row; }
  [[nodiscard]] bool rank_is_closed(std::int64_t rank) const {
    return ranks_[index(rank)].open == 0;
  }

  [[nodiscard]] std::int64_t ready_activate(std::int64_t bank) const {
    const Bank& b = at(bank);
    return std::max(
        {b.activate, groups_[index(b.group)].activate, ranks_[index(b.rank)].activate, row_bus_});
  }
  [[nodiscard]] std::int64_t ready_precharge(std::int64_t bank) const {
    const Bank& b = at(bank);
    return std::max({b.precharge, ranks_[index(b.rank)].precharge, row_bus_});
  }
  [[nodiscard]] std::int64_t ready_read(std::int64_t bank) const {
    const Bank& b = at(bank);
    return std::max(
        {b.read, groups_[index(b.group)].read, ranks_[index(b.rank)].read, column_bus()});
  }
  [[nodiscard]] std::int64_t ready_write(std::int64_t bank) const {
    const Bank& b = at(bank);
    return std::max(
        {b.write, groups_[index(b.group)].write, ranks_[index(b.rank)].write, column_bus()});
  }
  /// ready_read() and ready_write() are the maximum of two parts: what all banks of a rank share,
  /// and what a bank and its group have of their own.
  [[nodiscard]] std::int64_t shared_column(std::int64_t rank, bool is_write) const {
    const Rank& r = ranks_[index(rank)];
    return std::max(is_write ? r.write : r.read, column_bus());
  }
  [[nodiscard]] std::int64_t apart_column(std::int64_t bank, bool is_write) const {
    const Bank& b = at(bank);
    const Group& g = groups_[index(b.group)];
    return is_write ? std::max(b.write, g.write) : std::max(b.read, g.read);
  }
  [[nodiscard]] std::int64_t row_bus_free() const { return row_bus_; }
  [[nodiscard]] std::int64_t column_bus_free() const { return column_bus(); }
  [[nodiscard]] std::int64_t group_of(std::int64_t bank) const { return at(bank).group; }
  /// From here on the row opened last in a bank takes columns, whatever others do.
  [[nodiscard]] std::int64_t own_column(std::int64_t bank) const {
    return std::min(at(bank).read, at(bank).write);
  }
  /// From here on all open rows do.
  [[nodiscard]] std::int64_t rows_ready() const { return rows_ready_; }

  [[nodiscard]] std::int64_t ready_precharge_all(std::int64_t rank) const;
  [[nodiscard]] std::int64_t ready_refresh_all(std::int64_t rank) const;
  [[nodiscard]] std::int64_t ready_refresh_bank(std::int64_t bank) const;

  void activate(std::int64_t bank, std::int64_t row, std::int64_t cycle);
  void activate_second(std::int64_t bank, std::int64_t row);
  void precharge(std::int64_t bank, std::int64_t cycle);
  void precharge_all(std::int64_t rank, std::int64_t cycle);
  void refresh_all(std::int64_t rank, std::int64_t cycle);
  void refresh_bank(std::int64_t bank, std::int64_t cycle);
  void read(std::int64_t bank, std::int64_t cycle) {
    read_apart(bank, cycle);
    read_shared(rank_of(bank), cycle);
  }
  void write(std::int64_t bank, std::int64_t cycle) {
    write_apart(bank, cycle);
    write_shared(rank_of(bank), cycle);
  }
  /// The two halves of read() and write(): of many columns in a row, the last one's shared half
  /// covers all.
  void read_apart(std::int64_t bank, std::int64_t cycle) {
    Bank& b = at(bank);
    raise(b.precharge, cycle + rules_.read_precharge);
    raise(groups_[index(b.group)].read, cycle + rules_.read_read_l);
  }
  void write_apart(std::int64_t bank, std::int64_t cycle) {
    Bank& b = at(bank);
    Group& g = groups_[index(b.group)];
    raise(b.precharge, cycle + rules_.write_precharge);
    raise(g.write, cycle + rules_.write_write_l);
    raise(g.read, cycle + rules_.write_read_l);
  }
  void read_shared(std::int64_t rank, std::int64_t cycle) {
    Rank& r = ranks_[index(rank)];
    raise(r.read, cycle + rules_.read_read_s);
    raise(r.write, cycle + rules_.read_write);
    if (several_ranks_)
      hold_others(rank, cycle + rules_.read_read_rank, cycle + rules_.read_write_rank);
    occupy_column_bus(cycle + rules_.column_cycles);
  }
  void write_shared(std::int64_t rank, std::int64_t cycle) {
    Rank& r = ranks_[index(rank)];
    raise(r.write, cycle + rules_.write_write_s);
    raise(r.read, cycle + rules_.write_read_s);
    if (several_ranks_)
      hold_others(rank, cycle + rules_.write_read_rank, cycle + rules_.write_write_rank);
    occupy_column_bus(cycle + rules_.column_cycles);
  }
  /// What columns leave behind in a bank and its group, in cycles after one of reference.
  struct Trace {
    std::int64_t precharge = 0;   ///< the bank's next one
    std::int64_t group_read = 0;  ///< its group's next one
  };
  [[nodiscard]] Trace trace(std::int64_t bank, std::int64_t reference) const {
    return {at(bank).precharge - reference, groups_[index(at(bank).group)].read - reference};
  }
  void leave_trace(std::int64_t bank, std::int64_t reference, const Trace& trace) {
    raise(at(bank).precharge, reference + trace.precharge);
    raise(groups_[index(at(bank).group)].read, reference + trace.group_read);
  }
  /// Whether from `cycle` on the bank takes row commands as if nothing had ever happened to it and
  /// its rank had never been activated.
  [[nodiscard]] bool forgot(std::int64_t bank, std::int64_t cycle) const {
    const Rank& r = ranks_[index(rank_of(bank))];
    const std::size_t newest = (r.oldest + r.activates.size() - 1) % r.activates.size();
    return ready_activate(bank) <= cycle && ready_precharge(bank) <= cycle &&
           r.activates[newest] + rules_.four_activates <= cycle;
  }

  /// The column command just issued closes its bank by itself as soon as the rules allow.
  void close_after_column(std::int64_t bank);

  /// Cycles with a bank open and with all banks closed up to `cycle`, summed over ranks.
  struct Standby {
    std::int64_t active = 0, precharged = 0;
  };
  [[nodiscard]] Standby standby(std::int64_t cycle) const;

 private:
  struct Bank {
    std::int64_t row = closed, activate = 0, precharge = 0, read = 0, write = 0, refresh = 0,
                 group = 0, rank = 0;
  };
  struct Group {
    std::int64_t activate = 0, read = 0, write = 0;
  };
  struct Rank {
    std::int64_t activate = 0, precharge = 0, read = 0, write = 0, refresh = 0, refresh_bank = 0;
    std::array<std::int64_t, 4> activates{};
    std::size_t oldest = 0;
    std::int64_t open = 0, since = 0;
    Standby standby;
  };

  static void raise(std::int64_t& to_at_least, std::int64_t cycle) {
    if (to_at_least < cycle) to_at_least = cycle;
  }
  /// Columns of the ranks but `rank`.
  void hold_others(std::int64_t rank, std::int64_t read, std::int64_t write);
  static constexpr std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] Bank& at(std::int64_t bank) { return banks_[index(bank)]; }
  [[nodiscard]] const Bank& at(std::int64_t bank) const { return banks_[index(bank)]; }
  [[nodiscard]] std::int64_t column_bus() const { return split_bus_ ? column_bus_ : row_bus_; }
  void occupy_column_bus(std::int64_t until) { (split_bus_ ? column_bus_ : row_bus_) = until; }
  void close(Bank& bank, std::int64_t cycle, std::int64_t to_activate, std::int64_t to_refresh);

  DramRules rules_;
  bool split_bus_, several_ranks_;
  std::int64_t row_bus_ = 0;
  std::int64_t column_bus_ = 0;
  std::int64_t rows_ready_ = 0;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
};

}  // namespace razorsim
