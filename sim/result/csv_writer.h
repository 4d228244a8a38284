// SPDX-License-Identifier: Apache-2.0
// operations.csv: one line an operation, the columns those of OperationReport, always all of them.
#pragma once

#include <string>
#include <vector>

#include "sim/config/shape.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// Every scalar field below a record, in order, paths joined by '.': "stall_cycles.row_miss".
[[nodiscard]] std::vector<std::string> csv_columns(const Shape& shape);

/// Header and lines; a null is an empty cell; text with comma, quote or line break is quoted (RFC
/// 4180).
[[nodiscard]] std::string operations_csv(const RunResult& result);

}  // namespace razorsim
