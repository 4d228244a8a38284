// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_rules.h"

#include <algorithm>

namespace razorsim {

DramRules::DramRules(const DramSpec& spec) {
  const DramTiming& t = spec.timing;
  const auto cycles = [](MemoryCycles each) { return each.count(); };
  const std::int64_t row_late = spec.interface.activate_cycles - 1;
  const std::int64_t column_late = spec.interface.column_cycles - 1;

  activate_cycles = spec.interface.activate_cycles;
  column_cycles = spec.interface.column_cycles;
  burst = cycles(t.burst);
  read_data_end = cycles(t.cl) + burst + column_late;
  write_data_end = cycles(t.cwl) + burst + column_late;

  activate_read = cycles(t.rcd_read) + row_late - column_late;
  activate_write = cycles(t.rcd_write) + row_late - column_late;
  activate_precharge = cycles(t.ras) + row_late;
  activate_refresh = cycles(t.rc) + row_late;
  activate_activate = cycles(t.rc);
  activate_activate_s = cycles(t.rrd_s);
  activate_activate_l = cycles(t.rrd_l);
  four_activates = cycles(t.faw);

  precharge_activate = cycles(t.rp) - row_late;
  precharge_all_activate = cycles(t.rp_all) - row_late;
  precharge_precharge = cycles(t.ppd);
  precharge_refresh = cycles(t.rp);
  precharge_all_refresh = cycles(t.rp_all);

  read_read_s = std::max(burst, cycles(t.ccd_s));
  read_read_l = std::max(burst, cycles(t.ccd_l));
  read_read_rank = burst + cycles(t.rank_switch);
  read_write = cycles(t.read_to_write);
  read_write_rank =
      std::max<std::int64_t>(1, cycles(t.cl) + burst + cycles(t.rank_switch) - cycles(t.cwl));
  read_precharge = cycles(t.rtp) + column_late;
  write_write_s = std::max(burst, cycles(t.ccd_s_write));
  write_write_l = std::max(burst, cycles(t.ccd_l_write));
  write_write_rank = burst + cycles(t.rank_switch);
  write_read_s = cycles(t.cwl) + burst + cycles(t.wtr_s);
  write_read_l = cycles(t.cwl) + cycles(t.burst_same_group) + cycles(t.wtr_l);
  write_read_rank =
      std::max<std::int64_t>(1, cycles(t.cwl) + burst + cycles(t.rank_switch) - cycles(t.cl));
  write_precharge = cycles(t.cwl) + burst + cycles(t.wr) + column_late;

  refresh_activate = cycles(t.rfc) - row_late;
  refresh_refresh = cycles(t.rfc);
  refresh_bank_activate = cycles(t.rfc_bank) - row_late;
  refresh_bank_refresh = cycles(t.refresh_to_refresh_bank);
  refresh_bank_activate_other =
      std::max<std::int64_t>(0, cycles(t.refresh_to_activate_bank) - row_late);
  activate_refresh_bank_other = cycles(t.rrd_s) + row_late;
}

}  // namespace razorsim
