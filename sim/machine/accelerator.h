// SPDX-License-Identifier: Apache-2.0
// The only place that wires modules: one accelerator from one MachineSpec.
#pragma once

#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/hardware/array.h"
#include "models/hardware/dram_counters.h"
#include "models/hardware/ledger.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/schedule.h"
#include "models/hardware/value_path.h"
#include "sim/machine/attribution.h"
#include "sim/machine/machine_spec.h"

namespace razorsim {

/// One module's time, named as in results.
struct ModuleLedger {
  std::string name;
  ModuleTime time;
  std::vector<Slice> slices;
};

/// What came out of one simulation, before energy and error.
struct Measurement {
  Picoseconds time;
  Picoseconds core_period;
  std::vector<HardwareCounters> counters;  ///< an operation
  std::vector<OperationTime> operation_times;
  std::vector<DramCounters> dram_by_pass;
  std::vector<PassSpan> passes;
  std::vector<ModuleLedger> modules;
};

class MachineGauges;

/// Core period in whole picoseconds.
[[nodiscard]] Picoseconds core_period(const MachineSpec& machine);
/// What mapping needs to know of the machine.
[[nodiscard]] MachineShape shape_of(const MachineSpec& machine);

/// Builds the machine, runs the schedule to its end and checks the conservation laws (throws Defect
/// with the module's name). SystemC elaborates once a process: call it once, in a child.
/// `model` and `values` may be null: closed forms, no numbers.
/// `gauges`, where asked for, are read all the while; not one cycle changes.
[[nodiscard]] Measurement simulate(const MachineSpec& machine,
                                   const std::vector<Operation>& operations,
                                   const Schedule& schedule, ArrayModel* model, ValuePath* values,
                                   MachineGauges* gauges = nullptr);

}  // namespace razorsim
