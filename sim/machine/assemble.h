// SPDX-License-Identifier: Apache-2.0
// From what a simulation measured to what a run returns: energy, area, bounds.
#pragma once

#include <span>
#include <vector>

#include "models/energy/technology.h"
#include "sim/machine/accelerator.h"
#include "sim/result/run_result.h"
#include "sim/values/run_values.h"

namespace razorsim {

/// What the machine is made of to run all of `schedules`, for the energy model.
[[nodiscard]] Inventory inventory_of(const MachineSpec& machine,
                                     std::span<const Schedule> schedules);

/// DRAM energy of a pass is divided among its operations: commands by the bytes each moved, refresh
/// and standby by the time each took. `statistics` (empty, or one an operation) let arithmetic
/// energy follow the operands, as the dataflow moves them past the multipliers.
[[nodiscard]] RunResult assemble(const MachineSpec& machine,
                                 const std::vector<Operation>& operations, const Schedule& schedule,
                                 const Measurement& measured, const Inventory& inventory,
                                 const TechnologyTable& technology,
                                 const std::vector<ProductStatistics>& statistics);

}  // namespace razorsim
