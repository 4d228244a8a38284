// SPDX-License-Identifier: Apache-2.0
// Judges a command log by the device's timing table. Shares nothing with the controller: the rules
// are listed as the standards list them, and each command is compared with all commands before it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/hardware/dram_log.h"
#include "models/hardware/dram_spec.h"

namespace razorsim {

struct DramViolation {
  DramLogEntry entry;
  std::string rule;           ///< JEDEC's name, e.g. "tRRD_L", or a sentence for a rule of state
  std::int64_t earliest = 0;  ///< first cycle that would have been legal, where there is one
};

/// One channel's log, in order. Checked: distances between commands of a bank, bank group and rank,
/// the four-activate window, command and data bus occupancy, the states commands need (row open,
/// banks closed, second activate in time, write clock running), and that refreshes keep coming.
class DramRuleChecker {
 public:
  explicit DramRuleChecker(const DramSpec& spec);

  void check(const DramLogEntry& entry);
  [[nodiscard]] const std::vector<DramViolation>& violations() const { return violations_; }
  [[nodiscard]] std::int64_t checked() const { return checked_; }

 private:
  static constexpr std::size_t commands = 11;
  static constexpr std::int64_t long_ago = -1'000'000'000;
  enum class Scope : std::uint8_t { bank, group, rank };
  struct Rule {
    const char* name;
    DramCommand from, to;
    Scope scope;
    std::int64_t cycles;
  };
  struct Bank {
    std::array<std::int64_t, commands> last;  ///< cycle at which each command last took effect here
    std::int64_t row = -1;
    std::int64_t closed_at = long_ago;  ///< of a precharge the device started itself
    bool opening = false;
    std::int64_t group = 0, rank = 0;
  };

  void add(const char* name, std::vector<DramCommand> from, std::vector<DramCommand> to,
           Scope scope, MemoryCycles cycles);
  void list_rules();
  void need(bool holds, const DramLogEntry& entry, const char* rule, std::int64_t earliest = 0);
  void check_distances(const DramLogEntry& entry, std::int64_t effect);
  void check_state(const DramLogEntry& entry, std::int64_t effect);
  void check_buses(const DramLogEntry& entry, std::int64_t effect);
  void apply(const DramLogEntry& entry, std::int64_t effect);
  [[nodiscard]] std::int64_t length(DramCommand command) const;

  DramSpec spec_;
  std::array<std::vector<Rule>, commands> rules_;  ///< by the later command
  std::vector<Bank> banks_;
  std::vector<std::array<std::int64_t, 4>> activates_;  ///< of each rank, oldest first
  std::vector<std::int64_t> refreshed_;                 ///< of each rank, or each bank
  std::int64_t row_bus_ = 0, column_bus_ = 0;
  std::int64_t data_end_ = long_ago, data_rank_ = 0;
  std::int64_t clock_until_ = long_ago, synced_at_ = long_ago;
  std::int64_t checked_ = 0;
  std::vector<DramViolation> violations_;
};

}  // namespace razorsim
