// SPDX-License-Identifier: Apache-2.0
#include "sim/values/product_operands.h"

#include <utility>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/mapping/passes.h"

namespace razorsim {
namespace {

const std::string& right_name(const Operation& operation) {
  return operation.weight.empty() ? operation.inputs.back() : operation.weight;
}

LeftOperand packed(EncodedMatrix encoded) {
  LeftOperand operand{std::move(encoded), {}};
  operand.packed = PackedLeft(operand.encoded.values_view());
  return operand;
}

}  // namespace

ProductOperands::ProductOperands(std::shared_ptr<const TensorSource> source,
                                 const std::vector<Operation>& operations, Scheme scheme,
                                 SharedWeights& weights, int threads)
    : source_(std::move(source)), operations_(operations), scheme_(std::move(scheme)) {
  std::vector<SharedWeights::Wanted> wanted;
  for (const Operation& operation : operations_) {
    if (operation.past > 0 && operation.is_product()) {
      throw ConfigError("values", "are 'on', but operation " + operation.name +
                                      " reads cached tokens that no trace has; allowed: off");
    }
    if (operation.kind != OperationKind::linear) continue;
    require_units(operation);
    wanted.push_back({right_name(operation), formats_of(operation, scheme_).right});
  }
  weights.make(wanted, threads);
  for (const SharedWeights::Wanted& each : wanted) rights_[each.tensor] = weights.get(each);
}

void ProductOperands::require_units(const Operation& operation) const {
  const ProductFormats formats = formats_of(operation, scheme_);
  for (const FormatSpec& format : {formats.left, formats.right}) {
    if (is_integer_format(format) && format.granularity != ScaleGranularity::group) continue;
    throw ConfigError(
        "scheme",
        "gives " + operation.name + " the format " + format.name +
            (is_integer_format(format) ? " with a scale a group" : "") +
            ", which no arithmetic unit of this version takes; allowed: sdr, int4, int8, int16");
  }
}

const LeftOperand& ProductOperands::left(const Operation& operation) {
  const std::string& name = operation.inputs.front();
  const auto found = lefts_.find(name);
  if (found != lefts_.end()) return found->second;
  // Nothing in this run made it: it was in memory from the start.
  LeftOperand operand =
      packed(encode_tensor(*source_, name, formats_of(operation, scheme_).left, false));
  return lefts_.emplace(name, std::move(operand)).first->second;
}

const RightOperand& ProductOperands::right(const Operation& operation) const {
  return *rights_.at(right_name(operation));
}

const LeftOperand* ProductOperands::made_left(const Operation& operation) const {
  const auto found = lefts_.find(operation.inputs.front());
  return found == lefts_.end() ? nullptr : &found->second;
}

void ProductOperands::encode_output(const Operation& operation,
                                    std::optional<MatrixView<const float>> numbers) {
  const std::string& name = operation.output;
  const FormatSpec format = stored_format(name, operations_, scheme_);
  EncodedMatrix encoded;
  if (numbers) {
    const bool calibrated = format.calibration == Calibration::from_file;
    encoded = encode_numbers(*numbers, format, calibrated ? source_->absmax(name) : 1.0F);
  } else {
    encoded = encode_tensor(*source_, name, format, false);
  }
  lefts_.emplace(name, packed(std::move(encoded)));
}

}  // namespace razorsim
