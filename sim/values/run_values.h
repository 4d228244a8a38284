// SPDX-License-Identifier: Apache-2.0
// The numbers of one run: operands encoded once, sums by the exact kernel, outputs compared with
// the reference. Built before a simulation; the modules tell it what they do while it runs, and it
// computes a pass when its last tile is through, beside the simulation of the next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/statistics.h"
#include "models/base/tensor_view.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"
#include "sim/values/output_comparison.h"
#include "sim/values/shared_weights.h"
#include "sim/values/tensor_dump.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

struct ValueOptions {
  bool chain = false;  ///< the machine's own outputs flow on; else each operation starts from the
                       ///< trace's tensors
  int threads = 1;     ///< 1: passes are computed within the simulation's own thread; changes the
                       ///< time only
  UnitSpec unit;       ///< for its accumulator
  ArraySpec array{};   ///< for the order of additions, where an accumulator may overflow
  bool keep_sums = false;                  ///< keep the accumulators of the (single) product
  std::int64_t sequences = 1;              ///< at once; their rows stand one below the other
  std::shared_ptr<SharedWeights> weights;  ///< of the same source, for several runs; null: own
  TensorDump dump;                         ///< operations whose tensors are written to files
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

  void multiply(const Job& job) override;
  [[nodiscard]] TileValues tile_values(const Job& job) override;
  void store(const Job& job, const std::vector<std::int64_t>& sums) override;
  void vector(const Job& job) override;
  void razor(const Job& job) override;
  void finish() override;
  [[nodiscard]] std::int64_t overflows(int operation) const override;

  /// Of each operation whose output the source has a reference for.
  [[nodiscard]] std::vector<OutputComparison> comparisons() const;
  /// Of each operation; known for linear operations that ran.
  [[nodiscard]] std::vector<ProductStatistics> statistics() const;
  /// What the machine made of tensor `name`, in FP32; nothing where no operation of the run makes
  /// it. A run of isolated operations keeps only what none of them reads.
  [[nodiscard]] std::optional<MatrixView<const float>> made(const std::string& name) const;
  /// The kept sums, m x n row-major, and the same product in FP32.
  [[nodiscard]] const std::vector<std::int64_t>& sums() const;
  [[nodiscard]] std::vector<float> outputs() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> self_;
};

}  // namespace razorsim
