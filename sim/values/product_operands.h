// SPDX-License-Identifier: Apache-2.0
// The operands of a run's linear products: encoded for their readers and prepared for the kernels.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/arithmetic/factors.h"
#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"
#include "sim/values/shared_weights.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

struct LeftOperand {
  EncodedMatrix encoded;  ///< without values once no product reads them any more
  LeftFactor factor;
};

class ProductOperands {
 public:
  /// Encodes the right operands, which are there before a run, into `weights`. `operations` must
  /// outlive it. Throws ConfigError where values cannot follow (cached tokens, wide operands with
  /// a scale a group),
  /// TraceError for a tensor that is missing.
  ProductOperands(std::shared_ptr<const TensorSource> source,
                  const std::vector<Operation>& operations, Scheme scheme, UnitSpec unit,
                  SharedWeights& weights, int threads);

  /// How the unit takes the operands of `operation`.
  [[nodiscard]] UnitPlan plan_of(const Operation& operation) const;

  [[nodiscard]] const LeftOperand& left(const Operation& operation);
  [[nodiscard]] const RightOperand& right(const Operation& operation) const;
  /// Nothing where no product has asked for it yet.
  [[nodiscard]] const LeftOperand* made_left(const Operation& operation) const;

  [[nodiscard]] bool has(const std::string& tensor) const { return lefts_.contains(tensor); }
  /// Of a left operand, all that only products read; what it was encoded as stays.
  void release(const std::string& tensor);
  /// The output of `operation` for the products that read it: from `numbers`, or the source's own.
  void encode_output(const Operation& operation, std::optional<MatrixView<const float>> numbers);

 private:
  void require_units(const Operation& operation) const;

  std::shared_ptr<const TensorSource> source_;
  const std::vector<Operation>& operations_;
  Scheme scheme_;
  UnitSpec unit_;
  std::map<std::string, LeftOperand> lefts_;
  std::map<std::string, std::shared_ptr<const RightOperand>> rights_;
};

}  // namespace razorsim
