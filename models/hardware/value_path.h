// SPDX-License-Identifier: Apache-2.0
// The numbers that flow through the modules. Time never depends on them: with no value path bound,
// not one cycle changes.
#pragma once

#include "models/mapping/step.h"

namespace razorsim {

/// Called by each module when it does a job's work, in the order of simulated time.
class ValuePath {
 public:
  virtual ~ValuePath() = default;
  /// The array at tile fidelity: the sums of the job's tile (exact, or in canonical order where an
  /// accumulator may overflow). Returns the additions that overflowed.
  virtual std::int64_t multiply(const Job& job) = 0;
  /// The vector unit: rescale and, once all tiles of the block are there, the pass's vector operations.
  virtual void vector(const Job& job) = 0;
  /// The razor unit: encodes the block for its readers.
  virtual void razor(const Job& job) = 0;
};

}  // namespace razorsim
