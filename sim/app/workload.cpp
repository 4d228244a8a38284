// SPDX-License-Identifier: Apache-2.0
#include "sim/app/workload.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "sim/app/context_limit.h"
#include "sim/app/mapping_file.h"
#include "sim/config/locate.h"
#include "sim/machine/network_run.h"
#include "sim/result/csv_writer.h"
#include "sim/result/files.h"
#include "sim/result/json_writer.h"
#include "sim/result/summary.h"
#include "sim/result/timeline_writer.h"
#include "traces/io/sha256.h"
#include "traces/io/topology.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

constexpr const char* shipped_trace = "smollm2-135m-layer15";

const std::initializer_list<const char*> network_options = {"phase",    "prompt", "context",
                                                            "generate", "batch",  "head"};

struct LayerRange {
  std::int64_t first = 0;
  std::int64_t last = -1;  ///< -1: the last there is
};

/// "3" or "0-3".
LayerRange read_layers(const std::string& text) {
  LayerRange range;
  if (text.empty()) return range;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  range.last = range.first;
  bool good = first.ec == std::errc() && range.first >= 0;
  if (good && first.ptr != end) {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    good =
        *first.ptr == '-' && last.ec == std::errc() && last.ptr == end && range.last >= range.first;
  }
  if (!good)
    throw ConfigError("--layers",
                      fmt::format("is {}; allowed: one layer or a range, such as 3 or 0-3", text));
  return range;
}

/// Those of `operations` that belong to the layers `named`; all where it is empty.
std::vector<Operation> chosen_layers(const std::string& named,
                                     const std::vector<Operation>& operations, const char* whole) {
  const LayerRange layers = read_layers(named);
  std::vector<Operation> chosen;
  for (const Operation& each : operations) {
    if (each.layer >= layers.first && (layers.last < 0 || each.layer <= layers.last))
      chosen.push_back(each);
    if (each.layer < 0 && named.empty()) chosen.push_back(each);
  }
  if (chosen.empty()) throw ConfigError("--layers", fmt::format("names no layer of the {}", whole));
  return chosen;
}

/// A file, or the name of a shipped trace.
std::string find_trace(const std::string& given) {
  if (std::filesystem::exists(given)) return given;
  const auto shipped =
      find_shipped(std::filesystem::path("traces/data") / (given + ".safetensors"));
  if (!shipped.empty()) return shipped;
  throw TraceError(given + ": there is no such trace");
}

void refuse(const Arguments& arguments, std::initializer_list<const char*> options,
            std::string_view why) {
  for (const char* each : options) {
    if (arguments.has(each)) throw ConfigError(fmt::format("--{}", each), std::string(why));
  }
}

/// The layers of a trace that `layers` names; all operations where it is empty.
Workload trace_workload(const std::string& path, const std::string& layers) {
  auto trace = std::make_shared<const Trace>(read_trace(path));
  Workload workload;
  workload.network = trace->network;
  workload.operations = chosen_layers(layers, trace->operations, "trace");
  workload.description =
      fmt::format("{}, {} operations of {}", std::filesystem::path(path).filename().string(),
                  workload.operations.size(), workload.network.name);
  workload.trace_sha256 = sha256_of_file(path);
  if (trace->has_values()) {
    workload.weights = std::make_shared<SharedWeights>(std::make_shared<TraceSource>(*trace));
    workload.trace = std::move(trace);
  }
  return workload;
}

Workload trace_workload(const Arguments& arguments) {
  refuse(arguments, {"text", "calibration"}, "goes with --model");
  refuse(arguments, network_options, "goes with --network, not with a trace");
  return trace_workload(
      find_trace(arguments.has("trace") ? arguments.text("trace") : shipped_trace),
      arguments.text("layers"));
}

Workload topology_workload(const Arguments& arguments) {
  refuse(arguments, {"trace", "network", "model"},
         "is given, and --topology too; allowed: one of them");
  refuse(arguments, {"text", "calibration"}, "goes with --model");
  refuse(arguments, network_options, "goes with --network, not with a topology");
  const std::string path = arguments.text("topology");
  const Topology topology = read_topology(path);
  Workload workload;
  workload.operations = chosen_layers(arguments.text("layers"), topology.layers, "topology");
  workload.description =
      fmt::format("{}, {} layer{}", std::filesystem::path(path).filename().string(),
                  workload.operations.size(), workload.operations.size() == 1 ? "" : "s");
  if (topology.convolutions) {
    workload.remarks.push_back(
        "convolutions are matrix products by im2col, their windows read as they overlap");
  }
  if (topology.sparse)
    workload.remarks.push_back("the file's sparsity is not modelled: all layers are dense");
  return workload;
}

