// SPDX-License-Identifier: Apache-2.0
// Energy of a DRAM from its supply currents (the JEDEC IDD method) and its command counts.
#pragma once

#include "models/hardware/dram_counters.h"
#include "models/hardware/dram_spec.h"

namespace razorsim {

/// What one event costs in all devices of a rank together, and one cycle of standing by.
struct DramEnergyTable {
  Picojoules activate, read, write, refresh, refresh_bank, active_cycle, precharged_cycle;
};

/// V * mA * ns = pJ, for each device:
///   activate and its precharge  VDD (IDD0 rc - IDD3N ras - IDD2N rp) tCK
///   read, write                 VDD (IDD4 - IDD3N) burst tCK
///   all-bank refresh            VDD (IDD5 - IDD3N) rfc tCK; per-bank: that over the banks
///   standby                     VDD (IDD3N with a bank open, else IDD2N), a cycle
/// Standby is paid all the time, the others on top. All zero where the device has no currents.
[[nodiscard]] DramEnergyTable dram_energy_table(const DramSpec& spec);

/// Energy of the commands, bytes and standby times in `counters` (its energy member is not read).
[[nodiscard]] DramEnergy dram_energy(const DramSpec& spec, const DramCounters& counters);

}  // namespace razorsim
