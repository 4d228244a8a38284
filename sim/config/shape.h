// SPDX-License-Identifier: Apache-2.0
// A Spec's field tables as data: what checking, explaining, the JSON Schema and the documentation
// walk, once for all Specs. Templates end here; everything else is ordinary code on Shape and
// Value.
#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/base/cause.h"
#include "models/base/fields.h"
#include "models/base/units.h"
#include "sim/config/value.h"

namespace razorsim {

struct DramSpec;
struct MachineSpec;
struct NetworkConfig;
struct Scheme;
struct TechnologyTable;

/// The folder of a Spec that has files of its own, `configs/<folder>/<name>.json`. Where such a
/// Spec is part of another, a name or path may stand for the whole of it. All in this place, so
/// that every unit knows all of them.
template <class T>
inline constexpr std::string_view config_folder{};
template <>
inline constexpr std::string_view config_folder<DramSpec> = "dram";
template <>
inline constexpr std::string_view config_folder<MachineSpec> = "machines";
template <>
inline constexpr std::string_view config_folder<NetworkConfig> = "networks";
template <>
inline constexpr std::string_view config_folder<Scheme> = "schemes";
template <>
inline constexpr std::string_view config_folder<TechnologyTable> = "technology";

struct FieldShape;

/// What a value may be.
struct Shape {
  enum class Kind { boolean, integer, real, text, choice, list, dictionary, record };
  Kind kind = Kind::record;
  std::string_view folder;                                             ///< of a record with files
  std::vector<std::pair<std::string_view, std::string_view>> choices;  ///< name and meaning
  std::vector<FieldShape> fields;                                      ///< of a record
  std::vector<Shape> element;  ///< one, of a list or dictionary
  std::size_t count = 0;       ///< a list of exactly so many; 0: any number
  Range limits;                ///< what the C++ type can hold, of an integer
  bool optional = false;       ///< may be null

