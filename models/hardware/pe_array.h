// SPDX-License-Identifier: Apache-2.0
// The array at `pe` fidelity: every operand register and every accumulator of every processing
// element, stepped each cycle. It exists to prove the closed forms of `tile`: same cycles, same
// bits.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/units.h"
#include "models/hardware/array.h"
#include "models/hardware/pe_observer.h"
#include "models/hardware/schedule.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"

namespace razorsim {

/// Output stationary. A beat of the left operand enters row r at the left edge r cycles after row 0
/// and moves one element to the right each cycle; a beat of the right operand enters column c at
/// the top c cycles after column 0 and moves down. An element whose two registers are full steps
/// its unit; with the last beat of a wave its accumulator moves to an output register, and the next
/// wave starts.
class PeArray : public ArrayModel {
 public:
  /// `values` may be null: all codes are zero, the cycles are the same.
  PeArray(const ArraySpec& array, const Schedule& schedule, ValuePath* values,
          PeObserver* observer = nullptr);
  [[nodiscard]] TileTiming run(const Job& job) override;

 private:
  const ArraySpec array_;
  const Schedule& schedule_;
  ValuePath* values_;
  PeObserver* observer_;
};

/// One product on the array alone: what PeArray does with a tile. `observer` may be null.
struct PeProduct {
  std::vector<std::int64_t> sums;  ///< m x n; holds the start values when called
  std::int64_t beats = 0;
  std::int64_t cycles = 0;  ///< from the first operand's entry to the last sum
  UnitCounters counters;
};
void step_product(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                  const EncodedMatrix& right, PeProduct& product, PeObserver* observer = nullptr);

}  // namespace razorsim
