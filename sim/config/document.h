// SPDX-License-Identifier: Apache-2.0
// A configuration file with all that it extends and all that --set changes: one Value.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "sim/config/shape.h"
#include "sim/config/value.h"

namespace razorsim {

/// Reads the configuration `name` (a shipped name or a path, see find_config) of the kind `shape`,
/// with "extends" carried out: the extended file first, then this file's keys over it; objects
/// merge, everything else is replaced. A part with files of its own may be a name or path, or
/// extend one. Nothing is checked against the shape yet. Throws ConfigError: unreadable, syntax, a
/// cycle.
[[nodiscard]] Value read_document(std::string_view name, const Shape& shape);

/// The same for a value at hand; paths are relative to `beside`.
[[nodiscard]] Value expand(Value value, const Shape& shape, const std::filesystem::path& beside);

/// Carries out `--set`: each override is "a.b=value". The value is JSON; where a string, choice or
/// name is expected, quotes may be left out. Throws ConfigError with every key that doesn't exist.
void apply_overrides(Value& value, const Shape& shape, std::span<const std::string> overrides);

/// Puts the members of `upper` over those of `lower`, objects deep.
[[nodiscard]] Value merge(Value lower, Value upper);

}  // namespace razorsim
