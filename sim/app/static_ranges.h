// SPDX-License-Identifier: Apache-2.0
// Static scales as commands get them: a calibration file, or made from a text and the weights.
#pragma once

#include <vector>

#include "models/base/scheme.h"
#include "sim/app/arguments.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"

namespace razorsim {

/// --model --text --calibration --calibration-tokens --percentile --row-scales. Beside them such a
/// command has --context and --threads, which it words itself.
[[nodiscard]] std::vector<Option> calibrated_options();

/// What these options ask for. Without a calibration there are no ranges: then a scheme that needs
/// one says so. Row scales are searched for the weights of `schemes`. Throws ConfigError, and
/// TraceError for a file that is no calibration or was made with another model.
[[nodiscard]] StaticRanges static_ranges(const Arguments& arguments, const Model& model,
                                         const std::vector<Scheme>& schemes, int threads);

/// The option threads, all processors where it is 0.
[[nodiscard]] int threads_of(const Arguments& arguments);

}  // namespace razorsim
