// SPDX-License-Identifier: Apache-2.0
// The tensors that the machine has made so far in a run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"
#include "sim/values/output_comparison.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

/// One of them: how many of its elements are there and have passed the razor unit. Its numbers
/// stand where somebody reads them later (`kept`) or they come in parts of rows; whole rows that
/// nobody reads are compared with the reference as they are made, in cache, and are gone.
struct MadeTensor {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t made = 0;
  std::int64_t encoded = 0;
  bool kept = true;
  bool settled = false;                              ///< whole, compared and dumped
  std::unique_ptr<float[]> numbers;                  ///< null while no room was asked for
  std::optional<MatrixView<const float>> reference;  ///< of the same shape

  [[nodiscard]] std::int64_t size() const { return rows * cols; }
  [[nodiscard]] bool whole() const { return made == size(); }
  /// Whether rows, where whole ones are made, pass without being stored.
  [[nodiscard]] bool passes() const { return !kept && !numbers; }
  [[nodiscard]] MatrixView<float> view() const { return {numbers.get(), rows, cols}; }
  /// The same; room for them is made at its first use, with nothing in it.
  [[nodiscard]] MatrixView<float> room();
  /// Its rows, without elements where they are still to be compared; made at their first use too.
  [[nodiscard]] std::vector<OutputComparison>& compared();

 private:
  std::vector<OutputComparison> compared_;
};

class MadeTensors {
 public:
  /// References come from `source`; the outputs of the operations that `kept` names stay.
  /// `operations`, of `sequences` at once, and the source must outlive it. Throws Defect for a
  /// reference of another shape.
  MadeTensors(const std::vector<Operation>& operations, std::int64_t sequences,
              const TensorSource& source, const std::function<bool(const Operation&)>& kept);

  /// The output of an operation, rows x columns as in docs/trace-format.md. Scores and softmax
  /// never stand whole anywhere.
  [[nodiscard]] MadeTensor& output_of(int operation) {
    return tensors_[static_cast<std::size_t>(operation)];
  }
  /// The output called `name`, nothing where no operation has begun it or it was dropped.
  [[nodiscard]] std::optional<MatrixView<float>> named(const std::string& name) const;

 private:
  const std::vector<Operation>& operations_;
  std::vector<MadeTensor> tensors_;
};

}  // namespace razorsim
