// SPDX-License-Identifier: Apache-2.0
#include "sim/config/explain.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/check.h"
#include "sim/config/json.h"

namespace razorsim {
namespace {

using Kind = Shape::Kind;

/// A record inside a list or dictionary is explained as "path[]" or "path.*".
const Shape& inner(const Shape& shape, std::string& path) {
  const Shape* at = &shape;
  while (at->kind == Kind::list || at->kind == Kind::dictionary) {
    if (at->element[0].kind != Kind::record) break;
    path += at->kind == Kind::list ? "[]" : ".*";
    at = &at->element[0];
  }
  return *at;
}

void collect(const FieldShape& field, std::string path, std::vector<Explanation>& all) {
  const Shape& shape = inner(field.shape, path);
  const bool part = shape.kind == Kind::record;
  const Shape& leaf =
      shape.kind == Kind::list || shape.kind == Kind::dictionary ? shape.element[0] : shape;
  all.push_back({path, allowed_text(shape, field.range), std::string(field.unit),
                 part ? std::string() : json_line(field.initial), std::string(field.meaning),
                 std::string(field.source), leaf.choices});
  for (const FieldShape& each : shape.fields) collect(each, join_path(path, each.name), all);
}

std::string with_unit(const Explanation& each) {
  return each.unit.empty() ? each.initial : each.initial + " " + each.unit;
}

/// A table cell can't hold a bar.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2)
    text.insert(at, 1, '\\');
  return text;
}

}  // namespace

std::vector<Explanation> explain(const Shape& shape, std::string_view path) {
  std::vector<Explanation> all;
  if (path.empty()) {
    for (const FieldShape& each : shape.fields) collect(each, std::string(each.name), all);
    return all;
  }
  const Shape* here = &shape;
  const FieldShape* field = nullptr;
  std::string reached;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t dot = std::min(path.find('.', begin), path.size());
    std::string_view key = path.substr(begin, dot - begin);
    begin = dot + 1;
    if (key == "*") continue;  // inner() has gone there
    if (key.ends_with("[]")) key.remove_suffix(2);
    field = here->find(key);
    if (!field) {
      const std::string full = join_path(reached, key);
      if (here->fields.empty()) throw ConfigError(full, fmt::format("'{}' has no parts", reached));
      throw ConfigError(full, unknown_key(key, *here, shape));
    }
    reached = join_path(reached, key);
    std::string ignored;
    here = &inner(field->shape, ignored);
  }
  collect(*field, reached, all);
  return all;
}

std::string explanation_text(const std::vector<Explanation>& all) {
  std::string text;
  if (all.size() == 1) {
    const Explanation& one = all.front();
    text = fmt::format("{}\n  {}\n  allowed: {}\n", one.path, one.meaning, one.allowed);
    if (!one.unit.empty()) text += fmt::format("  unit:    {}\n", one.unit);
    if (!one.initial.empty()) text += fmt::format("  default: {}\n", one.initial);
    if (!one.source.empty()) text += fmt::format("  source:  {}\n", one.source);
    std::size_t width = 0;
    for (const auto& [name, meaning] : one.choices) width = std::max(width, name.size());
    for (const auto& [name, meaning] : one.choices)
      text += fmt::format("  {:<{}}  {}\n", name, width, meaning);
    return text;
  }
  std::size_t path_width = 0, value_width = 0;
  for (const Explanation& each : all) {
    path_width = std::max(path_width, each.path.size());
    value_width = std::max(value_width, std::min<std::size_t>(with_unit(each).size(), 24));
  }
  for (const Explanation& each : all) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", each.path, path_width, with_unit(each), value_width,
                        each.meaning);
  }
  return text;
}

std::string explanation_markdown(const std::vector<Explanation>& all, bool settings) {
  std::string text = settings
                         ? "| key | unit | allowed | default | meaning |\n|---|---|---|---|---|\n"
                         : "| key | unit | meaning |\n|---|---|---|\n";
  for (const Explanation& each : all) {
    if (settings) {
      text += fmt::format(
          "| `{}` | {} | {} | {} | {} |\n", each.path, each.unit, cell(each.allowed),
          each.initial.empty() ? "" : "`" + cell(each.initial) + "`", cell(each.meaning));
    } else {
      text += fmt::format("| `{}` | {} | {} |\n", each.path, each.unit, cell(each.meaning));
    }
  }
  return text;
}

Value explanation_value(const std::vector<Explanation>& all) {
  JsonArray list;
  for (const Explanation& each : all) {
    Value one;
    one.set("path", each.path);
    one.set("meaning", each.meaning);
    one.set("allowed", each.allowed);
    if (!each.unit.empty()) one.set("unit", each.unit);
    if (!each.initial.empty()) one.set("default", parse_json(each.initial, each.path));
    if (!each.source.empty()) one.set("source", each.source);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace razorsim
