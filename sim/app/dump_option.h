// SPDX-License-Identifier: Apache-2.0
// --dump-tensors and --dump, as run and eval have them.
#pragma once

#include <string>
#include <vector>

#include "sim/app/arguments.h"
#include "sim/values/tensor_dump.h"

namespace razorsim {

[[nodiscard]] std::vector<Option> dump_options();

/// What they ask for; none where they are not given. Throws ConfigError for a pattern that matches
/// none of `operations`.
[[nodiscard]] TensorDump tensor_dump(const Arguments& arguments,
                                     const std::vector<std::string>& operations);

}  // namespace razorsim
