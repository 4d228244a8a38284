// SPDX-License-Identifier: Apache-2.0
// The numbers of a run's linear products: sums by the exact kernel, rescaled while they are in
// cache.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/tensor_view.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"
#include "sim/values/made_tensors.h"
#include "sim/values/pass_work.h"
#include "sim/values/product_operands.h"

namespace razorsim {

class LinearValues {
 public:
  struct Options {
    UnitSpec unit;           ///< for its accumulator
    ArraySpec array;         ///< for the order of additions, where an accumulator may overflow
    bool keep_sums = false;  ///< keep the accumulators of every product
    int threads = 1;
  };
  /// All but the options must outlive it.
  LinearValues(const std::vector<Operation>& operations, ProductOperands& operands,
               MadeTensors& made, Options options);

  /// The sums of what was multiplied, and the outputs of what was rescaled.
  void run(int operation, const PassWork::Product& work);

  /// For an array that steps registers: the operands of a job's tile, and its sums back.
  [[nodiscard]] TileValues tile_values(const Job& job);
  void store(const Job& job, const std::vector<std::int64_t>& tile_sums);

  /// Additions of an operation that did not fit the accumulator.
  [[nodiscard]] std::int64_t overflows(int operation) const;
  /// The kept accumulators, m x n row-major; empty where none are kept.
  [[nodiscard]] const std::vector<std::int64_t>& sums(int operation) const;

 private:
  [[nodiscard]] const Operation& at(int operation) const {
    return operations_[static_cast<std::size_t>(operation)];
  }
  [[nodiscard]] MatrixView<std::int64_t> all_sums(int operation);
  [[nodiscard]] bool may_overflow(int operation);
  void multiply_in_order(int operation, std::int64_t slab);
  struct Rescale;
  [[nodiscard]] Rescale rescale_of(int operation);
  /// The sums of some pieces of a box, each handed over with its rows and columns.
  template <class Take>
  void multiply_pieces(int operation, const Box& box, IndexRange pieces, const Take& take);
  /// A box that is multiplied and rescaled whole, piece by piece.
  void multiply_and_rescale(int operation, const Box& box);
  void multiply_and_compare(int operation, const Box& box, const Rescale& rescale,
                            MadeTensor& made);

  const std::vector<Operation>& operations_;
  ProductOperands& operands_;
  MadeTensors& made_;
  Options options_;
  std::map<int, std::vector<std::int64_t>> kept_;  ///< sums beyond one call of run, m x n
  std::map<int, std::int64_t> overflows_;
  std::map<int, bool> may_overflow_;
};

}  // namespace razorsim
