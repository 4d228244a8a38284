// SPDX-License-Identifier: Apache-2.0
// A JSON value of our own: what files, standard input and results are made of. Keeps the order of
// keys and, for each key, where it was written, so that a message can name file and line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace razorsim {

/// Where a key was written: a file and its line (from 1), or a source without lines such as --set.
struct Origin {
  std::shared_ptr<const std::string> source;
  int line = 0;

  /// " (machine.json, line 12)", " (--set)", or "" when unknown.
  [[nodiscard]] std::string text() const;
};

struct Value;
struct Member;
using JsonArray = std::vector<Value>;
using JsonObject = std::vector<Member>;

/// One JSON value. An integer that doesn't fit 64 bits is a real, as in most languages.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject> data;

  // Out of line: inlined, a variant this deep floods GCC 12 with false warnings of uninitialised
  // use.
  Value() noexcept;
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
  Value(bool value);
  Value(int value);
  Value(std::int64_t value);
  Value(double value);
  Value(const char* value);
  Value(std::string_view value);
  Value(std::string value);
  Value(JsonArray value);
  Value(JsonObject value);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&data); }
  [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data); }
  [[nodiscard]] const double* real() const { return std::get_if<double>(&data); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] const JsonArray* array() const { return std::get_if<JsonArray>(&data); }
  [[nodiscard]] const JsonObject* object() const { return std::get_if<JsonObject>(&data); }
  [[nodiscard]] JsonArray* array() { return std::get_if<JsonArray>(&data); }
  [[nodiscard]] JsonObject* object() { return std::get_if<JsonObject>(&data); }

  /// The member of an object called `key`, or nullptr (also when this is no object).
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// Sets a member, keeping its place if it is there. A null value becomes an object first.
  Value& set(std::string_view key, Value value);

  bool operator==(const Value&) const;
};

struct Member {
  std::string key;
  Value value;
  Origin origin = {};

  /// Where a key was written is no part of what it says.
  bool operator==(const Member& other) const { return key == other.key && value == other.value; }
};

// Only here are the alternatives complete types.
inline Value::Value(bool value) : data(value) {}
inline Value::Value(int value) : data(std::int64_t{value}) {}
inline Value::Value(std::int64_t value) : data(value) {}
inline Value::Value(double value) : data(value) {}
inline Value::Value(const char* value) : data(std::string(value)) {}
inline Value::Value(std::string_view value) : data(std::string(value)) {}
inline Value::Value(std::string value) : data(std::move(value)) {}
inline Value::Value(JsonArray value) : data(std::move(value)) {}
inline Value::Value(JsonObject value) : data(std::move(value)) {}
inline bool Value::operator==(const Value& other) const { return data == other.data; }

}  // namespace razorsim
