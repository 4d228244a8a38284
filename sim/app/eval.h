// SPDX-License-Identifier: Apache-2.0
// razorsim eval: perplexity of schemes by the arithmetic of the hardware units.
#pragma once

#include "sim/app/arguments.h"

namespace razorsim {

[[nodiscard]] Command eval_command();

}  // namespace razorsim
