// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/passes.h"

#include <algorithm>

namespace razorsim {
namespace {

bool reads(const Operation& operation, const std::string& tensor) {
  return std::find(operation.inputs.begin(), operation.inputs.end(), tensor) !=
         operation.inputs.end();
}

bool is_epilogue(const Operation& operation) {
  return operation.kind == OperationKind::rope || operation.kind == OperationKind::add ||
         operation.kind == OperationKind::silu_gate;
}

}  // namespace

std::vector<Pass> passes_of(const std::vector<Operation>& operations) {
  std::vector<Pass> passes;
  const int count = static_cast<int>(operations.size());
  const auto at = [&](int i) -> const Operation& {
    return operations[static_cast<std::size_t>(i)];
  };
  for (int i = 0; i < count;) {
    Pass pass;
    pass.operations.push_back(i);
    int next = i + 1;
    if (at(i).kind == OperationKind::linear) {
      pass.kind = PassKind::product;
      const bool pair = next + 1 < count && at(next).kind == OperationKind::linear &&
                        at(next + 1).kind == OperationKind::silu_gate &&
                        reads(at(next + 1), at(i).output) && reads(at(next + 1), at(next).output) &&
                        at(i).inputs == at(next).inputs;
      if (pair) pass.operations.push_back(next++);
      while (next < count && is_epilogue(at(next)) && reads(at(next), at(next - 1).output)) {
        pass.operations.push_back(next++);
      }
    } else if (at(i).kind == OperationKind::scores && i + 2 < count &&
               at(i + 1).kind == OperationKind::softmax &&
               at(i + 2).kind == OperationKind::context && reads(at(i + 1), at(i).output) &&
               reads(at(i + 2), at(i + 1).output)) {
      pass.kind = PassKind::attention;
      pass.operations.push_back(i + 1);
      pass.operations.push_back(i + 2);
      next = i + 3;
    } else if (at(i).is_product()) {
      // Scores or context without their neighbours are plain products, a head at a time.
      pass.kind = PassKind::product;
    }
    passes.push_back(std::move(pass));
    i = next;
  }
  return passes;
}

FormatSpec stored_format(const std::string& name, const std::vector<Operation>& operations,
                         const Scheme& scheme) {
  FormatSpec found;
  for (const Operation& operation : operations) {
    if (!reads(operation, name)) continue;
    if (!operation.is_product()) return FormatSpec{};
    const ProductFormats formats = formats_of(operation, scheme);
    found = operation.inputs.front() == name ? formats.left : formats.right;
  }
  return found;
}

ProductFormats formats_of(const Operation& operation, const Scheme& scheme) {
  const auto of = [&](Operand operand) { return scheme.format_of(operand, operation.name); };
  switch (operation.kind) {
    case OperationKind::scores: return {of(Operand::query), of(Operand::key)};
    case OperationKind::context: return {of(Operand::softmax), of(Operand::value)};
    default: break;
  }
  if (operation.is_head) return {of(Operand::head_activations), of(Operand::head_weights)};
  return {of(Operand::activations), of(Operand::weights)};
}

}  // namespace razorsim
