// SPDX-License-Identifier: Apache-2.0
// A run: one workload on one machine in one scheme.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/energy/technology.h"
#include "models/hardware/schedule.h"
#include "models/hardware/specs.h"
#include "models/mapping/product_mapping.h"
#include "sim/machine/machine_spec.h"
#include "sim/machine/machine_waves.h"
#include "sim/result/run_result.h"
#include "sim/values/run_values.h"

namespace razorsim {

struct RunRequest {
  MachineSpec machine;
  std::vector<Operation> operations;
  Scheme scheme;
  TechnologyTable technology;
  std::vector<GivenMapping> mapping{};  ///< of the products named; the rest is searched for
  Fidelity fidelity = Fidelity::tile;
  bool timeline = false;               ///< keep the modules' slices
  std::optional<WaveRequest> waves{};  ///< of a run at pe fidelity
  RunValues* values = nullptr;         ///< null: time and energy only, not one cycle less
  RunProvenance provenance;  ///< what the caller knows; fidelity, scheme, technology are filled in
};

/// One simulation in this process, which may hold no other: call it in a child. The array is made
/// of what `inventory` says, so that parts of one run are priced alike.
[[nodiscard]] RunResult simulate_here(const RunRequest& request, const Schedule& schedule,
                                      const Inventory& inventory, Waveform* waves = nullptr);

/// Plans, simulates in a child process and assembles. Throws ConfigError for what the machine
/// cannot do. `vcd` gets the waveform the request asks for, as text.
[[nodiscard]] RunResult run(const RunRequest& request, std::string* vcd = nullptr);

}  // namespace razorsim
