// SPDX-License-Identifier: Apache-2.0
// JSON text to Value and back: the one place of sim that knows how JSON is read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/config/value.h"

namespace razorsim {

/// Parses `text`; `source` is the name used in messages. Refuses a key written twice in one object
/// and nesting deeper than 64 (no input of ours comes near; a hostile one may not end in a stack
/// overflow).
/// Throws ConfigError with line and column of the first syntax error.
[[nodiscard]] Value parse_json(std::string_view text, const std::string& source);

/// Reads and parses a file. Throws ConfigError also when it can't be read.
[[nodiscard]] Value read_json_file(const std::filesystem::path& path);

/// The text of a value: two spaces a level, a list of numbers on one line, reals in the shortest
/// form that reads back to the same bits, a real that is not finite as null. No line end.
[[nodiscard]] std::string json_text(const Value& value);

/// The same without spaces or line ends: one line.
[[nodiscard]] std::string json_line(const Value& value);

}  // namespace razorsim
