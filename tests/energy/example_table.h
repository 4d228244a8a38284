// SPDX-License-Identifier: Apache-2.0
// A small technology with figures easy to work with by hand.
#pragma once

#include <cmath>

#include "models/energy/energy_model.h"

namespace razorsim {

inline LogicCost cost(double pj, double um2) { return {{0.5 * pj, pj, 2 * pj}, {um2, um2, um2}}; }

/// SRAM of one cell type: energy rises with the square root of the size and with the width.
inline TechnologyTable example_table() {
  TechnologyTable table;
  table.name = "example";
  table.logic_leakage_nw_per_um2 = exactly(10);
  table.register_bit = cost(0.01, 3);
  table.units.push_back({.name = "sdr_dot",
                         .structure = UnitStructure::dot,
                         .lanes = 16,
                         .group = 16,
                         .accumulator_bits = 32,
                         .multiply = cost(0.1, 10),
                         .add = cost(0.02, 4),
                         .shift = cost(0.4, 50),
                         .accumulate = cost(0.8, 100)});
  table.units.push_back({.name = "sdr_lean",
                         .structure = UnitStructure::lean,
                         .lanes = 1,
                         .group = 16,
                         .accumulator_bits = 32,
                         .multiply = cost(0.1, 10),
                         .add = cost(0.05, 8),
                         .shift = cost(0.4, 50),
                         .accumulate = cost(0.8, 100)});
  table.units.push_back({.name = "int8",
                         .structure = UnitStructure::dot,
                         .lanes = 16,
                         .group = 1,
                         .accumulator_bits = 32,
                         .multiply = cost(0.4, 60),
                         .add = cost(0.05, 9),
                         .accumulate = cost(0.8, 100)});
  table.razor_units.push_back({.group = 16, .energy_pj = exactly(5), .area_um2 = exactly(1000)});
  table.vector_unit.add_pj = exactly(1);
  table.vector_unit.multiply_pj = exactly(4);
  table.vector_unit.exponential_pj = exactly(40);
  table.vector_unit.lane_area_um2 = exactly(5000);
  for (const double size : {16.0, 64.0, 256.0}) {
    for (const int port : {64, 128}) {
      table.sram.points.push_back({.size_kib = size,
                                   .port_bits = port,
                                   .read_pj = port / 32.0 * std::sqrt(size / 16),
                                   .write_pj = port / 64.0 * std::sqrt(size / 16),
                                   .leakage_mw = size / 64,
                                   .access_ns = 1,
                                   .area_um2 = size * 2000});
    }
  }
  table.dram_interfaces.push_back({.name = "DDR4", .io_pj_per_bit = {4, 6, 10}});
  return table;
}

inline Inventory example_inventory() {
  Inventory machine;
  machine.array = {
      .unit = "sdr_dot", .rows = 4, .columns = 4, .lanes = 16, .group = 16, .accumulator_bits = 32};
  machine.vector_lanes = 8;
  machine.razor_groups_per_cycle = 2;
  machine.weight_buffer = {.size = Bytes(64 * 1024), .banks = 4, .port = Bits(64)};
  machine.activation_buffer = {.size = Bytes(64 * 1024), .banks = 1, .port = Bits(128)};
  return machine;
}

}  // namespace razorsim
