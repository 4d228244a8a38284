// SPDX-License-Identifier: Apache-2.0
// What a setting or a result means, in words, from the field tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/config/shape.h"

namespace razorsim {

/// One setting with its full path.
struct Explanation {
  std::string path;
  std::string allowed;  ///< in words
  std::string unit;
  std::string initial;  ///< JSON of the default; "" for a part
  std::string meaning;
  std::string source;
  std::vector<std::pair<std::string_view, std::string_view>> choices;
};

/// The setting at `path` ("array.rows"; "" is the whole) and, where it is a part, all below it.
/// Throws ConfigError naming the nearest key.
[[nodiscard]] std::vector<Explanation> explain(const Shape& shape, std::string_view path);

/// For a reader of the terminal: one line each, or all there is to say when there is only one.
[[nodiscard]] std::string explanation_text(const std::vector<Explanation>& all);

/// A Markdown table: key, unit, meaning; with `settings` also allowed and default.
[[nodiscard]] std::string explanation_markdown(const std::vector<Explanation>& all, bool settings);

/// A list of objects, for --json.
[[nodiscard]] Value explanation_value(const std::vector<Explanation>& all);

}  // namespace razorsim
