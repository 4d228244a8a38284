// SPDX-License-Identifier: Apache-2.0
// result.json: the report, and the resolved spec it belongs to.
#pragma once

#include <string>

#include "sim/config/value.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// The keys of Report and then "spec", what was simulated with every default spelt out.
[[nodiscard]] Value result_value(const RunResult& result, const Value& spec);

/// The same as text, the same bytes for the same result.
[[nodiscard]] std::string result_json(const RunResult& result, const Value& spec);

}  // namespace razorsim
