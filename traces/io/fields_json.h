// SPDX-License-Identifier: Apache-2.0
// Structs with a field table, to and from JSON in files of ours. An unknown or ill-typed key is an
// error; a missing one, of a file from before its field, takes the default. Configurations have a
// friendlier reader in sim/config.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"
#include "models/base/fields.h"
#include "traces/io/untrusted.h"

namespace razorsim {

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
[[nodiscard]] nlohmann::json to_json_value(const T& value) {
  if constexpr (Described<T>) {
    nlohmann::json object = nlohmann::json::object();
    for_each_field<T>([&](const auto& each) {
      object[std::string(each.name)] = to_json_value(value.*each.member);
    });
    return object;
  } else if constexpr (is_vector<T>) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& each : value) list.push_back(to_json_value(each));
    return list;
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(name_of(value));
  } else {
    return value;
  }
}

/// Reads `value` into `out`; `path` leads to it in messages, e.g. "operations[3].m". Throws
/// TraceError (without the file's name) on any other type, an unknown key, a number out of `range`.
template <class T>
void from_json_value(const nlohmann::json& value, const std::string& path, Range range, T& out) {
  const auto fail = [&](std::string_view why) {
    throw TraceError(fmt::format("{} {}", path, why));
  };
  if constexpr (Described<T>) {
    if (!value.is_object()) fail("is no object");
    std::size_t known = 0;
    for_each_field<T>([&](const auto& each) {
      const std::string key(each.name);
      const auto found = value.find(key);
      if (found == value.end()) return;
      from_json_value(*found, path + "." + key, each.range, out.*each.member);
      ++known;
    });
    if (known != value.size()) fail("has unknown keys");
  } else if constexpr (is_vector<T>) {
    if (!value.is_array()) fail("is no list");
    out.resize(value.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      from_json_value(value[i], fmt::format("{}[{}]", path, i), range, out[i]);
    }
  } else if constexpr (std::is_enum_v<T>) {
    if (!value.is_string()) fail("is no text");
    const auto& text = value.get_ref<const std::string&>();
    for (const auto& each : enum_names<T>) {
      if (each.name == text) {
        out = each.value;
        return;
      }
    }
    fail(fmt::format("has the unknown value {}", in_quotes(text)));
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) fail("is no text");
    out = value.get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) fail("is neither true nor false");
    out = value.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    // As double first: what does not fit int64 would wrap.
    constexpr double limit = 9.2e18;
    if (!value.is_number_integer() || !range.holds(value.get<double>()) ||
        !between(-limit, limit).holds(value.get<double>()) ||
        !std::in_range<T>(value.get<std::int64_t>())) {
      fail("is no integer in its range");
    }
    out = static_cast<T>(value.get<std::int64_t>());
  } else {
    static_assert(std::is_same_v<T, double>, "a field of a type that files do not hold");
    if (!value.is_number() || !range.holds(value.get<double>())) fail("is no number in its range");
    out = value.get<double>();
  }
}

/// Parses `text`, which must be JSON, into `out`.
template <class T>
void from_json_text(const std::string& text, const std::string& path, T& out) {
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) throw TraceError(fmt::format("{} is no JSON", path));
  from_json_value(value, path, any_value, out);
}

/// The same for an object of texts.
inline void from_json_map(const std::string& text, const std::string& path,
                          std::map<std::string, std::string>& out) {
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_object()) throw TraceError(fmt::format("{} is no JSON object", path));
  for (const auto& [key, each] : value.items()) {
    from_json_value(each, path + "." + in_quotes(key), any_value, out[key]);
  }
}

}  // namespace razorsim
