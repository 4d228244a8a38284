// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_energy.h"

namespace razorsim {

DramEnergyTable dram_energy_table(const DramSpec& spec) {
  if (!spec.currents) return {};
  const DramCurrents& i = *spec.currents;
  const DramTiming& t = spec.timing;
  const auto cycles = [](MemoryCycles each) { return static_cast<double>(each.count()); };
  const double clock_ns = static_cast<double>(t.clock.count()) * 1e-3;
  const double scale = i.vdd_v * static_cast<double>(spec.organisation.devices()) * clock_ns;
  const auto energy = [&](double milliampere_cycles) {
    return Picojoules(scale * milliampere_cycles);
  };

  DramEnergyTable table;
  table.activate =
      energy(i.idd0_ma * cycles(t.rc) - i.idd3n_ma * cycles(t.ras) - i.idd2n_ma * cycles(t.rp));
  table.read = energy((i.idd4r_ma - i.idd3n_ma) * cycles(t.burst));
  table.write = energy((i.idd4w_ma - i.idd3n_ma) * cycles(t.burst));
  table.refresh = energy((i.idd5_ma - i.idd3n_ma) * cycles(t.rfc));
  table.refresh_bank = table.refresh * (1.0 / static_cast<double>(spec.organisation.banks()));
  table.active_cycle = energy(i.idd3n_ma);
  table.precharged_cycle = energy(i.idd2n_ma);
  return table;
}

DramEnergy dram_energy(const DramSpec& spec, const DramCounters& counters) {
  const DramEnergyTable table = dram_energy_table(spec);
  const auto times = [](std::int64_t count) { return static_cast<double>(count); };
  const double clock_ps = static_cast<double>(spec.timing.clock.count());
  DramEnergy energy;
  energy.activate = table.activate * times(counters.activates);
  energy.read = table.read * times(counters.reads);
  energy.write = table.write * times(counters.writes);
  energy.refresh = table.refresh * times(counters.refreshes) +
                   table.refresh_bank * times(counters.bank_refreshes);
  energy.active_standby = table.active_cycle * (times(counters.active_standby.count()) / clock_ps);
  energy.precharge_standby =
      table.precharged_cycle * (times(counters.precharge_standby.count()) / clock_ps);
  energy.core = energy.activate + energy.read + energy.write + energy.refresh +
                energy.active_standby + energy.precharge_standby;
  if (spec.io) {
    const double bits = 8 * times((counters.read + counters.written).count());
    energy.io = Picojoules(spec.io->nominal_pj_per_bit * bits);
    energy.io_low = Picojoules(spec.io->low_pj_per_bit * bits);
    energy.io_high = Picojoules(spec.io->high_pj_per_bit * bits);
  }
  energy.total = energy.core + energy.io;
  return energy;
}

}  // namespace razorsim
