// SPDX-License-Identifier: Apache-2.0
// razorsim capture: from a model and a text to a trace.
#pragma once

#include "sim/app/arguments.h"

namespace razorsim {

[[nodiscard]] Command capture_command();

}  // namespace razorsim
