// SPDX-License-Identifier: Apache-2.0
// The program: a table of commands, and what becomes of errors.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/arguments.h"

namespace razorsim {

/// Every command, in the order of --help.
[[nodiscard]] std::span<const Command> commands();

/// Runs one command line (without the program's name). Exit codes: 0 done; 1 a defect of ours; 2
/// the configuration, the usage, or output that can't be written; 3 a trace or model file.
[[nodiscard]] int run_command_line(const std::vector<std::string>& words);

/// Help for the whole program, or one command.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);

/// The same for docs/commands.md.
[[nodiscard]] std::string commands_markdown();

}  // namespace razorsim
