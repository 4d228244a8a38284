// SPDX-License-Identifier: Apache-2.0
// A whole model with its numbers as the workload: checkpoint, prompt, calibration.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/app/arguments.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"
#include "traces/llama/operations.h"

namespace razorsim {

struct ModelNumbers {
  Model model;
  std::vector<std::vector<std::int32_t>> prompts;  ///< one a sequence
  StaticRanges ranges;
};

/// --model --text --calibration
[[nodiscard]] std::vector<Option> model_options();

/// The prompts `spec` needs, one after the other from --text, and the static scales, from
/// --calibration or the prompt itself. Throws ConfigError where the text is shorter than that,
/// TraceError for a file.
[[nodiscard]] ModelNumbers read_numbers(const Arguments& arguments, Model model,
                                        const WorkloadSpec& spec);

}  // namespace razorsim
