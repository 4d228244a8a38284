// SPDX-License-Identifier: Apache-2.0
// operations.csv: one line an operation, the columns those of OperationReport, always all of them;
// and the lines of any other table.
#pragma once

#include <string>
#include <vector>

#include "sim/config/shape.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// Every scalar field below a record, in order, paths joined by '.': "stall_cycles.row_miss".
[[nodiscard]] std::vector<std::string> csv_columns(const Shape& shape);

/// The cells below those columns; a null is an empty cell; text with comma, quote or line break is
/// quoted (RFC 4180).
[[nodiscard]] std::vector<std::string> csv_cells(const Value& value, const Shape& shape);
template <class T>
[[nodiscard]] std::vector<std::string> csv_cells(const T& from) {
  return csv_cells(to_value(from), shape_of<T>());
}

/// Header and lines.
[[nodiscard]] std::string csv_text(const Shape& shape, const std::vector<Value>& records);

template <class Record>
[[nodiscard]] std::string csv_of(const std::vector<Record>& records) {
  std::vector<Value> values;
  for (const Record& each : records) values.push_back(to_value(each));
  return csv_text(shape_of<Record>(), values);
}

[[nodiscard]] std::string operations_csv(const RunResult& result);

}  // namespace razorsim
