// SPDX-License-Identifier: Apache-2.0
#include "sim/app/explain.h"

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/app.h"
#include "sim/app/console.h"
#include "sim/app/kinds.h"
#include "sim/config/explain.h"
#include "sim/config/json.h"
#include "sim/config/schema.h"
#include "sim/result/comparison_report.h"
#include "sim/result/report.h"
#include "sim/result/scale_sim_report.h"

namespace razorsim {
namespace {

/// The kind a path begins with, taken off it; a path that names none is a machine's.
const ConfigKind& take_kind(std::string_view& path) {
  const auto dot = std::min(path.find('.'), path.size());
  for (const ConfigKind& kind : config_kinds()) {
    if (path.substr(0, dot) != kind.name) continue;
    // "dram.timing" is a machine's as well as the device's, and the same there.
    path.remove_prefix(std::min(dot + 1, path.size()));
    return kind;
  }
  return config_kinds().front();
}

/// Keys of result.json or comparison.json, where `path` names one of them.
bool explain_output(std::string_view kind, const Shape& shape, std::string_view path,
                    const Arguments& arguments) {
  if (path != kind && !path.starts_with(std::string(kind) + ".")) return false;
  path.remove_prefix(std::min(kind.size() + 1, path.size()));
  const std::vector<Explanation> all = explain(shape, path);
  if (arguments.has("json")) {
    print(json_text(explanation_value(all)) + "\n");
  } else {
    print(arguments.has("markdown") ? explanation_markdown(all, false) : explanation_text(all));
  }
  return true;
}

void run(const Arguments& arguments) {
  const std::string given = arguments.positional().value_or("");
  if (given == "commands") return print(commands_markdown());
  if (explain_output("result", shape_of<Report>(), given, arguments)) return;
  if (explain_output("scale-sim-result", shape_of<ScaleSimReport>(), given, arguments)) return;
  if (explain_output("comparison", shape_of<ComparisonReport>(), given, arguments)) return;
  if (given.empty() && !arguments.has("json") && !arguments.has("markdown") &&
      !arguments.has("schema")) {
    for (const ConfigKind& kind : config_kinds()) {
      print(fmt::format("{}: {} (configs/{})\n", kind.name, kind.meaning, kind.folder));
    }
    print(
        "result: the keys of result.json\nscale-sim-result: those of --semantics scale-sim-v3\n"
        "comparison: those of comparison.json\ncommands: every command and option, as Markdown\n");
    return print("\nrazorsim explain machine, or a setting, e.g. razorsim explain array.rows\n");
  }
  std::string_view path = given;
  const ConfigKind& kind = take_kind(path);
  const Shape shape = kind.shape();
  if (arguments.has("schema"))
    return print(json_text(json_schema(shape, fmt::format("RazorSim {}", kind.name))) + "\n");
  const std::vector<Explanation> all = explain(shape, path);
  if (arguments.has("json")) return print(json_text(explanation_value(all)) + "\n");
  print(arguments.has("markdown") ? explanation_markdown(all, true) : explanation_text(all));
}

}  // namespace

Command explain_command() {
  return {
      "explain",
      "what a setting or a key of a result means: unit, allowed values, default, source",
      "[PATH]",
      {
          {"markdown", "", "print a Markdown table"},
          {"schema", "", "print the JSON Schema of a kind of file (configs/schema)"},
      },
      {
          "razorsim explain",
          "razorsim explain array.rows",
          "razorsim explain scheme.weights",
          "razorsim explain machine --json",
          "razorsim explain network --schema",
          "razorsim explain result.totals",
      },
      run,
  };
}

}  // namespace razorsim
