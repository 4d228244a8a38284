// SPDX-License-Identifier: Apache-2.0
#include "sim/app/scale_sim.h"

#include <filesystem>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/config/json.h"
#include "sim/config/locate.h"
#include "sim/result/csv_writer.h"
#include "sim/result/files.h"
#include "sim/result/scale_sim_report.h"

namespace razorsim {

Option semantics_option() {
  return {"semantics", "NAME",
          "what the cycles mean: native, our machine, or scale-sim-v3, one MAC an element and no "
          "memory",
          "native"};
}

bool asks_scale_sim(const Arguments& arguments) {
  if (arguments.choice<Semantics>("semantics") == Semantics::native) return false;
  const auto refuse = [&](const char* option, std::string_view why) {
    throw ConfigError(fmt::format("--{}", option),
                      fmt::format("{}; allowed with --semantics native", why));
  };
  if (arguments.choice<Fidelity>("fidelity") == Fidelity::pe)
    refuse("fidelity", "is pe, but no array is stepped in scale-sim-v3");
  if (arguments.has("values") && arguments.on("values"))
    refuse("values", "is on, but scale-sim-v3 has no values");
  for (const char* option : {"chain", "technology", "watch", "vcd"}) {
    if (arguments.has(option)) refuse(option, "has no meaning in scale-sim-v3");
  }
  return true;
}

void answer_as_scale_sim(const Arguments& arguments, const Workload& workload) {
  const std::vector<std::string> overrides = arguments.all("set");
  const MachineSpec machine = load_machine(arguments.positional().value_or("default"), overrides);
  RunProvenance provenance;
  provenance.tool_version = version();
  provenance.workload = workload.description;
  provenance.trace_sha256 = workload.trace_sha256;
  ScaleSimReport report = scale_sim_report(
      workload.operations, {machine.array.rows, machine.array.cols, machine.array.dataflow},
      provenance);
  report.remarks.insert(report.remarks.end(), workload.remarks.begin(), workload.remarks.end());
  const std::string json = json_text(to_value(report)) + "\n";
  const std::string text = scale_sim_text(report);
  if (arguments.has("out")) {
    const std::filesystem::path out(arguments.text("out"));
    make_folder(out);
    write_file(out / "result.json", json);
    write_file(out / "operations.csv", csv_of(report.operations));
    write_file(out / "summary.txt", text);
  }
  if (arguments.has("json")) {
    print(json);
  } else if (!arguments.has("quiet")) {
    print(text);
  }
}

}  // namespace razorsim
