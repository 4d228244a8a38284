// SPDX-License-Identifier: Apache-2.0
// Any Spec from JSON, and back: one call each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "sim/config/check.h"
#include "sim/config/document.h"
#include "sim/config/shape.h"

namespace razorsim {

/// A Spec that knows which combinations of its values make no sense offers, beside itself,
///   std::vector<Problem> physical_problems(const Spec&)
template <class T>
concept PhysicallyChecked = requires(const T& spec) {
  { physical_problems(spec) } -> std::convertible_to<std::vector<Problem>>;
};

/// A T from a value that has been read and expanded. Throws ConfigError with all problems.
template <Described T>
[[nodiscard]] T from_value(const Value& value, const Shape& shape) {
  if (std::vector<Problem> problems = check(value, shape); !problems.empty()) {
    throw ConfigError(std::move(problems));
  }
  T spec{};
  assign(spec, value);
  if constexpr (PhysicallyChecked<T>) {
    if (std::vector<Problem> problems = physical_problems(spec); !problems.empty()) {
      throw ConfigError(std::move(problems));
    }
  }
  return spec;
}

template <Described T>
[[nodiscard]] T from_value(const Value& value) {
  return from_value<T>(value, shape_of<T>());
}

/// The Spec called `name` (shipped name or path), with `--set` overrides, checked.
template <Described T>
[[nodiscard]] T load(std::string_view name, std::span<const std::string> overrides = {}) {
  const Shape shape = shape_of<T>();
  Value value = read_document(name, shape);
  // Unknown keys in overrides are found here, those of the file in from_value: the file first,
  // since an override of a broken file says nothing.
  if (std::vector<Problem> problems = check(value, shape); !problems.empty()) {
    throw ConfigError(std::move(problems));
  }
  apply_overrides(value, shape, overrides);
  return from_value<T>(value, shape);
}

}  // namespace razorsim
