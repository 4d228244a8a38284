// SPDX-License-Identifier: Apache-2.0
#include "models/energy/energy_model.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/energy/sram.h"

namespace razorsim {
namespace {

constexpr double pj_per_nw_ps = 1e-9;  // 1 nW for 1 ps = 1e-21 J
constexpr double pj_per_mw_ps = 1e-3;  // 1 mW for 1 ps = 1e-15 J

template <Described T>
Estimate sum_of(const T& parts) {
  Estimate sum;
  for_each_field<T>([&](const auto& each) { sum += parts.*each.member; });
  return sum;
}

/// Bound to bound: `value` with the spread of a factor about 1.
Estimate bounded(const Estimate& value, const Estimate& spread) {
  return {value.low * spread.low, value.nominal * spread.nominal, value.high * spread.high};
}

double share(Bits part, Bits whole) {
  return whole == Bits(0) ? 0
                          : static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

/// Adds `whole` to `codes` and `side`, divided as the bits of `split` divide into codes and the
/// rest.
void divide(const Estimate& whole, const BitSplit& split, Estimate& codes, Estimate& side) {
  const double rest = share(split.flags + split.scales, split.total());
  codes += whole * (1 - rest);
  side += whole * rest;
}

UnitTechnology unit_of_array(const UnitArray& array, const TechnologyTable& table) {
  return unit_of(table, array.unit, static_cast<int>(array.lanes),
                 static_cast<int>(array.accumulator_bits));
}

/// Share of beats of `lanes` products in which not all activation codes are zero, were zeros
/// independent. Multiplied out: pow() differs between C libraries in the last bit.
double any_share(double zeros, std::int64_t lanes) {
  double all_zero = 1;
  for (std::int64_t lane = 0; lane < lanes; ++lane) all_zero *= zeros;
  return 1 - all_zero;
}

/// Energy relative to the table's: one for products without statistics, the data model for the
/// others.
double data_factor(const UnitActivity& activity, const DataModel& model, std::int64_t lanes) {
  if (activity.described == 0 || activity.products == 0) return 1;
  const auto described = static_cast<double>(activity.described);
  const auto zero_activations = static_cast<double>(activity.zero_activations);
  const double fitted =
      model.constant * described +
      model.toggle_activation * static_cast<double>(activity.toggles_activation) +
      model.toggle_weight * static_cast<double>(activity.toggles_weight) +
      model.zero_activation * zero_activations +
      model.zero_weight * static_cast<double>(activity.zero_weights) +
      model.any_activation * described * any_share(zero_activations / described, lanes);
  const double bounded = std::max(fitted, model.floor * described);
  return (static_cast<double>(activity.products - activity.described) + bounded) /
         static_cast<double>(activity.products);
}

void charge_array(const UnitActivity& activity, const UnitArray& array,
                  const TechnologyTable& table, EnergyBreakdown& energy) {
  if (array.elements() == 0) {
    promise(activity == UnitActivity{}, "products on an array the machine does not have");
    return;
  }
  const UnitTechnology unit = unit_of_array(array, table);
  promise(activity.described <= activity.products, "more products described than done");
  const double factor = data_factor(activity, unit.data, array.lanes);
  const double products = factor * static_cast<double>(activity.products);
  const double shifts = factor * static_cast<double>(activity.shifts);
  const double group_ends = factor * static_cast<double>(activity.group_ends);
  const Estimate& ratio = unit.ratio.energy;
  const auto writes = static_cast<double>(activity.register_writes);
  energy.multipliers +=
      bounded(unit.multiply.energy_pj * products + table.register_bit.energy_pj * writes, ratio);
  energy.accumulate_shift += bounded(unit.add.energy_pj * products + unit.shift.energy_pj * shifts +
                                         unit.accumulate.energy_pj * group_ends,
                                     ratio);
}

void charge_buffer(const BufferActivity& activity, const BufferShape& shape,
                   const TechnologyTable& table, Estimate& codes, Estimate& side) {
  if (shape.size == Bytes(0)) {
    promise(activity == BufferActivity{}, "traffic of a buffer the machine does not have");
    return;
  }
  const SramCost cost = sram_cost(table.sram, shape);
  const auto bits = [](const BitSplit& split) {
    return static_cast<double>(split.total().count());
  };
  divide(table.sram.spread * (cost.read_pj_per_bit * bits(activity.read)), activity.read, codes,
         side);
  divide(table.sram.spread * (cost.write_pj_per_bit * bits(activity.written)), activity.written,
         codes, side);
}

void charge_vector_unit(const ElementaryCounts& activity, const VectorTechnology& unit,
                        Estimate& energy) {
  energy += unit.add_pj * static_cast<double>(activity.additions);
  energy += unit.multiply_pj * static_cast<double>(activity.multiplications);
  energy += unit.compare_pj * static_cast<double>(activity.comparisons);
  energy += unit.divide_pj * static_cast<double>(activity.divisions);
  energy += unit.square_root_pj * static_cast<double>(activity.square_roots);
  energy += unit.exponential_pj * static_cast<double>(activity.exponentials);
  energy += unit.convert_pj * static_cast<double>(activity.conversions);
}

void charge_dram(const DramActivity& activity, const Inventory& inventory,
                 const TechnologyTable& table, EnergyBreakdown& energy) {
  const Estimate& spread = table.dram_spread;
  energy.dram_activate += spread * activity.activate.count();
  energy.dram_refresh += spread * activity.refresh.count();
  energy.dram_standby += spread * activity.standby.count();
  divide(spread * activity.read.count(), activity.bits_read, energy.dram_read,
         energy.flags_and_scales);
  divide(spread * activity.write.count(), activity.bits_written, energy.dram_write,
         energy.flags_and_scales);
  for (const BitSplit& split : {activity.bits_read, activity.bits_written}) {
    if (split.total() == Bits(0)) continue;
    const Estimate io = interface_of(table, inventory.dram_interface).io_pj_per_bit;
    divide(io * static_cast<double>(split.total().count()), split, energy.dram_io,
           energy.flags_and_scales);
  }
}

/// The five buffers with the members that belong to each, in one place.
template <class Visitor>
void for_each_buffer(Visitor&& visit) {
  visit(&Inventory::weight_buffer, &ActivityCounters::weight_buffer,
        &EnergyBreakdown::weight_buffer, &AreaBreakdown::weight_buffer);
  visit(&Inventory::activation_buffer, &ActivityCounters::activation_buffer,
        &EnergyBreakdown::activation_buffer, &AreaBreakdown::activation_buffer);
  visit(&Inventory::output_buffer, &ActivityCounters::output_buffer,
        &EnergyBreakdown::output_buffer, &AreaBreakdown::output_buffer);
  visit(&Inventory::kv_cache, &ActivityCounters::kv_cache, &EnergyBreakdown::kv_cache,
        &AreaBreakdown::kv_cache);
  visit(&Inventory::staging_buffer, &ActivityCounters::staging_buffer,
        &EnergyBreakdown::staging_buffer, &AreaBreakdown::staging_buffer);
}

void add_array(const UnitArray& array, const TechnologyTable& table, AreaBreakdown& area) {
  if (array.elements() == 0) return;
  const UnitTechnology unit = unit_of_array(array, table);
  const bool lean = unit.structure == UnitStructure::lean;
  const bool shifts = unit.shift.area_um2.nominal > 0;
  // Several groups in one dot unit need a shifter each, and an adder as wide as the accumulator to
  // join them.
  const std::int64_t groups = shifts ? ceil_div(array.lanes, array.group) : 1;
  // R rows end a group every g cycles, so ceil(R/g) shift units keep up; outputs stay one a row.
  const std::int64_t shift_units =
      lean ? array.columns * ceil_div(array.rows, array.group) : array.elements() * groups;
  std::int64_t accumulators = lean ? array.elements() : array.elements() * groups;
  // Where an operand stays, each shift unit adds to a partial sum that moves on, and each column
  // has one accumulator at its foot; its sums wait in the output buffer.
  if (array.operand_stays) accumulators = shift_units + array.columns;
  const auto lanes = static_cast<double>(array.elements() * array.lanes);
  const auto registers = static_cast<double>(array.second_register_bits);
  area.multipliers += bounded(
      unit.multiply.area_um2 * lanes + table.register_bit.area_um2 * registers, unit.ratio.area);
  area.accumulate_shift +=
      bounded(unit.add.area_um2 * lanes + unit.shift.area_um2 * static_cast<double>(shift_units) +
                  unit.accumulate.area_um2 * static_cast<double>(accumulators),
              unit.ratio.area);
}

}  // namespace

Estimate EnergyBreakdown::total() const { return sum_of(*this); }
Estimate AreaBreakdown::total() const { return sum_of(*this); }
Estimate AreaBreakdown::logic() const {
  return multipliers + accumulate_shift + razor_unit + vector_unit;
}

EnergyBreakdown energy_of(const ActivityCounters& activity, const Inventory& inventory,
                          const TechnologyTable& table) {
  const AreaBreakdown area = area_of(inventory, table);
  EnergyBreakdown energy;
  charge_array(activity.array, inventory.array, table, energy);
  charge_array(activity.side_array, inventory.side_array, table, energy);
  if (activity.razor_groups > 0) {
    energy.razor_unit = razor_unit_of(table, static_cast<int>(inventory.razor_group)).energy_pj *
                        static_cast<double>(activity.razor_groups);
  }
  charge_vector_unit(activity.vector_unit, table.vector_unit, energy.vector_unit);
  const auto time = static_cast<double>(activity.time.count());
  double sram_leakage_mw = 0;
  for_each_buffer([&](auto shape, auto counters, auto component, auto) {
    charge_buffer(activity.*counters, inventory.*shape, table, energy.*component,
                  energy.flags_and_scales);
    sram_leakage_mw += sram_cost(table.sram, inventory.*shape).leakage_mw;
  });
  charge_dram(activity.dram, inventory, table, energy);
  // Bound to bound: the largest area with the largest leakage.
  const Estimate logic = area.logic();
  const Estimate& density = table.logic_leakage_nw_per_um2;
  energy.leakage = bounded(logic, density) * (time * pj_per_nw_ps);
  energy.leakage += exactly(sram_leakage_mw * time * pj_per_mw_ps);
  return energy;
}

AreaBreakdown area_of(const Inventory& inventory, const TechnologyTable& table) {
  check(table);
  AreaBreakdown area;
  add_array(inventory.array, table, area);
  add_array(inventory.side_array, table, area);
  if (inventory.razor_groups_per_cycle > 0) {
    area.razor_unit = razor_unit_of(table, static_cast<int>(inventory.razor_group)).area_um2 *
                      static_cast<double>(inventory.razor_groups_per_cycle);
  }
  area.vector_unit = table.vector_unit.lane_area_um2 * static_cast<double>(inventory.vector_lanes);
  for_each_buffer([&](auto shape, auto, auto, auto component) {
    area.*component = exactly(sram_cost(table.sram, inventory.*shape).area_um2);
  });
  return area;
}

RatioSpread unit_ratios(const UnitArray& array, const TechnologyTable& table) {
  return array.elements() == 0 ? RatioSpread{} : unit_of_array(array, table).ratio;
}

std::vector<std::string> remarks_on(const Inventory& inventory, const TechnologyTable& table) {
  std::vector<std::string> remarks;
  if (!table.scaling.empty()) remarks.push_back(table.scaling);
  const auto unit = [&](const UnitArray& array) {
    if (array.elements() == 0) return;
    const UnitTechnology found = unit_of_array(array, table);
    if (found.lanes != array.lanes) {
      remarks.push_back(fmt::format("{} with {} lanes is priced a lane as the unit with {}",
                                    found.name, array.lanes, found.lanes));
    }
    if (found.derived)
      remarks.push_back(
          fmt::format("{} is derived from integer figures, not measured", found.name));
  };
  unit(inventory.array);
  unit(inventory.side_array);
  if (inventory.array.second_register_bits > 0 && table.register_bit == LogicCost{})
    remarks.push_back("the technology has no register_bit: second registers of elements are free");
  for_each_buffer([&](auto shape, auto, auto component, auto) {
    if (!sram_cost(table.sram, inventory.*shape).extrapolated) return;
    for_each_field<EnergyBreakdown>([&](const auto& each) {
      if (each.member == component)
        remarks.push_back(fmt::format(
            "a bank of the {} lies outside the SRAM table; its cost is extrapolated", each.name));
    });
  });
  return remarks;
}

}  // namespace razorsim
