// SPDX-License-Identifier: Apache-2.0
// Columns that a run, its operations and its steps have in common: of every record with a `run`,
// counters() and energy().
#pragma once

#include <optional>

#include "sim/result/columns.h"
#include "sim/result/ratios.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// The nominal figures of a breakdown as plain numbers, so that they sum to the nominal total.
template <class Breakdown>
struct Nominal {
  Breakdown breakdown;

  [[nodiscard]] Value as_value() const {
    JsonObject members;
    for_each_field<Breakdown>([&](const auto& each) {
      members.push_back({std::string(each.name), Value((breakdown.*each.member).nominal)});
    });
    return members;
  }
  [[nodiscard]] static Shape shape() {
    Shape shape;
    for_each_field<Breakdown>([&](const auto& each) {
      shape.fields.push_back(
          {each.name, each.unit, each.range, each.meaning, "", shape_of<double>(), Value(0.0)});
    });
    return shape;
  }
};

[[nodiscard]] inline double nanoseconds(double picoseconds) { return picoseconds / 1000; }
[[nodiscard]] inline double nanoseconds(Picoseconds time) {
  return nanoseconds(static_cast<double>(time.count()));
}

template <class Record>
[[nodiscard]] Column<Record> semantics_column() {
  return column_of<Record>(
      &RunProvenance::semantics, [](const Record& r) -> auto& { return r.run.provenance; });
}

/// A counter, as its field table has it.
template <class Record, class Part>
[[nodiscard]] Column<Record> counter(Part OperationCounters::*member) {
  return column_of<Record>(
      member, [](const Record& r) -> auto& { return r.counters(); });
}

template <class Record>
[[nodiscard]] Column<Record> utilization_column() {
  return column<Record>(
      "utilization", "", between(0, 1),
      "MACs over what the array could do in all these cycles, one pass an operand",
      [](const Record& r) { return mac_utilization(r.counters(), r.run.peak_macs_per_cycle); });
}

template <class Record>
[[nodiscard]] Column<Record> occupancy_column() {
  return column<Record>(
      "array_occupancy", "", between(0, 1),
      "multipliers at work over multipliers there are, in the array's busy cycles; passes of wide "
      "operands count as work",
      [](const Record& r) { return array_occupancy(r.counters()); });
}

template <class Record>
[[nodiscard]] Column<Record> dram_read_column() {
  return column<Record>("dram_read_bytes", "B", non_negative,
                        "bytes read over the DRAM's bus, padding included",
                        [](const Record& r) { return all_bytes(r.counters().dram_read); });
}

template <class Record>
[[nodiscard]] Column<Record> dram_write_column() {
  return column<Record>("dram_write_bytes", "B", non_negative,
                        "bytes written over the DRAM's bus, padding included",
                        [](const Record& r) { return all_bytes(r.counters().dram_written); });
}

template <class Record>
[[nodiscard]] Column<Record> energy_column() {
  return column<Record>("energy_pj", "pJ", non_negative,
                        "energy, nominal: the sum of its components",
                        [](const Record& r) { return r.energy().total().nominal; });
}

template <class Record>
[[nodiscard]] Column<Record> components_column() {
  return column<Record>("energy_by_component_pj", "pJ", any_value, "nominal energy by component",
                        [](const Record& r) { return Nominal<EnergyBreakdown>{r.energy()}; });
}

}  // namespace razorsim
