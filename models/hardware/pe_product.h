// SPDX-License-Identifier: Apache-2.0
// One product on an array of registers, whatever its dataflow: what the steppers fill in.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/units.h"
#include "models/formats/encoded_matrix.h"
#include "models/hardware/pe_observer.h"
#include "models/hardware/specs.h"

namespace razorsim {

struct PeProduct {
  std::vector<std::int64_t> sums;  ///< m x n; holds the start values when called
  std::int64_t preload = 0;        ///< cycles before the first operands enter
  std::int64_t beats = 0;          ///< from the first operands' entry to the last's
  std::int64_t skew = 0;           ///< from there to the last sum
  UnitCounters counters;

  [[nodiscard]] std::int64_t cycles() const { return preload + beats + skew; }
};

/// Multiplies left (m x k) by right (n x k) transposed on `array`, whose dataflow chooses the
/// stepper. `observer` may be null.
void step_product(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                  const EncodedMatrix& right, PeProduct& product, PeObserver* observer = nullptr);

/// A beat of the left operand enters row r at the left edge r cycles after row 0 and moves one
/// element to the right each cycle; a beat of the right operand enters column c at the top c cycles
/// after column 0 and moves down. An element whose two registers are full steps its unit; with the
/// last beat of a wave its accumulator moves to an output register, and the next wave starts.
void step_output_stationary(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                            const EncodedMatrix& right, PeProduct& product, PeObserver* observer);

/// The right operand (ws) or the left one (is) stays: its lines lie along the columns, K along the
/// rows. It is shifted in from the top into a second register beside the one at work; the other
/// operand enters at the left, and partial sums move down to the accumulators at each column's
/// foot. With the first beat of a fold an element takes over what has been shifted in.
void step_operand_stationary(const ArraySpec& array, const UnitSpec& unit,
                             const EncodedMatrix& left, const EncodedMatrix& right,
                             PeProduct& product, PeObserver* observer);

}  // namespace razorsim
