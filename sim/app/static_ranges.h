// SPDX-License-Identifier: Apache-2.0
// Static scales as commands get them: a calibration file, or made from a text.
#pragma once

#include "sim/app/arguments.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"

namespace razorsim {

/// Options calibration, calibration-tokens, context and percentile of a command. Empty when no text
/// is given: then a scheme that needs a scale says so.
[[nodiscard]] StaticRanges static_ranges(const Arguments& arguments, const Model& model,
                                         int threads);

/// The option percentile. Throws ConfigError.
[[nodiscard]] double percentile_of(const Arguments& arguments);

/// The option threads, all processors where it is 0.
[[nodiscard]] int threads_of(const Arguments& arguments);

}  // namespace razorsim
