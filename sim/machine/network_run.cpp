// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/network_run.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "models/mapping/passes.h"
#include "sim/machine/accelerator.h"
#include "sim/machine/archive.h"
#include "sim/machine/assemble.h"
#include "sim/machine/child.h"
#include "sim/machine/merge_steps.h"

namespace razorsim {
namespace {

using Operations = std::vector<Operation>;

/// Cuts a forward pass where the memory starts afresh: at each new layer.
std::vector<Operations> layers_of(Operations operations) {
  std::vector<Operations> layers;
  for (Operation& each : operations) {
    if (layers.empty() || layers.back().back().layer != each.layer) layers.emplace_back();
    layers.back().push_back(std::move(each));
  }
  return layers;
}

/// All that a layer's time and energy depend on, as bytes: its operations, with tensors numbered in
/// order of appearance instead of named, and their formats.
std::string key_of(const Operations& layer, const Scheme& scheme) {
  std::map<std::string, std::size_t> numbers;
  const auto number = [&](const std::string& tensor) {
    return numbers.try_emplace(tensor, numbers.size()).first->second;
  };
  ArchiveWriter key;
  for (Operation each : layer) {
    std::vector<std::size_t> tensors;
    for (const std::string& input : each.inputs) tensors.push_back(number(input));
    tensors.push_back(number(each.weight));
    tensors.push_back(number(each.output));
    key.put(tensors);
    if (each.is_product()) {
      const ProductFormats formats = formats_of(each, scheme);
      key.put(formats.left);
      key.put(formats.right);
    }
    each.name.clear();
    each.layer = 0;
    each.inputs.clear();
    each.weight.clear();
    each.output.clear();
    key.put(each);
  }
  return key.bytes();
}

class NetworkRun {
 public:
  explicit NetworkRun(const NetworkRequest& request)
      : request_(request), run_(request.run), passes_(forward_passes(request.workload)) {
    // Every pass multiplies in the same formats, so the first one chooses the unit for all.
    run_.machine.array.unit =
        choose_unit(run_.machine.array.unit, operations_of(passes_.front()), run_.scheme);
  }

  RunResult run() {
    for (const ForwardPass& pass : passes_) {
      std::vector<std::size_t>& parts = parts_.emplace_back();
      for (Operations& each : cut(operations_of(pass))) parts.push_back(plan(std::move(each)));
    }
    simulate();
    StepMerger merged;
    std::vector<bool> seen(results_.size());
    for (std::size_t i = 0; i < passes_.size(); ++i) {
      merged.begin_step(passes_[i], request_.workload.batch);
      const std::vector<Operations> parts = cut(operations_of(passes_[i]));
      for (std::size_t j = 0; j < parts.size(); ++j) {
        const std::size_t index = parts_[i][j];
        merged.add(results_[index], parts[j], !seen[index]);
        seen[index] = true;
      }
    }
    return std::move(merged).take();
  }

 private:
  [[nodiscard]] Operations operations_of(const ForwardPass& pass) const {
    return llama_operations(request_.network, request_.workload, pass);
  }

  /// What is simulated on its own.
  [[nodiscard]] std::vector<Operations> cut(Operations operations) const {
    if (request_.reuse_layers) return layers_of(std::move(operations));
    return {std::move(operations)};
  }

  /// The number of the simulation that answers for `part`.
  std::size_t plan(Operations part) {
    std::size_t index = schedules_.size();
    if (request_.reuse_layers) {
      const auto [entry, is_new] = planned_.try_emplace(key_of(part, run_.scheme), index);
      if (!is_new) return entry->second;
    }
    schedules_.push_back(
        make_schedule(part, run_.scheme, run_.machine.array, shape_of(run_.machine)));
    work_.push_back(std::move(part));
    return index;
  }

  void simulate() {
    const Inventory inventory = inventory_of(run_.machine, schedules_);
    results_.resize(work_.size());
    std::size_t done = 0;
    ChildPool pool(request_.processes);
    for (std::size_t i = 0; i < work_.size(); ++i) {
      const auto work = [&] {
        run_.operations = std::move(work_[i]);
        ArchiveWriter archive;
        archive.put(simulate_here(run_, schedules_[i], inventory));
        return archive.bytes();
      };
      pool.start(work, [&, i](const std::string& bytes) {
        ArchiveReader(bytes).get(results_[i]);
        if (request_.progress)
          request_.progress(static_cast<double>(++done), static_cast<double>(work_.size()));
      });
    }
    pool.finish();
  }

  const NetworkRequest& request_;
  RunRequest run_;
  std::vector<ForwardPass> passes_;
  std::vector<std::vector<std::size_t>> parts_;  ///< simulations of each pass, in order
  std::map<std::string, std::size_t> planned_;   ///< by key
  std::vector<Operations> work_;                 ///< of each simulation
  std::vector<Schedule> schedules_;
  std::vector<RunResult> results_;
};

}  // namespace

RunResult run_network(const NetworkRequest& request) { return NetworkRun(request).run(); }

}  // namespace razorsim
