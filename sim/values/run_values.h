// SPDX-License-Identifier: Apache-2.0
// The numbers of one run: operands encoded once, sums by the exact kernel, outputs compared with
// the reference. Built before a simulation and used by the modules while it runs; several
// simulations of the same workload may use copies of it, since numbers do not depend on the
// machine.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/statistics.h"
#include "models/hardware/value_path.h"
#include "sim/values/output_comparison.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

struct ValueOptions {
  bool chain = false;  ///< the machine's own outputs flow on; else each operation starts from the
                       ///< trace's tensors
  int threads = 1;     ///< of the kernel; changes the time only
  UnitSpec unit;       ///< for its accumulator
  bool keep_sums = false;  ///< keep the accumulators of the (single) product
};

/// Statistics of a product's operands as the multipliers see them; `known` where each takes one
/// pass.
struct ProductStatistics {
  bool known = false;
  OperandStatistics left;
  OperandStatistics right;
};

class RunValues : public ValuePath {
 public:
  /// Encodes and packs what is known before the run: weights, and operands no operation of the run
  /// makes. Throws ConfigError where values cannot follow (cached tokens, floating formats),
  /// TraceError for a tensor that is missing.
  RunValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
            std::vector<Operation> operations, Scheme scheme, ValueOptions options);
  ~RunValues() override;

  std::int64_t multiply(const Job& job) override;
  [[nodiscard]] TileValues tile_values(const Job& job) override;
  void store(const Job& job, const std::vector<std::int64_t>& sums) override;
  void vector(const Job& job) override;
  void razor(const Job& job) override;

  /// Of each operation whose output the source has a reference for.
  [[nodiscard]] std::vector<OutputComparison> comparisons() const;
  /// Of each operation; known for linear operations that ran.
  [[nodiscard]] std::vector<ProductStatistics> statistics() const;
  /// The kept sums, m x n row-major, and the same product in FP32.
  [[nodiscard]] const std::vector<std::int64_t>& sums() const;
  [[nodiscard]] const std::vector<float>& outputs() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> self_;
};

}  // namespace razorsim
