// SPDX-License-Identifier: Apache-2.0
// The vector operations of a run, block by block.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/operators/rope.h"
#include "sim/values/coverage.h"
#include "sim/values/made_tensors.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

class VectorValues {
 public:
  /// With `chain` an operation reads what the machine made, else the source's own tensors.
  /// `operations` and `made` must outlive it. Throws TraceError where a weight is missing.
  VectorValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
               const std::vector<Operation>& operations, MadeTensors& made, bool chain,
               int threads);

  /// The output of a vector operation on the blocks that the vector unit has done. Softmax is done
  /// with the scores, where the block is; what is whole already only comes back for its scale.
  void run(int operation, const Coverage& blocks);

  /// What an operation reads under this name. Throws TraceError where nobody has it.
  [[nodiscard]] MatrixView<const float> numbers(const std::string& name) const;

 private:
  void run_and_compare(const Operation& operation, IndexRange rows, MadeTensor& made);
  /// Rows and columns of an output, into `out`.
  void run(const Operation& operation, IndexRange rows, IndexRange cols, MatrixView<float> out);
  void rotate(const Operation& operation, IndexRange rows, IndexRange cols, MatrixView<float> out);

  std::shared_ptr<const TensorSource> source_;
  NetworkSpec network_;
  const std::vector<Operation>& operations_;
  MadeTensors& made_;
  bool chain_;
  int threads_;
  std::optional<RopeTable> rope_;
  std::map<std::string, std::vector<float>> weights_;
};

}  // namespace razorsim
