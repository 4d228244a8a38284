// SPDX-License-Identifier: Apache-2.0
// The vector operations of a run, block by block.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/mapping/step.h"
#include "models/operators/rope.h"
#include "sim/values/made_tensors.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

class VectorValues {
 public:
  /// With `chain` an operation reads what the machine made, else the source's own tensors.
  /// `operations` and `made` must outlive it.
  VectorValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
               const std::vector<Operation>& operations, MadeTensors& made, bool chain);

  /// The vector operation of a job on the job's block.
  void operate(const Job& job);

  /// What an operation reads under this name. Throws TraceError where nobody has it.
  [[nodiscard]] MatrixView<const float> numbers(const std::string& name);

 private:
  void rotate(const Operation& operation, IndexRange rows, IndexRange cols, MatrixView<float> out);
  [[nodiscard]] const std::vector<float>& weight(const std::string& name);

  std::shared_ptr<const TensorSource> source_;
  NetworkSpec network_;
  const std::vector<Operation>& operations_;
  MadeTensors& made_;
  bool chain_;
  std::optional<RopeTable> rope_;
  std::map<std::string, std::vector<float>> weights_;
};

}  // namespace razorsim
