// SPDX-License-Identifier: Apache-2.0
// The controller's view of the timing table: distances between commands in cycles, each counted
// from first cycle to first cycle of the commands.
#pragma once

#include <cstdint>

#include "models/hardware/dram_spec.h"

namespace razorsim {

/// "_s": other bank group, "_l": same bank group, "_rank": other rank. A command of several cycles
/// acts at its last one, so a distance from it grows and one to it shrinks by the cycles before.
struct DramRules {
  explicit DramRules(const DramSpec& spec);

  std::int64_t activate_read, activate_write, activate_precharge, activate_refresh;
  std::int64_t activate_activate, activate_activate_s, activate_activate_l, four_activates;
  std::int64_t precharge_activate, precharge_all_activate, precharge_precharge;
  std::int64_t precharge_refresh, precharge_all_refresh;
  std::int64_t read_read_s, read_read_l, read_read_rank, read_write, read_write_rank,
      read_precharge;
  std::int64_t write_write_s, write_write_l, write_write_rank, write_read_s, write_read_l;
  std::int64_t write_read_rank, write_precharge;
  std::int64_t refresh_activate, refresh_refresh;
  std::int64_t refresh_bank_activate, refresh_bank_refresh, refresh_bank_activate_other;
  std::int64_t activate_refresh_bank_other;
  std::int64_t activate_cycles, column_cycles;
  std::int64_t read_data_end, write_data_end, burst;
};

}  // namespace razorsim
