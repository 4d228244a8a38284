// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/network_run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "models/hardware/kv_cache.h"
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
    for (const ForwardPass& pass : passes_)
      require_room(run_.machine.kv_cache, operations_of(pass), run_.scheme);
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
      if (request_.numbers != nullptr && !tokens_[i].empty()) {
        const auto next = static_cast<std::size_t>(passes_[i].past + passes_[i].tokens);
        std::vector<std::int64_t> reference;
        for (const std::vector<std::int32_t>& each : request_.numbers->tokens())
          reference.push_back(each[next]);
        merged.set_tokens(tokens_[i], reference);
      }
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
    Operations all = embedding_operations(request_.network, request_.workload, pass);
    for (Operation& each : llama_operations(request_.network, request_.workload, pass))
      all.push_back(std::move(each));
    return all;
  }

  /// What is simulated on its own.
  [[nodiscard]] std::vector<Operations> cut(Operations operations) const {
    if (by_layer()) return layers_of(std::move(operations));
    return {std::move(operations)};
  }

  /// The number of the simulation that answers for `part`.
  std::size_t plan(Operations part) {
    std::size_t schedule = schedules_.size();
    if (by_layer())
      schedule = planned_.try_emplace(key_of(part, run_.scheme), schedule).first->second;
    if (schedule == schedules_.size()) {
      schedules_.push_back(make_schedule(part, run_.scheme, run_.machine.array,
                                         shape_of(run_.machine), run_.mapping));
    } else if (request_.numbers == nullptr) {
      return schedule;  // without numbers there is one simulation a schedule
    }
    work_.push_back({std::move(part), schedule});
    return work_.size() - 1;
  }

  void simulate() {
    inventory_ = inventory_of(run_.machine, schedules_);
    results_.resize(work_.size());
    ChildPool pool(request_.processes);
    if (request_.numbers != nullptr) {
      simulate_with_numbers(pool);
    } else {
      for (std::size_t i = 0; i < work_.size(); ++i) start(pool, i, nullptr, 0);
    }
    pool.finish();
  }

  /// Layer by layer, so that the numbers of one layer are in memory at a time.
  void simulate_with_numbers(ChildPool& pool) {
    tokens_.resize(passes_.size());
    for (std::size_t layer = 0; layer < parts_.front().size(); ++layer) {
      const Operation& first = work_[parts_.front()[layer]].operations.front();
      if (first.kind == OperationKind::embedding) {
        request_.numbers->begin_embedding(passes_);
      } else {
        request_.numbers->begin_layer(first.layer, passes_);
      }
      const auto weights = std::make_shared<SharedWeights>(request_.numbers->source(0));
      for (std::size_t pass = 0; pass < passes_.size(); ++pass) {
        const std::size_t index = parts_[pass][layer];
        RunValues values(request_.numbers->source(pass), request_.network, work_[index].operations,
                         run_.scheme,
                         {.chain = request_.chain,
                          .threads = request_.chain ? static_cast<int>(request_.processes) : 1,
                          .unit = run_.machine.array.unit,
                          .array = run_.machine.array,
                          .keep_sums = false,
                          .sequences = request_.workload.batch,
                          .weights = weights,
                          .dump = request_.dump.inside("pass." + std::to_string(pass))});
        start(pool, index, &values, pass);
        // What this one makes is what the next one reads.
        if (request_.chain) pool.finish();
      }
    }
  }

  void start(ChildPool& pool, std::size_t index, RunValues* values, std::size_t pass) {
    const auto work = [&] {
      run_.operations = work_[index].operations;
      run_.values = values;
      ArchiveWriter archive;
      archive.put(simulate_here(run_, schedules_[work_[index].schedule], inventory_));
      if (values != nullptr) {
        archive.put(tokens_of(*values));
        archive.put(flowing(*values, run_.operations));
      }
      return archive.bytes();
    };
    pool.start(work, [this, index, pass](const std::string& bytes) {
      ArchiveReader archive(bytes);
      archive.get(results_[index]);
      if (request_.numbers != nullptr) {
        std::vector<std::int64_t> tokens;
        std::vector<StoredMatrix> made;
        archive.get(tokens);
        archive.get(made);
        if (!tokens.empty()) tokens_[pass] = std::move(tokens);
        request_.numbers->flow_on(pass, std::move(made));
      }
      if (request_.progress)
        request_.progress(static_cast<double>(++done_), static_cast<double>(work_.size()));
    });
  }

  /// The token a sequence that the machine's head finds most likely; none where this is not the
  /// head.
  static std::vector<std::int64_t> tokens_of(const RunValues& values) {
    std::vector<std::int64_t> tokens;
    const auto logits = values.made("head.output");
    for (std::int64_t i = 0; logits && i < logits->rows(); ++i) {
      const auto row = logits->row(i);
      tokens.push_back(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return tokens;
  }

  /// In a chain: what later layers and passes read.
  [[nodiscard]] std::vector<StoredMatrix> flowing(const RunValues& values,
                                                  const Operations& operations) const {
    std::vector<StoredMatrix> made;
    if (!request_.chain) return made;
    for (const Operation& each : operations) {
      if (NetworkNumbers::flows_on(each.output))
        made.push_back(StoredMatrix::copy(each.output, *values.made(each.output)));
    }
    return made;
  }

  [[nodiscard]] bool by_layer() const {
    return request_.reuse_layers || request_.numbers != nullptr;
  }

  struct Work {
    Operations operations;
    std::size_t schedule = 0;
  };

  const NetworkRequest& request_;
  RunRequest run_;
  std::vector<ForwardPass> passes_;
  std::vector<std::vector<std::size_t>> parts_;  ///< simulations of each pass, in order
  std::map<std::string, std::size_t> planned_;   ///< schedules by key
  std::vector<Schedule> schedules_;
  Inventory inventory_;
  std::vector<Work> work_;  ///< of each simulation
  std::vector<RunResult> results_;
  /// The machine's, a pass and sequence each; empty without numbers.
  std::vector<std::vector<std::int64_t>> tokens_;
  std::size_t done_ = 0;
};

}  // namespace

RunResult run_network(const NetworkRequest& request) { return NetworkRun(request).run(); }

}  // namespace razorsim
