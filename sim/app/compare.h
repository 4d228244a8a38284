// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/arguments.h"

namespace razorsim {

[[nodiscard]] Command compare_command();

}  // namespace razorsim
