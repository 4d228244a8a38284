// SPDX-License-Identifier: Apache-2.0
// A refresh while reads go round the same banks: which commands come is known, only when is asked.
#pragma once

#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_controller.h"

namespace razorsim {

/// All banks are precharged and refreshed; then each bank of the round is activated for its oldest
/// read, in the place of which one more comes in; then these have their columns. These are the
/// commands that tick() would choose and their cycles, as far as it goes: wherever another command
/// could be ready first, the user leaves off by end(), and tick() goes on.
class DramController::RoundRefresh {
 public:
  /// `walk`: where the one stream of reads that is left goes on. `until`: last cycle in which
  /// anything may be done.
  RoundRefresh(DramController& controller, const DramWalk& walk, std::int64_t banks,
               std::int64_t until)
      : controller_(controller), walk_(walk), banks_(banks), until_(until) {}

  [[nodiscard]] std::int64_t queued() const { return controller_.reads_.size(); }
  /// Closes and refreshes the banks. False, with nothing done, unless a refresh is all that comes
  /// next and the queue is full of reads of one round of banks, all of them row hits. Precondition:
  /// at least as many of the round as are queued came last.
  bool begin();
  /// Whether the next command activates the round's next bank. Precondition: what comes in next is
  /// of the round.
  [[nodiscard]] bool activates();
  /// Does so, and accepts `request` in the same cycle, which is returned.
  std::int64_t activate(const DramRequest& request);
  /// Whether the next command is the column of the next read a bank was activated for.
  /// Precondition: as above.
  [[nodiscard]] bool column_goes();
  /// Carries it out: the controller's `completions` have what is answered. Returns its cycle.
  std::int64_t column();
  /// Lets the controller choose again. Returns the cycle of the last command.
  std::int64_t end() {
    controller_.schedule(last_ + 1);
    return last_;
  }

 private:
  [[nodiscard]] bool finds_round() const;
  /// Of the round's i-th oldest read.
  [[nodiscard]] std::int64_t bank(std::int64_t i) const { return walk_.bank_ahead(i - size_); }
  /// Whether a command that is ready first at `cycle` may go then.
  [[nodiscard]] bool goes(std::int64_t cycle) {
    next_ = cycle;
    return cycle <= until_ && cycle < controller_.refresh_.due() &&
           !controller_.next_turn(last_ + 1);
  }

  DramController& controller_;
  DramWalk walk_;
  std::int64_t banks_, until_;
  std::int64_t size_ = queued();
  std::int64_t last_ = 0, next_ = 0;  ///< of the last command and the one that goes
  std::int64_t activated_ = 0, served_ = 0;
  std::int64_t first_column_ = never;  ///< no bank activated takes one before
};

}  // namespace razorsim
