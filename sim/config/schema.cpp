// SPDX-License-Identifier: Apache-2.0
#include "sim/config/schema.h"

#include <cmath>

#include <fmt/format.h>

namespace razorsim {
namespace {

using Kind = Shape::Kind;

/// A bound of an integer is written as one, so that editors show "1", not "1.0".
Value bound(double value, bool whole) {
  constexpr double exact = 9007199254740992.0;
  if (whole && std::abs(value) <= exact) return static_cast<std::int64_t>(value);
  return value;
}

void add_range(Value& schema, const Range& range, bool whole) {
  if (std::isfinite(range.low)) schema.set("minimum", bound(range.low, whole));
  if (std::isfinite(range.high)) schema.set("maximum", bound(range.high, whole));
}

Value documentation_schema() {
  Value schema;
  schema.set("description", "documentation; not read");
  schema.set("type", JsonArray{"string", "object", "array"});
  return schema;
}

Value schema_of(const Shape& shape, const Range& range);

Value record_schema(const Shape& shape) {
  Value schema, properties;
  schema.set("type", "object");
  properties.set("$schema", Value(JsonObject{{"type", "string"}}));
  for (const char* key : {"source", "sources", "comment"}) {
    if (!shape.find(key)) properties.set(key, documentation_schema());
  }
  if (!shape.folder.empty() && !shape.find("extends")) {
    Value extends;
    extends.set("type", "string");
    extends.set(
        "description",
        fmt::format("name in configs/{} or path of the file this one changes", shape.folder));
    properties.set("extends", std::move(extends));
  }
  for (const FieldShape& field : shape.fields) {
    Value part = schema_of(field.shape, field.range);
    std::string text(field.meaning);
    if (!field.unit.empty()) text += fmt::format(" [{}]", field.unit);
    if (!field.source.empty()) text += fmt::format(" (default: {})", field.source);
    part.set("description", std::move(text));
    // A part's default is the defaults of its members.
    if (field.shape.kind != Kind::record) part.set("default", field.initial);
    properties.set(field.name, std::move(part));
  }
  schema.set("properties", std::move(properties));
  schema.set("additionalProperties", false);
  return schema;
}

Value schema_of(const Shape& shape, const Range& range) {
  Value schema;
  switch (shape.kind) {
    case Kind::boolean: schema.set("type", "boolean"); break;
    case Kind::integer:
      schema.set("type", "integer");
      add_range(schema, range, true);
      break;
    case Kind::real:
      schema.set("type", "number");
      add_range(schema, range, false);
      break;
    case Kind::text: schema.set("type", "string"); break;
    case Kind::choice: {
      JsonArray names;
      for (const auto& each : shape.choices) names.emplace_back(each.first);
      schema.set("enum", std::move(names));
      break;
    }
    case Kind::list:
      schema.set("type", "array");
      schema.set("items", schema_of(shape.element[0], range));
      if (shape.count > 0) {
        schema.set("minItems", static_cast<std::int64_t>(shape.count));
        schema.set("maxItems", static_cast<std::int64_t>(shape.count));
      }
      break;
    case Kind::dictionary:
      schema.set("type", "object");
      schema.set("additionalProperties", schema_of(shape.element[0], range));
      break;
    case Kind::record: schema = record_schema(shape); break;
  }
  JsonArray choices;
  if (shape.kind == Kind::record && !shape.folder.empty())
    choices.push_back(Value(JsonObject{{"type", "string"}}));
  if (shape.optional) choices.push_back(Value(JsonObject{{"type", "null"}}));
  if (choices.empty()) return schema;
  choices.insert(choices.begin(), std::move(schema));
  Value either;
  either.set("anyOf", std::move(choices));
  return either;
}

}  // namespace

Value json_schema(const Shape& shape, std::string_view title) {
  Value schema;
  schema.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  schema.set("title", title);
  const Value body = record_schema(shape);
  for (const Member& member : *body.object()) schema.set(member.key, member.value);
  return schema;
}

}  // namespace razorsim
