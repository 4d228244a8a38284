// SPDX-License-Identifier: Apache-2.0
// What a machine is made of, as far as energy and area care.
#pragma once

#include <cstdint>
#include <string>

#include "models/base/fields.h"
#include "models/energy/sram.h"

namespace razorsim {

/// `rows` x `columns` processing elements of one unit of the technology table.
struct UnitArray {
  std::string unit{};
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t lanes = 1;
  std::int64_t group = 1;
  std::int64_t accumulator_bits = 40;
  bool operand_stays = false;
  std::int64_t second_register_bits = 0;

  [[nodiscard]] std::int64_t elements() const { return rows * columns; }
  bool operator==(const UnitArray&) const = default;
};
template <>
inline constexpr auto fields<UnitArray> = field_table<UnitArray>(
    field("unit", &UnitArray::unit, "", any_value,
          "name of a unit of units.def and of the technology table"),
    field("rows", &UnitArray::rows, "", between(0, 65536),
          "rows of processing elements; 0 for no array"),
    field("columns", &UnitArray::columns, "", between(0, 65536), "columns of processing elements"),
    field("lanes", &UnitArray::lanes, "", between(1, 4096), "products an element computes a cycle"),
    field("group", &UnitArray::group, "elements", between(1, 4096),
          "elements that share a flag; 1 where there is none"),
    field("accumulator_bits", &UnitArray::accumulator_bits, "bit", between(8, 64),
          "width of the wide accumulators"),
    field("operand_stays", &UnitArray::operand_stays, "", any_value,
          "weights or activations stay in the elements and partial sums move to the columns' feet"),
    field("second_register_bits", &UnitArray::second_register_bits, "bit", non_negative,
          "registers of the whole array into which the next operand to stay is shifted, beside "
          "those at work"));

struct Inventory {
  UnitArray array{};
  UnitArray side_array{};
  std::int64_t vector_lanes = 0;
  std::int64_t razor_groups_per_cycle = 0;
  std::int64_t razor_group = 16;
  BufferShape weight_buffer{};
  BufferShape activation_buffer{};
  BufferShape output_buffer{};
  BufferShape kv_cache{};
  BufferShape staging_buffer{};
  std::string dram_interface = "DDR4";

  bool operator==(const Inventory&) const = default;
};
template <>
inline constexpr auto fields<Inventory> = field_table<Inventory>(
    field("array", &Inventory::array, "", any_value, "the array"),
    field("side_array", &Inventory::side_array, "", any_value,
          "a second array of another unit, for columns kept at a wider format"),
    field("vector_lanes", &Inventory::vector_lanes, "", between(0, 65536),
          "lanes of the vector unit"),
    field("razor_groups_per_cycle", &Inventory::razor_groups_per_cycle, "", between(0, 65536),
          "razor units side by side; 0 for a machine without SDR"),
    field("razor_group", &Inventory::razor_group, "elements", between(1, 4096),
          "elements a razor unit takes at once"),
    field("weight_buffer", &Inventory::weight_buffer, "", any_value,
          "weights of the tiles at work"),
    field("activation_buffer", &Inventory::activation_buffer, "", any_value,
          "activations of the tiles at work"),
    field("output_buffer", &Inventory::output_buffer, "", any_value, "output tiles"),
    field("kv_cache", &Inventory::kv_cache, "", any_value,
          "K and V on chip; none where they lie in DRAM"),
    field("staging_buffer", &Inventory::staging_buffer, "", any_value,
          "rows that wait for the razor unit"),
    field("dram_interface", &Inventory::dram_interface, "", any_value,
          "standard of the DRAM, for its I/O energy"));

}  // namespace razorsim
