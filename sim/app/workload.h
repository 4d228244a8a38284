// SPDX-License-Identifier: Apache-2.0
// What `run` and `compare` are asked to simulate: a trace, a network's shapes, or those of a
// SCALE-Sim topology.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "sim/app/arguments.h"
#include "sim/app/kinds.h"
#include "sim/app/model_workload.h"
#include "sim/machine/run.h"
#include "traces/io/trace.h"
#include "traces/llama/operations.h"

namespace razorsim {

struct Workload {
  std::vector<Operation> operations;  ///< of the first forward pass; the others' formats are alike
  NetworkSpec network;
  std::optional<WorkloadSpec> inference;        ///< of a network's shapes; nothing for a trace
  std::shared_ptr<const Trace> trace;           ///< null without tensors
  std::shared_ptr<SharedWeights> weights;       ///< of the trace, for all runs of this workload
  std::shared_ptr<const ModelNumbers> numbers;  ///< of a model with its numbers
  std::string description;
  std::string trace_sha256;
  std::vector<std::string> remarks;  ///< for the reader of its result

  [[nodiscard]] bool has_tensors() const { return trace != nullptr || numbers != nullptr; }
};

/// --trace --topology --network --model --text --calibration --phase --prompt --context --generate
/// --batch
/// --layers --head
[[nodiscard]] std::vector<Option> workload_options();

/// The workload the options name; the shipped trace when they name none. Throws ConfigError,
/// TraceError.
[[nodiscard]] Workload read_workload(const Arguments& arguments);

/// The trace that comes with the program.
[[nodiscard]] Workload shipped_workload();

/// --scheme, --fidelity, --values, --chain, --threads, --set, --technology
[[nodiscard]] std::vector<Option> machine_options();

/// --mapping, --out, --timeline, for commands that make one run.
[[nodiscard]] std::vector<Option> single_run_options();

/// How a run is made, apart from workload and scheme.
struct RunSettings {
  MachineSpec machine;
  TechnologyTable technology;
  std::vector<GivenMapping> mapping;  ///< of the products named
  Fidelity fidelity = Fidelity::tile;
  bool values = false;
  bool chain = false;
  bool timeline = false;
  bool reuse_layers = true;
  int threads = 1;
  std::optional<WaveRequest> waves;
  TensorDump dump;
};
/// `has_tensors`: what --values is when not given.
[[nodiscard]] RunSettings read_settings(const Arguments& arguments, bool has_tensors);

/// Runs the workload in `scheme`. `progress` (may be empty) hears how much of it is done; `vcd`
/// gets the waveform the settings ask for.
[[nodiscard]] RunResult run_workload(const Workload& workload, const RunSettings& settings,
                                     const Scheme& scheme,
                                     const std::function<void(double, double)>& progress = {},
                                     std::string* vcd = nullptr);

/// What was simulated, with every default, as it stands in result.json.
[[nodiscard]] Value spec_value(const RunSettings& settings, const Scheme& scheme);

/// --mapping, checked against the operations it is for.
void read_mapping_option(const Arguments& arguments, const std::vector<Operation>& operations,
                         bool one_layer, RunSettings& settings);

/// result.json, operations.csv, mapping.json, timeline.json and summary.txt in a folder. Throws
/// OutputError.
void write_results(const std::string& folder, const RunResult& result, const Value& spec,
                   bool timeline);

/// `first` then `second`.
[[nodiscard]] std::vector<Option> joined(std::vector<Option> first,
                                         const std::vector<Option>& second);

}  // namespace razorsim