  [[nodiscard]] const FieldShape* find(std::string_view key) const;
  [[nodiscard]] std::vector<std::string_view> names() const;
};

struct FieldShape {
  std::string_view name;
  std::string_view unit;
  Range range;
  std::string_view meaning;
  std::string_view source;
  Shape shape;
  Value initial;  ///< the default
};

namespace detail {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T, std::size_t N>
inline constexpr bool is_list<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_dictionary = false;
template <class T>
inline constexpr bool is_dictionary<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_by_cause = false;
template <class T>
inline constexpr bool is_by_cause<ByCause<T>> = true;

/// A part's defaults are what the whole says: an array's unit is "auto", a unit alone "sdr_dot".
void set_initial(Shape& part, const Value& initial);

}  // namespace detail

/// A type that says itself what it is as JSON. Only written, never read.
template <class T>
concept SpeaksForItself = requires(const T& each) {
  { each.as_value() } -> std::same_as<Value>;
  { T::shape() } -> std::same_as<Shape>;
};

/// A value of ours as JSON.
template <class T>
[[nodiscard]] Value to_value(const T& from) {
  if constexpr (SpeaksForItself<T>) {
    return from.as_value();
  } else if constexpr (Described<T>) {
    JsonObject members;
    for_each_field<T>([&](const auto& each) {
      members.push_back({std::string(each.name), to_value(from.*each.member)});
    });
    return members;
  } else if constexpr (detail::is_by_cause<T>) {
    JsonObject members;
    for (const auto& cause : enum_names<Cause>) {
      members.push_back({std::string(cause.name), to_value(from[cause.value])});
    }
    return members;
  } else if constexpr (NamedEnum<T>) {
    return Value(name_of(from));
  } else if constexpr (is_quantity<T>) {
    return to_value(from.count());
  } else if constexpr (std::is_same_v<T, bool>) {
    return Value(from);
  } else if constexpr (std::is_integral_v<T>) {
    return Value(static_cast<std::int64_t>(from));
  } else if constexpr (std::is_floating_point_v<T>) {
    return Value(static_cast<double>(from));
  } else if constexpr (detail::is_optional<T>) {
    return from ? to_value(*from) : Value();
  } else if constexpr (detail::is_list<T>) {
    JsonArray list;
    list.reserve(from.size());
    for (const auto& each : from) list.push_back(to_value(each));
    return list;
  } else if constexpr (detail::is_dictionary<T>) {
    JsonObject members;
    for (const auto& [key, each] : from) members.push_back({key, to_value(each)});
    return members;
  } else {
    return Value(std::string_view(from));
  }
}

/// What T may be as JSON.
template <class T>
[[nodiscard]] Shape shape_of() {
  using enum Shape::Kind;
  Shape shape;
  if constexpr (SpeaksForItself<T>) {
    return T::shape();
  } else if constexpr (Described<T>) {
    shape.folder = config_folder<T>;
    const T initial{};
    for_each_field<T>([&](const auto& each) {
      using Part = typename std::remove_cvref_t<decltype(each)>::type;
      shape.fields.push_back({each.name, each.unit, each.range, each.meaning, each.source,
                              shape_of<Part>(), to_value(initial.*each.member)});
      detail::set_initial(shape.fields.back().shape, shape.fields.back().initial);
    });
  } else if constexpr (detail::is_by_cause<T>) {
    using Part = std::remove_cvref_t<decltype(std::declval<T>().values[0])>;
    for (const auto& cause : enum_names<Cause>) {
      shape.fields.push_back(
          {cause.name, "", any_value, cause.meaning, "", shape_of<Part>(), to_value(Part{})});
    }
  } else if constexpr (NamedEnum<T>) {
    shape.kind = choice;
    for (const auto& each : enum_names<T>) shape.choices.emplace_back(each.name, each.meaning);
  } else if constexpr (is_quantity<T>) {
    return shape_of<typename T::rep>();
  } else if constexpr (std::is_same_v<T, bool>) {
    shape.kind = boolean;
  } else if constexpr (std::is_integral_v<T>) {
    shape.kind = integer;
    shape.limits = {static_cast<double>(std::numeric_limits<T>::min()),
                    static_cast<double>(std::numeric_limits<T>::max())};
  } else if constexpr (std::is_floating_point_v<T>) {
    shape.kind = real;
  } else if constexpr (detail::is_optional<T>) {
    shape = shape_of<typename T::value_type>();
    shape.optional = true;
  } else if constexpr (detail::is_list<T>) {
    shape.kind = list;
    shape.element.push_back(shape_of<typename T::value_type>());
    if constexpr (!detail::is_vector<T>) shape.count = std::tuple_size_v<T>;
  } else if constexpr (detail::is_dictionary<T>) {
    shape.kind = dictionary;
    shape.element.push_back(shape_of<typename T::mapped_type>());
  } else {
    static_assert(std::is_same_v<T, std::string>, "a field of a type that JSON can't say");
    shape.kind = text;
  }
  return shape;
}

/// Overwrites what `from` says; what it leaves out keeps its value. `from` has passed check().
template <class T>
void assign(T& to, const Value& from) {
  if constexpr (Described<T>) {
    for_each_field<T>([&](const auto& each) {
      if (const Value* part = from.find(each.name)) assign(to.*each.member, *part);
    });
  } else if constexpr (detail::is_by_cause<T>) {
    for (const auto& cause : enum_names<Cause>) {
      if (const Value* part = from.find(cause.name)) assign(to[cause.value], *part);
    }
  } else if constexpr (NamedEnum<T>) {
    for (const auto& each : enum_names<T>) {
      if (each.name == *from.text()) to = each.value;
    }
  } else if constexpr (is_quantity<T>) {
    typename T::rep count{};
    assign(count, from);
    to = T(count);
  } else if constexpr (std::is_same_v<T, bool>) {
    to = *from.boolean();
  } else if constexpr (std::is_arithmetic_v<T>) {
    to = from.integer() ? static_cast<T>(*from.integer()) : static_cast<T>(*from.real());
  } else if constexpr (detail::is_optional<T>) {
    if (from.is_null()) {
      to.reset();
    } else {
      assign(to.emplace(), from);
    }
  } else if constexpr (detail::is_list<T>) {
    if constexpr (detail::is_vector<T>) to.assign(from.array()->size(), {});
    for (std::size_t i = 0; i < to.size(); ++i) {
      if constexpr (std::is_same_v<T, std::vector<bool>>) {
        to[i] = *(*from.array())[i].boolean();
      } else {
        assign(to[i], (*from.array())[i]);
      }
    }
  } else if constexpr (detail::is_dictionary<T>) {
    for (const Member& member : *from.object()) assign(to[member.key], member.value);
  } else {
    to = *from.text();
  }
}

}  // namespace razorsim
