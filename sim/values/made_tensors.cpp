// SPDX-License-Identifier: Apache-2.0
#include "sim/values/made_tensors.h"

#include <cstddef>

#include "models/base/errors.h"

namespace razorsim {

MatrixView<float> MadeTensor::room() {
  if (!numbers) numbers = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(size()));
  return view();
}

std::vector<OutputComparison>& MadeTensor::compared() {
  compared_.resize(static_cast<std::size_t>(rows));
  return compared_;
}

MadeTensors::MadeTensors(const std::vector<Operation>& operations, std::int64_t sequences,
                         const TensorSource& source,
                         const std::function<bool(const Operation&)>& kept)
    : operations_(operations), tensors_(operations.size()) {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const Operation& operation = operations_[i];
    MadeTensor& made = tensors_[i];
    const bool by_head =
        operation.kind == OperationKind::rope || operation.kind == OperationKind::context;
    // Heads of a sequence lie side by side, its rows above those of the next one.
    made.rows = operation.m * (by_head ? sequences : 1);
    made.cols = operation.n * (by_head ? operation.heads / sequences : 1);
    made.kept = kept(operation);
    if (operation.kind == OperationKind::scores || operation.kind == OperationKind::softmax)
      continue;
    made.reference = source.reference(operation.output);
    promise(!made.reference ||
                (made.reference->rows() == made.rows && made.reference->cols() == made.cols),
            "an output's shape is not its reference's");
  }
}

std::optional<MatrixView<float>> MadeTensors::named(const std::string& name) const {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (operations_[i].output == name && tensors_[i].numbers) return tensors_[i].view();
  }
  return std::nullopt;
}

}  // namespace razorsim
