// SPDX-License-Identifier: Apache-2.0
// Inference of a whole network: its forward passes one after the other, equal layers simulated
// once.
#pragma once

#include <cstddef>
#include <functional>

#include "models/base/operation.h"
#include "sim/machine/run.h"
#include "sim/values/network_numbers.h"
#include "traces/llama/operations.h"

namespace razorsim {

struct NetworkRequest {
  RunRequest run;  ///< machine, scheme, technology, ..; its operations come from the workload
  NetworkSpec network;
  WorkloadSpec workload;
  /// Every layer starts from the same state of the memory, so layers of equal shapes and formats
  /// take equal times. True: each different one is simulated once. False: each forward pass from
  /// its first operation to its last; the same numbers, much later.
  bool reuse_layers = true;
  std::size_t processes = 1;  ///< simulations at a time
  /// Null: time and energy only. Else each layer of each forward pass runs with its numbers, none
  /// reused, in as many cycles. Built for prompts of this length, one a sequence, and generate.
  NetworkNumbers* numbers = nullptr;
  bool chain = false;  ///< the machine's own outputs flow on, from layer to layer and step to step
  TensorDump dump;     ///< with numbers: each pass in a folder of its own, pass.0 first
  std::function<void(double done, double all)> progress;  ///< may be empty
};

/// The run of all forward passes, `steps` filled. `operations` lists those of the prefill, then
/// those of decode, summed over its steps. The timeline has each layer where it was first
/// simulated. Throws ConfigError for what the machine cannot do.
[[nodiscard]] RunResult run_network(const NetworkRequest& request);

}  // namespace razorsim
