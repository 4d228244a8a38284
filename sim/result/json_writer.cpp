// SPDX-License-Identifier: Apache-2.0
#include "sim/result/json_writer.h"

#include "sim/config/json.h"
#include "sim/result/report.h"

namespace razorsim {

Value result_value(const RunResult& result, const Value& spec) {
  Value value = to_value(Report(result));
  value.set("spec", spec);
  return value;
}

std::string result_json(const RunResult& result, const Value& spec) {
  return json_text(result_value(result, spec)) + "\n";
}

}  // namespace razorsim
