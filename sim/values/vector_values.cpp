// SPDX-License-Identifier: Apache-2.0
#include "sim/values/vector_values.h"

#include <utility>

#include "models/base/errors.h"
#include "models/operators/add.h"
#include "models/operators/rms_norm.h"
#include "models/operators/silu_gate.h"

namespace razorsim {

VectorValues::VectorValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                           const std::vector<Operation>& operations, MadeTensors& made, bool chain)
    : source_(std::move(source)),
      network_(std::move(network)),
      operations_(operations),
      made_(made),
      chain_(chain) {}

void VectorValues::operate(const Job& job) {
  const Operation& operation = operations_[static_cast<std::size_t>(job.vector_operation)];
  // Softmax is done with the scores, where the block is; a product here only comes back for its
  // scale.
  if (operation.kind == OperationKind::softmax || operation.is_product()) return;
  const IndexRange rows = job.rows;
  const IndexRange cols = job.cols;
  const auto block = [&](MatrixView<const float> whole) {
    return whole.block(rows.begin, cols.begin, rows.size(), cols.size());
  };
  const MatrixView<float> all = made_.output_of(job.vector_operation).view();
  const MatrixView<float> out = all.block(rows.begin, cols.begin, rows.size(), cols.size());
  switch (operation.kind) {
    case OperationKind::rms_norm:
      rms_norm(block(numbers(operation.inputs[0])), weight(operation.weight),
               static_cast<float>(network_.norm_epsilon), out);
      break;
    case OperationKind::rope: rotate(operation, rows, cols, out); break;
    case OperationKind::silu_gate:
      silu_gate(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
      break;
    case OperationKind::add:
      add(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
      break;
    default: throw Defect(operation.name + ": not a vector operation");
  }
}

void VectorValues::rotate(const Operation& operation, IndexRange rows, IndexRange cols,
                          MatrixView<float> out) {
  if (!rope_) rope_.emplace(network_, 0, operation.m);
  const MatrixView<const float> in = numbers(operation.inputs[0]);
  for (std::int64_t head = 0; head < cols.size(); head += operation.n) {
    rope_->rotate(in.block(rows.begin, cols.begin + head, rows.size(), operation.n),
                  out.block(0, head, rows.size(), operation.n), rows.begin);
  }
}

const std::vector<float>& VectorValues::weight(const std::string& name) {
  const auto [entry, added] = weights_.try_emplace(name);
  if (added) entry->second = source_->weight(name);
  return entry->second;
}

MatrixView<const float> VectorValues::numbers(const std::string& name) {
  if (chain_) {
    if (const auto made = made_.named(name)) return *made;
  }
  const auto reference = source_->reference(name);
  if (!reference) throw TraceError("the trace has no tensor " + name);
  return *reference;
}

}  // namespace razorsim
