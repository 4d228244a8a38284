// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/arguments.h"

namespace razorsim {

[[nodiscard]] Command razoring_command();

}  // namespace razorsim
