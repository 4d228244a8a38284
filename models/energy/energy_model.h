// SPDX-License-Identifier: Apache-2.0
// Activity of a run times a technology table: energy by component. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "models/base/units.h"
#include "models/energy/activity.h"
#include "models/energy/estimate.h"
#include "models/energy/inventory.h"
#include "models/energy/technology.h"

namespace razorsim {

/// Energy by component, in pJ. The components are disjoint and sum to the total: flags and scales
/// are taken out of the buffers and DRAM transfers that carry them.
struct EnergyBreakdown {
  Estimate multipliers{};
  Estimate accumulate_shift{};
  Estimate razor_unit{};
  Estimate vector_unit{};
  Estimate weight_buffer{};
  Estimate activation_buffer{};
  Estimate output_buffer{};
  Estimate kv_cache{};
  Estimate staging_buffer{};
  Estimate dram_activate{};
  Estimate dram_read{};
  Estimate dram_write{};
  Estimate dram_refresh{};
  Estimate dram_standby{};
  Estimate dram_io{};
  Estimate flags_and_scales{};
  Estimate leakage{};

  [[nodiscard]] Estimate total() const;
  bool operator==(const EnergyBreakdown&) const = default;
};
template <>
inline constexpr auto fields<EnergyBreakdown> = field_table<EnergyBreakdown>(
    field("multipliers", &EnergyBreakdown::multipliers, "pJ", any_value,
          "multipliers of the array"),
    field("accumulate_shift", &EnergyBreakdown::accumulate_shift, "pJ", any_value,
          "adder trees, group sums, shifters, wide accumulators"),
    field("razor_unit", &EnergyBreakdown::razor_unit, "pJ", any_value,
          "encoding of groups on chip"),
    field("vector_unit", &EnergyBreakdown::vector_unit, "pJ", any_value,
          "floating-point operations"),
    field("weight_buffer", &EnergyBreakdown::weight_buffer, "pJ", any_value,
          "reads and writes, flags and scales left out"),
    field("activation_buffer", &EnergyBreakdown::activation_buffer, "pJ", any_value,
          "reads and writes, flags and scales left out"),
    field("output_buffer", &EnergyBreakdown::output_buffer, "pJ", any_value,
          "reads and writes, flags and scales left out"),
    field("kv_cache", &EnergyBreakdown::kv_cache, "pJ", any_value,
          "K and V cached on chip, flags and scales left out"),
    field("staging_buffer", &EnergyBreakdown::staging_buffer, "pJ", any_value,
          "the razor unit's rows, flags and scales left out"),
    field("dram_activate", &EnergyBreakdown::dram_activate, "pJ", any_value,
          "activate and precharge commands"),
    field("dram_read", &EnergyBreakdown::dram_read, "pJ", any_value,
          "read commands inside the device"),
    field("dram_write", &EnergyBreakdown::dram_write, "pJ", any_value,
          "write commands inside the device"),
    field("dram_refresh", &EnergyBreakdown::dram_refresh, "pJ", any_value, "refresh commands"),
    field("dram_standby", &EnergyBreakdown::dram_standby, "pJ", any_value,
          "background current over the whole time"),
    field("dram_io", &EnergyBreakdown::dram_io, "pJ", any_value,
          "signalling of data bits between the chips"),
    field("flags_and_scales", &EnergyBreakdown::flags_and_scales, "pJ", any_value,
          "share of flags and scales in every buffer, in DRAM reads and writes and in I/O"),
    field("leakage", &EnergyBreakdown::leakage, "pJ", any_value,
          "leakage of logic and buffers over the whole time"));

/// Energy of `activity` on the machine `inventory` in `table`. Throws ConfigError where the table
/// mixes nodes or lacks a unit, an interface or a buffer near enough in size.
[[nodiscard]] EnergyBreakdown energy_of(const ActivityCounters& activity,
                                        const Inventory& inventory, const TechnologyTable& table);

/// Area by component, in um2 of the table's node. DRAM, wires between the parts and control are not
/// in it.
struct AreaBreakdown {
  Estimate multipliers{};
  Estimate accumulate_shift{};
  Estimate razor_unit{};
  Estimate vector_unit{};
  Estimate weight_buffer{};
  Estimate activation_buffer{};
  Estimate output_buffer{};
  Estimate kv_cache{};
  Estimate staging_buffer{};

  [[nodiscard]] Estimate logic() const;
  [[nodiscard]] Estimate total() const;
  bool operator==(const AreaBreakdown&) const = default;
};
template <>
inline constexpr auto fields<AreaBreakdown> = field_table<AreaBreakdown>(
    field("multipliers", &AreaBreakdown::multipliers, "um2", any_value, "multipliers of the array"),
    field("accumulate_shift", &AreaBreakdown::accumulate_shift, "um2", any_value,
          "adder trees, group sums, shift units, wide accumulators"),
    field("razor_unit", &AreaBreakdown::razor_unit, "um2", any_value, "razor units"),
    field("vector_unit", &AreaBreakdown::vector_unit, "um2", any_value, "vector lanes"),
    field("weight_buffer", &AreaBreakdown::weight_buffer, "um2", any_value, "its SRAM"),
    field("activation_buffer", &AreaBreakdown::activation_buffer, "um2", any_value, "its SRAM"),
    field("output_buffer", &AreaBreakdown::output_buffer, "um2", any_value, "its SRAM"),
    field("kv_cache", &AreaBreakdown::kv_cache, "um2", any_value, "its SRAM"),
    field("staging_buffer", &AreaBreakdown::staging_buffer, "um2", any_value, "its SRAM"));

/// Area of `inventory` in `table`. Throws as energy_of does.
[[nodiscard]] AreaBreakdown area_of(const Inventory& inventory, const TechnologyTable& table);

/// Bounds of the ratio of an array's unit to the anchor, within the figures of the two above.
[[nodiscard]] RatioSpread unit_ratios(const UnitArray& array, const TechnologyTable& table);

/// Nodes and buffers outside the table's grid, in words fit for a report; empty when there is
/// nothing to say.
[[nodiscard]] std::vector<std::string> remarks_on(const Inventory& inventory,
                                                  const TechnologyTable& table);

}  // namespace razorsim
