// SPDX-License-Identifier: Apache-2.0
// Holds a Value to a Shape: every unknown key, wrong type and value out of range, in one go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "sim/config/shape.h"
#include "sim/config/value.h"

namespace razorsim {

/// Every problem of `value`, in the order of the file. Each names the key's path below `path`, the
/// value found, what is allowed, the nearest known name, and where it was written. The keys
/// "$schema", "source", "sources" and "comment" are documentation and allowed in every object.
[[nodiscard]] std::vector<Problem> check(const Value& value, const Shape& shape,
                                         const std::string& path = {});

/// What is allowed, in words: "a whole number from 1 to 1024", "one of floor, saturate".
[[nodiscard]] std::string allowed_text(const Shape& shape, const Range& range);

/// "$schema", "source", "sources", "comment".
[[nodiscard]] bool is_documentation(std::string_view key);

/// A value as a message shows it: its JSON in one line, cut after 40 characters.
[[nodiscard]] std::string shown(const Value& value);

/// "unknown key" with the nearest name here or, failing that, the same name elsewhere below `root`,
/// failing that, all that is known.
[[nodiscard]] std::string unknown_key(std::string_view key, const Shape& here, const Shape& root);

/// a.b from "a" and "b"; "b" from "" and "b".
[[nodiscard]] std::string join_path(std::string_view path, std::string_view key);

}  // namespace razorsim