Workload network_workload(const Arguments& arguments) {
  refuse(arguments, {"trace"}, "is given, and a network too; allowed: one of them");
  if (arguments.has("model")) {
    refuse(arguments, {"network"}, "is given, and --model too; allowed: one of them");
  } else {
    refuse(arguments, {"text", "calibration"}, "goes with --model");
  }
  constexpr double most = 1 << 20;
  WorkloadSpec spec;
  spec.phase = arguments.choice<Phase>("phase");
  spec.prompt = arguments.integer("prompt", between(1, most));
  spec.context = arguments.integer("context", between(0, most));
  spec.generate = arguments.integer("generate", between(1, most));
  spec.batch = arguments.integer("batch", between(1, 1 << 16));
  const LayerRange layers = read_layers(arguments.text("layers"));
  spec.first_layer = layers.first;
  spec.last_layer = layers.last;
  spec.head = arguments.has("head");
  Workload workload;
  std::optional<Model> model;
  if (arguments.has("model")) model.emplace(arguments.text("model"));
  const NetworkConfig network = model ? config_of(*model) : load_network(arguments.text("network"));
  workload.network = network;
  require_context(network, spec.phase == Phase::decode ? "--context" : "--prompt",
                  spec.phase == Phase::decode ? spec.context + 1 : spec.prompt);
  if (spec.phase == Phase::generate)  // the last token it makes is read by no pass
    require_context(network, "--generate", spec.prompt + spec.generate - 1);
  workload.operations = llama_operations(workload.network, spec);
  workload.inference = spec;
  workload.description = fmt::format("{}, {}", workload.network.name, name_of(spec.phase));
  if (spec.phase != Phase::decode) workload.description += fmt::format(", prompt {}", spec.prompt);
  if (spec.phase == Phase::decode)
    workload.description += fmt::format(", context {}", spec.context);
  if (spec.phase == Phase::generate)
    workload.description += fmt::format(", generate {}", spec.generate);
  workload.description +=
      fmt::format(", batch {}, layers {}-{}", spec.batch, spec.first_layer,
                  spec.last_layer < 0 ? workload.network.layers - 1 : spec.last_layer);
  if (model && (!arguments.has("values") || arguments.on("values"))) {
    workload.numbers =
        std::make_shared<const ModelNumbers>(read_numbers(arguments, std::move(*model), spec));
    workload.description +=
        ", numbers of " + std::filesystem::path(arguments.text("model")).filename().string();
  }
  return workload;
}

}  // namespace

std::vector<Option> workload_options() {
  return joined(
      {
          {"trace", "FILE",
           "trace to run, a file or the name of a shipped one (default: the shipped one)"},
          {"network", "NAME", "run the shapes of a network instead, without values"},
          {"topology", "FILE.csv",
           "run the layers of a SCALE-Sim topology instead, each on its own, without values"},
          {"phase", "PHASE", "prefill, decode or generate", "prefill"},
          {"prompt", "P", "tokens of the prompt", "128"},
          {"context", "C", "tokens cached before a decode step", "128"},
          {"generate", "G", "tokens made by generate, the first by the prefill", "1"},
          {"batch", "B", "sequences at once", "1"},
          {"layers", "A-B", "decoder layers, or lines of a topology, from 0 (default: all)"},
          {"head", "",
           "final norm and head too where the layers don't cover the network (with --model: where "
           "the last is among them)"},
      },
      model_options());
}

Workload read_workload(const Arguments& arguments) {
  if (arguments.has("topology")) return topology_workload(arguments);
  return arguments.has("network") || arguments.has("model") ? network_workload(arguments)
                                                            : trace_workload(arguments);
}

Workload shipped_workload() { return trace_workload(find_trace(shipped_trace), ""); }

std::vector<Option> machine_options() {
  return {
      {"fidelity", "MODEL", "model of the array: tile or pe", "tile"},
      {"values", "on|off", "compute the numbers too (default: on where there are tensors)"},
      {"chain", "", "let the machine's own outputs flow on, instead of the trace's tensors"},
      {"technology", "NAME", "technology table (default: the machine's)"},
      {"threads", "N",
       "threads for values and simulations at a time, 0 for all processors; the result does not "
       "depend on it",
       "0"},
      {"reuse", "on|off",
       "simulate layers of equal shapes and formats once (off: each; the same numbers)", "on"},
      {"set", "KEY=VALUE", "override a setting of the machine, e.g. array.rows=64", "", true},
  };
}

