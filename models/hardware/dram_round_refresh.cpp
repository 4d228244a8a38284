// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_round_refresh.h"

#include <algorithm>

namespace razorsim {

bool DramController::RoundRefresh::finds_round() const {
  const DramController& c = controller_;
  const DramQueue& reads = c.reads_;
  if (!c.refreshes_next() || c.refresh_.owed() || c.refresh_.by_bank() || !c.streaks_ ||
      c.spec_.interface.row_and_column_bus || c.spec_.interface.split_activate ||
      c.spec_.interface.write_clock_sync || c.banks_.several_ranks() || c.write_turn_ ||
      c.write_mode_ || !c.opened_.empty() || !reads.full() || size_ <= banks_ ||
      reads.any_other() || reads.oldest_hit().order != c.order_ - size_)
    return false;
  for (std::int64_t i = 0; i < banks_; ++i) {
    if (c.writes_.any_of_row(bank(i), walk_.place().row)) return false;
  }
  return true;
}

bool DramController::RoundRefresh::begin() {
  if (!finds_round()) return false;
  const std::int64_t due = controller_.refresh_.due();
  const std::int64_t precharge = std::max(due, controller_.banks_.ready_precharge_all(0));
  if (precharge > until_) return false;
  controller_.refresh_.advance(due);
  last_ = due - 1;
  if (!goes(precharge)) return true;
  controller_.issue_refresh(last_ = next_);
  if (goes(std::max(last_ + 1, controller_.banks_.ready_refresh_all(0))))
    controller_.issue_refresh(last_ = next_);
  return true;
}

bool DramController::RoundRefresh::activates() {
  if (controller_.refresh_.owed() || activated_ == banks_) return false;
  const DramBanks& banks = controller_.banks_;
  const std::int64_t from = last_ + 1;
  const std::int64_t cycle = std::max(from, banks.ready_activate(bank(activated_)));
  if (cycle >= first_column_) return false;
  for (std::int64_t i = activated_ + 1; i < banks_; ++i) {
    if (std::max(from, banks.ready_activate(bank(i))) < cycle) return false;
  }
  return goes(cycle);
}

std::int64_t DramController::RoundRefresh::activate(const DramRequest& request) {
  Choice choice;
  choice.bank = static_cast<std::int32_t>(bank(activated_++));
  controller_.issue_activate(choice, last_ = next_);
  first_column_ = std::min(first_column_, controller_.banks_.ready_read(choice.bank));
  controller_.reads_.add(request, controller_.order_++, last_,
                         controller_.banks_.row(request.bank));
  return last_;
}

bool DramController::RoundRefresh::column_goes() {
  if (activated_ < banks_ || served_ == banks_) return false;
  const DramBanks& banks = controller_.banks_;
  const std::int64_t from = last_ + 1;
  const std::int64_t cycle = std::max(from, banks.ready_read(bank(served_)));
  if (cycle <= std::max(from, banks.shared_column(0, false))) return goes(cycle);
  for (std::int64_t i = 0; i < banks_; ++i) {
    if (std::max(from, banks.ready_read(bank(i))) < cycle) return false;
  }
  return goes(cycle);
}

std::int64_t DramController::RoundRefresh::column() {
  Choice choice;
  choice.preference = opener;
  choice.bank = static_cast<std::int32_t>(bank(served_++));
  controller_.issue_column(choice, last_ = next_);
  return last_;
}

}  // namespace razorsim
