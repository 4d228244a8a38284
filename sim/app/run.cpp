// SPDX-License-Identifier: Apache-2.0
#include "sim/app/run.h"

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/dump_option.h"
#include "sim/app/scale_sim.h"
#include "sim/app/waves.h"
#include "sim/app/workload.h"
#include "sim/result/files.h"
#include "sim/result/json_writer.h"
#include "sim/result/summary.h"

namespace razorsim {
namespace {

void run_once(const Arguments& arguments) {
  const Scheme scheme = load_scheme(arguments.text("scheme"));
  const Workload workload = read_workload(arguments);
  if (asks_scale_sim(arguments)) return answer_as_scale_sim(arguments, workload);
  RunSettings settings = read_settings(arguments, workload.has_tensors());
  read_mapping_option(arguments, workload.operations,
                      workload.inference && (settings.reuse_layers || settings.values), settings);
  std::vector<std::string> names;
  for (const Operation& each : workload.operations) names.push_back(each.name);
  settings.dump = tensor_dump(arguments, names);
  if (settings.dump.is_on() && !settings.values)
    throw ConfigError("--dump-tensors", "needs values; allowed with --values on");
  settings.timeline = arguments.has("out") && arguments.on("timeline");
  if (arguments.has("vcd") && workload.inference)
    throw ConfigError("--vcd", "shows one run of one machine; allowed with --trace or --topology");
  settings.waves = read_wave_request(arguments, workload.operations, scheme, settings);
  std::string vcd;
  const RunResult result = [&] {
    Progress progress("simulating", arguments.has("quiet"));
    return run_workload(
        workload, settings, scheme, [&](double done, double all) { progress.show(done, all); },
        settings.waves ? &vcd : nullptr);
  }();
  const Value spec = spec_value(settings, scheme);
  if (settings.waves) write_file(arguments.text("vcd"), vcd);
  if (arguments.has("out")) write_results(arguments.text("out"), result, spec, settings.timeline);
  if (arguments.has("json")) {
    print(result_json(result, spec));
  } else if (!arguments.has("quiet")) {
    print(summary_text(result));
  }
}

}  // namespace

Command run_command() {
  return {
      "run",
      "simulate a trace, a network or a SCALE-Sim topology on a machine",
      "[CONFIG]",
      joined(joined(joined(workload_options(),
                           {{"scheme", "NAME", "which format each tensor has, a name or a file",
                             "sdr4"},
                            semantics_option()}),
                    wave_options()),
             joined(joined(machine_options(), dump_options()), single_run_options())),
      {
          "razorsim run",
          "razorsim run --scheme int8 --out results/int8",
          "razorsim run --dump-tensors tensors --dump '*q_proj'",
          "razorsim run --network llama-2-7b --phase prefill --prompt 128 --layers 0-0 --values "
          "off --json",
          "razorsim run --fidelity pe --vcd k_proj.vcd --vcd-operation layers.15.k_proj",
          "razorsim run --network llama-2-7b --phase generate --prompt 2048 --generate 128",
          "razorsim run --model model.gguf --text prose.txt --phase generate --prompt 512 "
          "--generate 16",
          "razorsim run default --network llama-3.2-1b --phase decode --context 512 --set "
          "array.rows=32",
          "razorsim run --topology resnet50.csv --scheme int8 --out results/resnet50",
          "razorsim run --topology resnet50.csv --semantics scale-sim-v3 --set array.dataflow=ws",
      },
      run_once,
  };
}

}  // namespace razorsim
