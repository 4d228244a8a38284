// SPDX-License-Identifier: Apache-2.0
#include "sim/values/product_operands.h"

#include <utility>

#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/mapping/passes.h"

namespace razorsim {
namespace {

const std::string& right_name(const Operation& operation) {
  return operation.weight.empty() ? operation.inputs.back() : operation.weight;
}

}  // namespace

ProductOperands::ProductOperands(std::shared_ptr<const TensorSource> source,
                                 const std::vector<Operation>& operations, Scheme scheme,
                                 UnitSpec unit, SharedWeights& weights, int threads)
    : source_(std::move(source)),
      operations_(operations),
      scheme_(std::move(scheme)),
      unit_(std::move(unit)) {
  std::vector<SharedWeights::Wanted> wanted;
  for (const Operation& operation : operations_) {
    if (operation.past > 0 && operation.is_product() && !source_->cached(operation.inputs[1])) {
      throw ConfigError("values", "are 'on', but operation " + operation.name +
                                      " reads cached tokens that no trace has; allowed: off");
    }
    if (operation.kind != OperationKind::linear) continue;
    require_units(operation);
    const ProductFormats formats = formats_of(operation, scheme_);
    wanted.push_back({right_name(operation), formats.right, plan_of(operation).floating,
                      least_packing(formats.left)});
  }
  weights.make(wanted, threads);
  for (const SharedWeights::Wanted& each : wanted) rights_[each.tensor] = weights.get(each);
}

UnitPlan ProductOperands::plan_of(const Operation& operation) const {
  const ProductFormats formats = formats_of(operation, scheme_);
  return plan(unit_, formats.left, formats.right);
}

void ProductOperands::require_units(const Operation& operation) const {
  const UnitPlan plan = plan_of(operation);
  if (!plan.floating || plan.passes() == 1) return;
  const ProductFormats formats = formats_of(operation, scheme_);
  throw ConfigError("scheme", "multiplies " + formats.left.name + " by " + formats.right.name +
                                  " with a scale a group in " + operation.name +
                                  ", whose values a run does not compute; allowed: int4 on both "
                                  "sides, or --values off");
}

const LeftOperand& ProductOperands::left(const Operation& operation) {
  const std::string& name = operation.inputs.front();
  auto found = lefts_.find(name);
  if (found == lefts_.end()) {
    // Nothing in this run made it: it was in memory from the start.
    const FormatSpec format = formats_of(operation, scheme_).left;
    found =
        lefts_.emplace(name, LeftOperand{encode_tensor(*source_, name, format, false), {}}).first;
  }
  found->second.factor.prepare(found->second.encoded, plan_of(operation).floating);
  return found->second;
}

const RightOperand& ProductOperands::right(const Operation& operation) const {
  return *rights_.at(right_name(operation));
}

const LeftOperand* ProductOperands::made_left(const Operation& operation) const {
  const auto found = lefts_.find(operation.inputs.front());
  return found == lefts_.end() ? nullptr : &found->second;
}

void ProductOperands::release(const std::string& tensor) {
  LeftOperand& left = lefts_.at(tensor);
  left.factor = {};
  left.encoded.values = std::vector<std::int16_t>();
}

void ProductOperands::encode_output(const Operation& operation,
                                    std::optional<MatrixView<const float>> numbers) {
  const std::string& name = operation.output;
  const FormatSpec format = stored_format(name, operations_, scheme_);
  EncodedMatrix encoded;
  if (numbers) {
    encoded = encode_numbers(*numbers, format, is_static(format) ? source_->absmax(name) : 1.0F);
  } else {
    encoded = encode_tensor(*source_, name, format, false);
  }
  lefts_.emplace(name, LeftOperand{std::move(encoded), {}});
}

}  // namespace razorsim
