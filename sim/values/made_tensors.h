// SPDX-License-Identifier: Apache-2.0
// The tensors that the machine has made so far in a run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// One of them: its numbers, how many of them are there and have passed the razor unit. Whoever has
/// compared it and needs it no more drops its numbers.
struct MadeTensor {
  std::unique_ptr<float[]> numbers;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t made = 0;
  std::int64_t encoded = 0;

  [[nodiscard]] std::int64_t size() const { return rows * cols; }
  [[nodiscard]] MatrixView<float> view() const { return {numbers.get(), rows, cols}; }
};

class MadeTensors {
 public:
  /// `operations`, of `sequences` at once, must outlive it.
  MadeTensors(const std::vector<Operation>& operations, std::int64_t sequences)
      : operations_(operations), sequences_(sequences), tensors_(operations.size()) {}

  /// The output of an operation, rows x columns as in docs/trace-format.md. Room for it is made at
  /// its first use, with nothing in it. Scores and softmax never stand whole anywhere.
  [[nodiscard]] MadeTensor& output_of(int operation);
  /// The output called `name`, nothing where no operation has begun it or it was dropped.
  [[nodiscard]] std::optional<MatrixView<float>> named(const std::string& name) const;

 private:
  const std::vector<Operation>& operations_;
  std::int64_t sequences_;
  std::vector<MadeTensor> tensors_;
};

}  // namespace razorsim
