// SPDX-License-Identifier: Apache-2.0
#include "sim/result/csv_writer.h"

#include <fmt/format.h>

#include "sim/config/check.h"
#include "sim/config/json.h"
#include "sim/result/report.h"

namespace razorsim {
namespace {

void add_columns(const Shape& shape, const std::string& path, std::vector<std::string>& columns) {
  for (const FieldShape& each : shape.fields) {
    const std::string below = join_path(path, each.name);
    if (each.shape.kind == Shape::Kind::record) {
      add_columns(each.shape, below, columns);
    } else if (each.shape.kind != Shape::Kind::list) {
      columns.push_back(below);
    }
  }
}

std::string cell(const Value& value) {
  if (value.is_null()) return {};
  const std::string text = value.text() ? *value.text() : json_line(value);
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

void add_cells(const Value& value, const Shape& shape, std::vector<std::string>& cells) {
  for (const FieldShape& each : shape.fields) {
    const Value& part = *value.find(each.name);
    if (each.shape.kind == Shape::Kind::record) {
      add_cells(part, each.shape, cells);
    } else if (each.shape.kind != Shape::Kind::list) {
      cells.push_back(cell(part));
    }
  }
}

}  // namespace

std::vector<std::string> csv_columns(const Shape& shape) {
  std::vector<std::string> columns;
  add_columns(shape, "", columns);
  return columns;
}

std::vector<std::string> csv_cells(const Value& value, const Shape& shape) {
  std::vector<std::string> cells;
  add_cells(value, shape, cells);
  return cells;
}

std::string csv_text(const Shape& shape, const std::vector<Value>& records) {
  std::string text = fmt::format("{}\n", fmt::join(csv_columns(shape), ","));
  for (const Value& each : records) {
    text += fmt::format("{}\n", fmt::join(csv_cells(each, shape), ","));
  }
  return text;
}

std::string operations_csv(const RunResult& result) { return csv_of(operations_of(result)); }

}  // namespace razorsim
