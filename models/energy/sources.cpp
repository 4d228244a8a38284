// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sources.h"

#include <algorithm>
#include <array>

namespace razorsim {
namespace {

/// Flags and scales counted with the codes, so that every component has one source.
ActivityCounters without_split(ActivityCounters activity) {
  const auto join = [](BitSplit& split) { split = {split.total(), Bits(0), Bits(0)}; };
  for (BufferActivity* buffer :
       {&activity.weight_buffer, &activity.activation_buffer, &activity.output_buffer,
        &activity.kv_cache, &activity.staging_buffer}) {
    join(buffer->read);
    join(buffer->written);
  }
  join(activity.dram.bits_read);
  join(activity.dram.bits_written);
  return activity;
}

/// Takes the bounds of the unit's ratio out of the array's figures, which carry the anchor's too.
void divide_array(const Estimate& array, const Estimate& ratio, SourcedTotal& total) {
  total.arithmetic += {array.low / ratio.low, array.nominal, array.high / ratio.high};
  total.unit += ratio * array.nominal;
}

constexpr auto shared = std::to_array<Estimate SourcedTotal::*>(
    {&SourcedTotal::arithmetic, &SourcedTotal::vector_unit, &SourcedTotal::sram,
     &SourcedTotal::dram, &SourcedTotal::dram_io, &SourcedTotal::leakage});

/// The total with each shared source at the bound that `corner` has a bit for, and the unit's ratio
/// at `unit`.
double at(const SourcedTotal& total, unsigned corner, double Estimate::*unit) {
  double sum = 0;
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const Estimate& part = total.*shared[i];
    sum += (corner >> i & 1U) != 0 ? part.high : part.low;
  }
  // The anchor scales the array whatever the unit's ratio is, so the two multiply.
  const double array = total.unit.nominal;
  const double arithmetic = (corner & 1U) != 0 ? total.arithmetic.high : total.arithmetic.low;
  const double anchor = total.arithmetic.nominal > 0 ? arithmetic / total.arithmetic.nominal : 0;
  return sum + anchor * (total.unit.*unit - array);
}

}  // namespace

double SourcedTotal::nominal() const {
  double sum = 0;
  for (const auto part : shared) sum += (this->*part).nominal;
  return sum;
}

SourcedTotal sources_of_energy(const ActivityCounters& activity, const Inventory& inventory,
                               const TechnologyTable& table) {
  const EnergyBreakdown energy = energy_of(without_split(activity), inventory, table);
  SourcedTotal total;
  divide_array(energy.multipliers + energy.accumulate_shift,
               unit_ratios(inventory.array, table).energy, total);
  total.arithmetic += energy.razor_unit;
  total.vector_unit = energy.vector_unit;
  total.sram = energy.weight_buffer + energy.activation_buffer + energy.output_buffer +
               energy.kv_cache + energy.staging_buffer;
  total.dram = energy.dram_activate + energy.dram_read + energy.dram_write + energy.dram_refresh +
               energy.dram_standby;
  total.dram_io = energy.dram_io;
  total.leakage = energy.leakage;
  return total;
}

SourcedTotal sources_of_area(const Inventory& inventory, const TechnologyTable& table) {
  const AreaBreakdown area = area_of(inventory, table);
  SourcedTotal total;
  divide_array(area.multipliers + area.accumulate_shift, unit_ratios(inventory.array, table).area,
               total);
  total.arithmetic += area.razor_unit;
  total.vector_unit = area.vector_unit;
  total.sram = area.weight_buffer + area.activation_buffer + area.output_buffer + area.kv_cache +
               area.staging_buffer;
  return total;
}

Estimate ratio_of(const SourcedTotal& a, const SourcedTotal& b, bool same_unit) {
  if (b.nominal() <= 0) return {};
  Estimate ratio = exactly(a.nominal() / b.nominal());
  constexpr auto bounds = std::to_array<double Estimate::*>({&Estimate::low, &Estimate::high});
  // A quotient of sums is monotone in each part, so its extremes are at corners.
  for (unsigned corner = 0; corner < 1U << shared.size(); ++corner) {
    for (const auto unit_a : bounds) {
      for (const auto unit_b : bounds) {
        if (same_unit && unit_a != unit_b) continue;
        const double below = at(b, corner, unit_b);
        if (below <= 0) continue;
        const double value = at(a, corner, unit_a) / below;
        ratio.low = std::min(ratio.low, value);
        ratio.high = std::max(ratio.high, value);
      }
    }
  }
  return ratio;
}

}  // namespace razorsim
