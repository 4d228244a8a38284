// SPDX-License-Identifier: Apache-2.0
#include "sim/config/value.h"

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {

Value::Value() noexcept = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

std::string Origin::text() const {
  if (!source) return {};
  return line > 0 ? fmt::format(" ({}, line {})", *source, line) : fmt::format(" ({})", *source);
}

const Value* Value::find(std::string_view key) const {
  if (const JsonObject* members = object()) {
    for (const Member& member : *members) {
      if (member.key == key) return &member.value;
    }
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data = JsonObject{};
  promise(object() != nullptr, "a member is set in a value that is no object");
  if (Value* present = find(key)) return *present = std::move(value);
  object()->push_back({std::string(key), std::move(value)});
  return object()->back().value;
}

}  // namespace razorsim
