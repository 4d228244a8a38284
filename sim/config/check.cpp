// SPDX-License-Identifier: Apache-2.0
#include "sim/config/check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/config/json.h"

namespace razorsim {

const FieldShape* Shape::find(std::string_view key) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldShape& each) { return each.name == key; });
  return found == fields.end() ? nullptr : &*found;
}

std::vector<std::string_view> Shape::names() const {
  std::vector<std::string_view> all;
  for (const FieldShape& each : fields) all.push_back(each.name);
  return all;
}

void detail::set_initial(Shape& part, const Value& initial) {
  for (FieldShape& each : part.fields) {
    const Value* value = initial.find(each.name);
    if (!value) continue;  // the part may be null
    each.initial = *value;
    set_initial(each.shape, *value);
  }
}

namespace {

using Kind = Shape::Kind;

std::string number(double value) {
  return std::abs(value) < 1e15 && value == std::floor(value)
             ? fmt::format("{}", static_cast<std::int64_t>(value))
             : fmt::format("{}", value);
}

std::string range_text(const Range& range) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high) return fmt::format(" from {} to {}", number(range.low), number(range.high));
  if (low) return fmt::format(" of at least {}", number(range.low));
  if (high) return fmt::format(" of at most {}", number(range.high));
  return {};
}

/// The path of a field called `key` somewhere below `shape`, or "".
std::string path_below(std::string_view key, const Shape& shape) {
  for (const FieldShape& each : shape.fields) {
    if (each.name == key) return std::string(key);
  }
  for (const FieldShape& each : shape.fields) {
    if (const std::string below = path_below(key, each.shape); !below.empty()) {
      return join_path(each.name, below);
    }
  }
  return {};
}

/// Walks value and shape together.
class Checker {
 public:
  explicit Checker(const Shape& root) : root_(root) {}

  void check(const Value& value, const Shape& shape, const Range& range, const std::string& path,
             const Origin& origin) {
    if (shape.optional && value.is_null()) return;
    if (!fits(value, shape, range)) {
      add(path, fmt::format("is {}; allowed: {}", shown(value), allowed_text(shape, range)),
          origin);
      return;
    }
    if (shape.kind == Kind::record) {
      for (const Member& member : *value.object()) check_member(member, shape, path);
    } else if (shape.kind == Kind::list) {
      std::size_t index = 0;
      for (const Value& each : *value.array()) {
        check(each, shape.element[0], range, fmt::format("{}[{}]", path, index++), origin);
      }
    } else if (shape.kind == Kind::dictionary) {
      for (const Member& member : *value.object()) {
        check(member.value, shape.element[0], range, join_path(path, member.key), member.origin);
      }
    }
  }

  [[nodiscard]] std::vector<Problem> take() { return std::move(problems_); }

 private:
  void check_member(const Member& member, const Shape& shape, const std::string& path) {
    const std::string below = join_path(path, member.key);
    if (const FieldShape* known = shape.find(member.key)) {
      check(member.value, known->shape, known->range, below, member.origin);
    } else if (!is_documentation(member.key)) {
      add(below, unknown_key(member.key, shape, root_), member.origin);
    } else if (!documents(member.value)) {
      add(below,
          fmt::format("is {}; allowed: a string, or an object or list of strings",
                      shown(member.value)),
          member.origin);
    }
  }

  static bool documents(const Value& value) {
    if (value.text()) return true;
    if (const JsonArray* list = value.array())
      return std::all_of(list->begin(), list->end(), documents);
    const JsonObject* members = value.object();
    return members && std::all_of(members->begin(), members->end(),
                                  [](const Member& each) { return documents(each.value); });
  }

  static bool fits(const Value& value, const Shape& shape, const Range& range) {
    switch (shape.kind) {
      case Kind::boolean: return value.boolean() != nullptr;
      case Kind::text: return value.text() != nullptr;
      case Kind::record:
      case Kind::dictionary: return value.object() != nullptr;
      case Kind::list:
        return value.array() && (shape.count == 0 || value.array()->size() == shape.count);
      case Kind::choice:
        return value.text() &&
               std::any_of(shape.choices.begin(), shape.choices.end(),
                           [&](const auto& each) { return each.first == *value.text(); });
      case Kind::integer: {
        if (value.integer())
          return range.holds(static_cast<double>(*value.integer())) &&
                 shape.limits.holds(static_cast<double>(*value.integer()));
        // 1e6 is a whole number to anybody but a JSON parser; 2^53 is where that ends.
        constexpr double exact = 9007199254740992.0;
        return value.real() && *value.real() == std::floor(*value.real()) &&
               std::abs(*value.real()) <= exact && range.holds(*value.real()) &&
               shape.limits.holds(*value.real());
      }
      case Kind::real:
        if (value.integer()) return range.holds(static_cast<double>(*value.integer()));
        return value.real() && range.holds(*value.real());
    }
    return false;
  }

  void add(const std::string& path, const std::string& message, const Origin& origin) {
    problems_.push_back({path, message + origin.text()});
  }

  const Shape& root_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Value& value, const Shape& shape, const std::string& path) {
  Checker checker(shape);
  checker.check(value, shape, any_value, path, {});
  return checker.take();
}

std::string allowed_text(const Shape& shape, const Range& range) {
  const std::string or_null = shape.optional ? " or null" : "";
  switch (shape.kind) {
    case Kind::boolean: return "true or false" + or_null;
    case Kind::integer: return "a whole number" + range_text(range) + or_null;
    case Kind::real: return "a number" + range_text(range) + or_null;
    case Kind::text: return "a string" + or_null;
    case Kind::choice: {
      std::vector<std::string_view> names;
      for (const auto& each : shape.choices) names.push_back(each.first);
      return fmt::format("one of {}{}", fmt::join(names, ", "), or_null);
    }
    case Kind::list:
      if (shape.count > 0)
        return fmt::format("a list of {}, each {}", shape.count,
                           allowed_text(shape.element[0], range));
      return fmt::format("a list, each {}", allowed_text(shape.element[0], range));
    case Kind::dictionary:
      return fmt::format("an object, each value {}", allowed_text(shape.element[0], range));
    case Kind::record:
      if (!shape.folder.empty())
        return fmt::format("an object, or a name or path of configs/{}{}", shape.folder, or_null);
      return "an object" + or_null;
  }
  return {};
}

bool is_documentation(std::string_view key) {
  return key == "$schema" || key == "source" || key == "sources" || key == "comment";
}

std::string shown(const Value& value) {
  constexpr std::size_t longest = 40;
  std::string text = json_line(value);
  if (text.size() > longest) {
    std::size_t cut = longest - 3;
    while ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
      --cut;  // not inside a UTF-8 letter
    text = text.substr(0, cut) + "...";
  }
  return text;
}

std::string unknown_key(std::string_view key, const Shape& here, const Shape& root) {
  const std::vector<std::string_view> names = here.names();
  if (const std::string near = did_you_mean(key, names); !near.empty()) return "unknown key" + near;
  if (const std::string elsewhere = path_below(key, root); !elsewhere.empty()) {
    return fmt::format("unknown key; did you mean '{}'?", elsewhere);
  }
  return fmt::format("unknown key; allowed: {}", fmt::join(names, ", "));
}

std::string join_path(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace razorsim
