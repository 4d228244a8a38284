// SPDX-License-Identifier: Apache-2.0
// --vcd: a run at pe fidelity as a waveform.
#pragma once

#include <optional>
#include <vector>

#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "sim/app/arguments.h"
#include "sim/app/workload.h"
#include "sim/machine/machine_waves.h"

namespace razorsim {

/// --vcd, --vcd-operation, --vcd-cycles
[[nodiscard]] std::vector<Option> wave_options();

/// What they ask for; nothing without --vcd. Throws ConfigError.
[[nodiscard]] std::optional<WaveRequest> read_wave_request(const Arguments& arguments,
                                                           const std::vector<Operation>& operations,
                                                           const Scheme& scheme,
                                                           const RunSettings& settings);

}  // namespace razorsim
