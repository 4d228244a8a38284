// SPDX-License-Identifier: Apache-2.0
#include "sim/values/made_tensors.h"

#include <cstddef>

namespace razorsim {

MadeTensor& MadeTensors::output_of(int operation) {
  MadeTensor& made = tensors_[static_cast<std::size_t>(operation)];
  if (made.rows == 0) {
    const Operation& source = operations_[static_cast<std::size_t>(operation)];
    const bool by_head =
        source.kind == OperationKind::rope || source.kind == OperationKind::context;
    // Heads of a sequence lie side by side, its rows above those of the next one.
    made.rows = source.m * (by_head ? sequences_ : 1);
    made.cols = source.n * (by_head ? source.heads / sequences_ : 1);
    made.numbers = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(made.size()));
  }
  return made;
}

std::optional<MatrixView<float>> MadeTensors::named(const std::string& name) const {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (operations_[i].output == name && tensors_[i].numbers) return tensors_[i].view();
  }
  return std::nullopt;
}

}  // namespace razorsim
