// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/run.h"

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/hardware/kv_cache.h"
#include "models/hardware/pe_array.h"
#include "sim/machine/accelerator.h"
#include "sim/machine/archive.h"
#include "sim/machine/assemble.h"
#include "sim/machine/child.h"
#include "sim/machine/wave_recorder.h"
#include "sim/result/vcd_writer.h"

namespace razorsim {
namespace {

NumericError numeric_error(const OutputComparison& compared) {
  return {compared.elements,      compared.signal_power, compared.noise_power,
          compared.largest_error, compared.cross_power,  compared.output_power};
}

}  // namespace

RunResult simulate_here(const RunRequest& request, const Schedule& schedule,
                        const Inventory& inventory, Waveform* waves) {
  std::optional<WaveRecorder> recorder;
  MachineGauges gauges;
  if (waves != nullptr) {
    recorder.emplace(request.machine.array, schedule.unit, core_period(request.machine),
                     request.waves->cycles);
    recorder->follow(request.waves->operation);
  }
  PeArray registers(request.machine.array, schedule, request.values,
                    recorder ? &*recorder : nullptr);
  ArrayModel* model = request.fidelity == Fidelity::pe ? &registers : nullptr;
  const Measurement measured = simulate(request.machine, request.operations, schedule, model,
                                        request.values, waves != nullptr ? &gauges : nullptr);
  if (waves != nullptr) *waves = machine_waves(measured, gauges, recorder->take());
  const std::vector<ProductStatistics> statistics =
      request.values != nullptr ? request.values->statistics() : std::vector<ProductStatistics>{};
  RunResult result = assemble(request.machine, request.operations, schedule, measured, inventory,
                              request.technology, statistics);
  if (!request.timeline) {
    for (ModuleResult& module : result.modules) module.slices.clear();
  }
  if (request.values != nullptr) {
    const std::vector<OutputComparison> compared = request.values->comparisons();
    for (std::size_t i = 0; i < compared.size(); ++i)
      result.operations[i].error = numeric_error(compared[i]);
    if (request.operations.size() == 1) {
      result.accumulators = request.values->sums();
      result.outputs = request.values->outputs();
    }
  }
  result.provenance = request.provenance;
  result.provenance.fidelity = name_of(request.fidelity);
  result.provenance.scheme = request.scheme.name;
  result.provenance.technology = request.technology.name;
  return result;
}

RunResult run(const RunRequest& request, std::string* vcd) {
  if (request.operations.empty()) throw ConfigError("workload", "has no operations");
  require_room(request.machine.kv_cache, request.operations, request.scheme);
  const Schedule schedule = make_schedule(request.operations, request.scheme, request.machine.array,
                                          shape_of(request.machine), request.mapping);
  const Inventory inventory = inventory_of(request.machine, {&schedule, 1});
  const std::string bytes = run_in_child([&] {
    ArchiveWriter archive;
    Waveform waves;
    archive.put(simulate_here(request, schedule, inventory, vcd != nullptr ? &waves : nullptr));
    if (vcd != nullptr) {
      archive.put(vcd_text(
          waves, fmt::format("razorsim {}: {}, semantics native", request.provenance.tool_version,
                             request.provenance.workload)));
    }
    return archive.bytes();
  });
  RunResult result;
  ArchiveReader archive(bytes);
  archive.get(result);
  if (vcd != nullptr) archive.get(*vcd);
  return result;
}

}  // namespace razorsim
