// SPDX-License-Identifier: Apache-2.0
// The table of commands: one line each.
#include "sim/app/app.h"
#include "sim/app/capture.h"
#include "sim/app/explain.h"
#include "sim/app/list.h"
#include "sim/app/razor.h"
#include "sim/app/validate.h"

namespace razorsim {

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      capture_command(),
      razor_command(),
      explain_command(),
      validate_command(),
      list_command(),
  };
  return table;
}

}  // namespace razorsim