std::vector<Option> single_run_options() {
  return {{"mapping", "FILE",
           "how products are cut, as mapping.json of an earlier --out says; products it does not "
           "name are cut as without it"},
          {"out", "DIR",
           "write result.json, operations.csv, mapping.json, summary.txt and timeline.json there"},
          {"timeline", "on|off", "write the timeline too", "on"}};
}

RunSettings read_settings(const Arguments& arguments, bool has_tensors) {
  RunSettings settings;
  const std::vector<std::string> overrides = arguments.all("set");
  settings.machine = load_machine(arguments.positional().value_or("default"), overrides);
  settings.technology = load_technology(arguments.has("technology") ? arguments.text("technology")
                                                                    : settings.machine.technology);
  settings.fidelity = arguments.choice<Fidelity>("fidelity");
  settings.values = arguments.has("values") ? arguments.on("values") : has_tensors;
  if (settings.values && !has_tensors)
    throw ConfigError("--values", "is on, but the workload has no tensors; allowed: off");
  settings.chain = arguments.has("chain");
  if (settings.chain && !settings.values)
    throw ConfigError("--chain", "needs values; allowed with --values on");
  settings.reuse_layers = arguments.on("reuse");
  settings.threads = static_cast<int>(arguments.integer("threads", between(0, 1024)));
  if (settings.threads == 0)
    settings.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return settings;
}

namespace {

RunResult with_remarks(RunResult result, const Workload& workload) {
  result.remarks.insert(result.remarks.end(), workload.remarks.begin(), workload.remarks.end());
  return result;
}

}  // namespace

RunResult run_workload(const Workload& workload, const RunSettings& settings, const Scheme& scheme,
                       const std::function<void(double, double)>& progress, std::string* vcd) {
  RunRequest request{.machine = settings.machine,
                     .operations = workload.operations,
                     .scheme = scheme,
                     .technology = settings.technology,
                     .mapping = settings.mapping,
                     .fidelity = settings.fidelity,
                     .timeline = settings.timeline,
                     .waves = settings.waves,
                     .values = nullptr,
                     .provenance = {}};
  request.provenance.tool_version = version();
  request.provenance.workload = workload.description;
  request.provenance.trace_sha256 = workload.trace_sha256;
  if (workload.inference) {
    const WorkloadSpec& spec = *workload.inference;
    std::optional<NetworkNumbers> numbers;
    if (settings.values) {
      const ModelNumbers& from = *workload.numbers;
      const std::int64_t made = spec.phase == Phase::generate ? spec.generate : 1;
      numbers.emplace(from.model, from.prompts, made, from.ranges, settings.threads);
    }
    return run_network({.run = request,
                        .network = workload.network,
                        .workload = spec,
                        .reuse_layers = settings.reuse_layers,
                        .processes = static_cast<std::size_t>(settings.threads),
                        .numbers = numbers ? &*numbers : nullptr,
                        .chain = settings.chain,
                        .dump = settings.dump,
                        .progress = progress});
  }
  if (!settings.values) return with_remarks(run(request, vcd), workload);
  const UnitSpec unit = choose_unit(settings.machine.array.unit, workload.operations, scheme);
  RunValues values(std::make_shared<TraceSource>(*workload.trace), workload.network,
                   workload.operations, scheme,
                   {.chain = settings.chain,
                    .threads = settings.threads,
                    .unit = unit,
                    .array = settings.machine.array,
                    .keep_sums = false,
                    .weights = workload.weights,
                    .dump = settings.dump});
  request.values = &values;
  return with_remarks(run(request, vcd), workload);
}

Value spec_value(const RunSettings& settings, const Scheme& scheme) {
  Value spec;
  spec.set("machine", to_value(settings.machine));
  spec.set("scheme", to_value(scheme));
  spec.set("values", settings.values);
  spec.set("chain", settings.chain);
  return spec;
}

void read_mapping_option(const Arguments& arguments, const std::vector<Operation>& operations,
                         bool one_layer, RunSettings& settings) {
  if (arguments.has("mapping"))
    settings.mapping = read_mapping(arguments.text("mapping"), operations, one_layer);
}

void write_results(const std::string& folder, const RunResult& result, const Value& spec,
                   bool timeline) {
  const std::filesystem::path out(folder);
  make_folder(out);
  write_file(out / "result.json", result_json(result, spec));
  write_file(out / "operations.csv", operations_csv(result));
  write_file(out / "mapping.json", mapping_json(result));
  write_file(out / "summary.txt", summary_text(result));
  if (timeline) write_file(out / "timeline.json", timeline_json(result));
}

std::vector<Option> joined(std::vector<Option> first, const std::vector<Option>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace razorsim
