// SPDX-License-Identifier: Apache-2.0
#include "sim/values/made_tensors.h"

#include <cstddef>

namespace razorsim {

MadeTensor& MadeTensors::output_of(int operation) {
  MadeTensor& made = tensors_[static_cast<std::size_t>(operation)];
  if (made.rows == 0) {
    const Operation& source = operations_[static_cast<std::size_t>(operation)];
    // Heads stand side by side in what linear operations read, one below the other in scores and
    // softmax.
    const bool side_by_side =
        source.kind == OperationKind::rope || source.kind == OperationKind::context;
    const bool below = !side_by_side && source.kind != OperationKind::linear;
    made.rows = source.m * (below ? source.heads : 1);
    made.cols = source.n * (side_by_side ? source.heads : 1);
    made.numbers = Pages(sizeof(float) * static_cast<std::size_t>(made.rows * made.cols));
  }
  return made;
}

std::optional<MatrixView<float>> MadeTensors::named(const std::string& name) const {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (operations_[i].output == name && tensors_[i].rows > 0) return tensors_[i].view();
  }
  return std::nullopt;
}

}  // namespace razorsim
