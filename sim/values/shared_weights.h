// SPDX-License-Identifier: Apache-2.0
// Right operands of products, encoded and packed once: runs of one workload whose schemes agree on
// a weight, or whose machines differ, share it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/arithmetic/factors.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

struct RightOperand {
  EncodedMatrix encoded;
  RightFactor factor;
};

class SharedWeights {
 public:
  explicit SharedWeights(std::shared_ptr<const TensorSource> source) : source_(std::move(source)) {}

  struct Wanted {
    std::string tensor;
    FormatSpec format;
    bool floating = false;             ///< its products have FP32 sums
    Packing least = Packing::nibbles;  ///< from which on its left factors take it

    bool operator==(const Wanted&) const = default;
  };
  /// Makes what is not there yet, each weight on one of `threads` threads. Throws TraceError for a
  /// tensor that is missing.
  void make(const std::vector<Wanted>& wanted, int threads);
  /// One of those made.
  [[nodiscard]] std::shared_ptr<const RightOperand> get(const Wanted& wanted) const;

 private:
  struct Entry {
    Wanted made;
    std::shared_ptr<RightOperand> operand;
  };
  [[nodiscard]] const Entry* find(const Wanted& wanted) const;

  std::shared_ptr<const TensorSource> source_;
  std::map<std::string, std::vector<Entry>> by_tensor_;
};

}  // namespace razorsim
