// SPDX-License-Identifier: Apache-2.0
// The tensors that the machine has made so far in a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"
#include "sim/values/pages.h"

namespace razorsim {

/// One of them: its numbers, and how many of them have passed the razor unit.
struct MadeTensor {
  Pages numbers;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t encoded_elements = 0;

  [[nodiscard]] MatrixView<float> view() const {
    return {static_cast<float*>(numbers.data()), rows, cols};
  }
};

class MadeTensors {
 public:
  /// `operations` must outlive it.
  explicit MadeTensors(const std::vector<Operation>& operations)
      : operations_(operations), tensors_(operations.size()) {}

  /// The output of an operation; room for it, zeroed, is made at its first use. Rows x columns as
  /// in docs/trace-format.md: tokens x features, or (heads * tokens) x columns for scores and
  /// softmax.
  [[nodiscard]] MadeTensor& output_of(int operation);
  /// The output called `name`, nothing where no operation has begun it.
  [[nodiscard]] std::optional<MatrixView<float>> named(const std::string& name) const;

 private:
  const std::vector<Operation>& operations_;
  std::vector<MadeTensor> tensors_;
};

}  // namespace razorsim
