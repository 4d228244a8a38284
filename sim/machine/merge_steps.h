// SPDX-License-Identifier: Apache-2.0
// Puts the results of single layers together to that of a whole inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/operation.h"
#include "sim/result/run_result.h"
#include "traces/llama/operations.h"

namespace razorsim {

class StepMerger {
 public:
  /// A forward pass begins; the layers added from now on are its.
  void begin_step(const ForwardPass& pass, std::int64_t sequences);

  /// What the machine's head chose in this pass, a sequence each, and the reference.
  void set_tokens(const std::vector<std::int64_t>& tokens,
                  const std::vector<std::int64_t>& reference);

  /// The next layer takes what `part` says, whose operations are called `operations` here.
  /// `timeline`: its slices count too.
  void add(const RunResult& part, std::span<const Operation> operations, bool timeline);

  /// Totals, the steps, and the operations: those of the first forward pass, then those of decode
  /// after a prefill, summed over its steps.
  [[nodiscard]] RunResult take() &&;

 private:
  /// The entry of the operation at hand, made if it is new.
  OperationResult& entry(const OperationResult& part, const Operation& operation);

  RunResult result_;
  std::size_t decode_ = 0;  ///< index of the first operation of decode after a prefill
  std::size_t next_ = 0;    ///< of the operation to come
  int passes_ = 0;          ///< fused groups before the part at hand
};

}  // namespace razorsim
