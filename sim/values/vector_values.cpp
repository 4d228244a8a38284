// SPDX-License-Identifier: Apache-2.0
#include "sim/values/vector_values.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "models/operators/add.h"
#include "models/operators/rms_norm.h"
#include "models/operators/silu_gate.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t piece_rows = 8;  // the rows whose sums run side by side

}  // namespace

VectorValues::VectorValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                           const std::vector<Operation>& operations, MadeTensors& made, bool chain,
                           int threads)
    : source_(std::move(source)),
      network_(std::move(network)),
      operations_(operations),
      made_(made),
      chain_(chain),
      threads_(threads) {
  for (const Operation& operation : operations_) {
    if (operation.kind == OperationKind::rope && !rope_)
      rope_.emplace(network_, operation.past, operation.m);
    if (operation.kind == OperationKind::rms_norm && !weights_.contains(operation.weight))
      weights_.emplace(operation.weight, source_->weight(operation.weight));
  }
}

void VectorValues::run(int operation, const Coverage& blocks) {
  const Operation& source = operations_[static_cast<std::size_t>(operation)];
  if (source.kind == OperationKind::softmax || source.is_product()) return;
  MadeTensor& made = made_.output_of(operation);
  if (made.whole()) return;  // it only comes back for its scale
  for (const Box& box : blocks.boxes()) {
    made.made += box.m.size() * box.n.size();
    const bool passes = made.passes() && box.n.size() == made.cols;
    if (passes) {
      (void)made.compared();
    } else {
      (void)made.room();
    }
    parallel_for(ceil_div(box.m.size(), piece_rows), threads_, [&](std::int64_t piece) {
      const std::int64_t row = box.m.begin + piece * piece_rows;
      const IndexRange rows{row, std::min(row + piece_rows, box.m.end)};
      if (passes) return run_and_compare(source, rows, made);
      run(source, rows, box.n, made.room().block(row, box.n.begin, rows.size(), box.n.size()));
    });
  }
}

/// Whole rows that nobody reads.
void VectorValues::run_and_compare(const Operation& operation, IndexRange rows, MadeTensor& made) {
  const auto numbers =
      std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(rows.size() * made.cols));
  const MatrixView<float> out(numbers.get(), rows.size(), made.cols);
  run(operation, rows, {0, made.cols}, out);
  for (std::int64_t row = rows.begin; row < rows.end && made.reference; ++row) {
    made.compared()[static_cast<std::size_t>(row)] =
        compare_row(made.reference->row(row), out.row(row - rows.begin));
  }
}

void VectorValues::run(const Operation& operation, IndexRange rows, IndexRange cols,
                       MatrixView<float> out) {
  const auto block = [&](MatrixView<const float> whole) {
    return whole.block(rows.begin, cols.begin, rows.size(), cols.size());
  };
  switch (operation.kind) {
    case OperationKind::rms_norm: {
      // Only the last token of each sequence goes on to the head.
      const MatrixView<const float> in = numbers(operation.inputs[0]);
      const std::int64_t step = in.rows() / operation.m;
      const MatrixView<const float> last(in.data() + (step - 1) * in.stride(), operation.m,
                                         in.cols(), step * in.stride());
      rms_norm(block(last), weights_.at(operation.weight),
               static_cast<float>(network_.norm_epsilon), out);
      break;
    }
    case OperationKind::rope: rotate(operation, rows, cols, out); break;
    case OperationKind::silu_gate:
      silu_gate(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
      break;
    case OperationKind::add:
      add(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
      break;
    case OperationKind::embedding: {
      // Rows of an FP32 table are what they are.
      const MatrixView<const float> rows_there = block(*source_->reference(operation.output));
      for (std::int64_t row = 0; row < out.rows(); ++row)
        std::ranges::copy(rows_there.row(row), out.row(row).begin());
      break;
    }
    default: throw Defect(operation.name + ": not a vector operation");
  }
}

void VectorValues::rotate(const Operation& operation, IndexRange rows, IndexRange cols,
                          MatrixView<float> out) {
  const MatrixView<const float> in = numbers(operation.inputs[0]);
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t position = row % operation.m;  // in its sequence
    const std::int64_t count = std::min(rows.end - row, operation.m - position);
    for (std::int64_t head = 0; head < cols.size(); head += operation.n) {
      rope_->rotate(in.block(row, cols.begin + head, count, operation.n),
                    out.block(row - rows.begin, head, count, operation.n), position);
    }
    row += count;
  }
}

MatrixView<const float> VectorValues::numbers(const std::string& name) const {
  if (chain_) {
    if (const auto made = made_.named(name)) return *made;
  }
  const auto reference = source_->reference(name);
  if (!reference) throw TraceError("the trace has no tensor " + name);
  return *reference;
}

}  // namespace razorsim
