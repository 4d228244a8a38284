// SPDX-License-Identifier: Apache-2.0
// The numbers that flow through the modules. Time never depends on them: with no value path bound,
// not one cycle changes.
#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/encoded_matrix.h"
#include "models/mapping/step.h"

namespace razorsim {

/// Operands and sums of one tile: m x k, n x k, m x n.
struct TileValues {
  EncodedMatrix left;
  EncodedMatrix right;
  std::vector<std::int64_t> sums;  ///< those of earlier slabs of K, 0 with the first
};

/// The numbers of a run. Called by each module when it does a job's work, in the order of simulated
/// time; they may be computed later, but from nothing that has not been handed over.
class ValuePath {
 public:
  virtual ~ValuePath() = default;
  /// The array at tile fidelity: the sums of the job's tile (exact, or in canonical order where an
  /// accumulator may overflow).
  virtual void multiply(const Job& job) = 0;
  /// The array at pe fidelity takes the operands of a tile and gives the sums back.
  [[nodiscard]] virtual TileValues tile_values(const Job& job) = 0;
  virtual void store(const Job& job, const std::vector<std::int64_t>& sums) = 0;
  /// The vector unit: rescale and, once all tiles of the block are there, the pass's vector
  /// operations.
  virtual void vector(const Job& job) = 0;
  /// The razor unit: encodes the block for its readers.
  virtual void razor(const Job& job) = 0;
  /// All that was handed over is computed. Throws what went wrong with it.
  virtual void finish() = 0;
  /// Additions of an operation, multiplied at tile fidelity, that overflowed; known once finished.
  [[nodiscard]] virtual std::int64_t overflows(int operation) const = 0;
};

}  // namespace razorsim
