// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/merge_steps.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/base/errors.h"
#include "sim/result/ratios.h"

namespace razorsim {
namespace {

void merge(NumericError& whole, const NumericError& part) {
  const double largest = std::max(whole.largest_error, part.largest_error);
  add_fields(whole, part);
  whole.largest_error = largest;
}

bool is_attention(OperationKind kind) {
  return kind == OperationKind::scores || kind == OperationKind::softmax ||
         kind == OperationKind::context;
}

}  // namespace

void StepMerger::begin_step(const ForwardPass& pass, std::int64_t sequences) {
  if (result_.steps.size() == 1) decode_ = next_;
  next_ = decode_;
  if (result_.steps.size() > 1) passes_ = result_.operations[decode_].pass;
  StepResult step;
  step.phase = pass.phase;
  step.tokens = pass.tokens;
  step.context = pass.past;
  step.sequences = sequences;
  result_.steps.push_back(step);
}

void StepMerger::set_tokens(const std::vector<std::int64_t>& tokens,
                            const std::vector<std::int64_t>& reference) {
  promise(tokens.size() == reference.size(), "a token a sequence");
  StepResult& step = result_.steps.back();
  step.token = tokens.front();
  step.reference_token = reference.front();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == reference[i]) ++step.agreeing;
  }
}

OperationResult& StepMerger::entry(const OperationResult& part, const Operation& operation) {
  const bool is_new = next_ == result_.operations.size();
  if (is_new) {
    OperationResult fresh;
    fresh.name = result_.steps.size() == 1 ? operation.name : "decode." + operation.name;
    fresh.count = 0;
    result_.operations.push_back(fresh);
  }
  OperationResult& whole = result_.operations[next_++];
  promise(is_new || whole.kind == part.kind, "decode steps differ in more than their context");
  whole.kind = part.kind;
  whole.heads = part.heads;
  whole.m = part.m;
  whole.k = part.k;
  whole.n = part.n;
  whole.pass = passes_ + part.pass;
  whole.unit = part.unit;
  whole.passes = part.passes;
  whole.mapping = part.mapping;
  ++whole.count;
  return whole;
}

void StepMerger::add(const RunResult& part, std::span<const Operation> operations, bool timeline) {
  promise(operations.size() == part.operations.size(), "a layer has another one's operations");
  StepResult& step = result_.steps.back();
  const int first = static_cast<int>(next_);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const OperationResult& each = part.operations[i];
    OperationResult& whole = entry(each, operations[i]);
    add_fields(whole.counters, each.counters);
    add_fields(whole.energy, each.energy);
    merge(whole.error, each.error);
    add_fields(step.counters, each.counters);
    add_fields(step.energy, each.energy);
    if (is_attention(each.kind)) step.attention += each.counters.cycles;
    if (operations[i].layer < 0 && each.kind != OperationKind::embedding) {
      step.head += each.counters.cycles;
      add_fields(step.head_energy, each.energy);
    }
    add_fields(result_.totals, each.counters);
    add_fields(result_.energy, each.energy);
  }
  add_fields(result_.energy_sources, part.energy_sources);
  passes_ += part.operations.back().pass + 1;
  if (result_.modules.empty()) {
    result_.core_period = part.core_period;
    result_.peak_dram_bytes_per_ns = part.peak_dram_bytes_per_ns;
    result_.peak_macs_per_cycle = part.peak_macs_per_cycle;
    result_.area = part.area;
    result_.area_sources = part.area_sources;
    result_.array = part.array;
    result_.provenance = part.provenance;
    for (const ModuleResult& module : part.modules)
      result_.modules.push_back({module.name, {}, {}});
  }
  for (std::size_t i = 0; i < part.modules.size(); ++i) {
    ModuleResult& whole = result_.modules[i];
    whole.time += part.modules[i].time;
    if (!timeline) continue;
    for (Slice slice : part.modules[i].slices) {
      slice.begin += result_.time;
      slice.end += result_.time;
      if (slice.operation >= 0) slice.operation += first;
      whole.slices.push_back(slice);
    }
  }
  for (const std::string& remark : part.remarks) {
    if (std::find(result_.remarks.begin(), result_.remarks.end(), remark) == result_.remarks.end())
      result_.remarks.push_back(remark);
  }
  result_.time += part.time;
  result_.cycles += part.cycles;
}

RunResult StepMerger::take() && {
  for (OperationResult& each : result_.operations) each.bound = bound_of(each.counters);
  result_.bound = bound_of(result_.totals);
  promise(result_.totals.cycles == result_.cycles, "the layers' cycles do not add up to the run's");
  return std::move(result_);
}

}  // namespace razorsim
