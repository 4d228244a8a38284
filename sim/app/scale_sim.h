// SPDX-License-Identifier: Apache-2.0
// --semantics scale-sim-v3: a workload answered as SCALE-Sim v3 would, no machine run.
#pragma once

#include <vector>

#include "sim/app/arguments.h"
#include "sim/app/workload.h"

namespace razorsim {

/// --semantics
[[nodiscard]] Option semantics_option();

/// True where the options ask for it. Throws ConfigError at an option that has no meaning in it.
[[nodiscard]] bool asks_scale_sim(const Arguments& arguments);

/// Answers, prints and writes as the options say. Of the machine only the array's shape counts.
void answer_as_scale_sim(const Arguments& arguments, const Workload& workload);

}  // namespace razorsim
