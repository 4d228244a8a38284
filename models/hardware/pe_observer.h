// SPDX-License-Identifier: Apache-2.0
// A look at the registers of the array while it is stepped, for waveforms and for teaching. Whoever
// steps an array shows its elements after every clock; without an observer that costs nothing.
#pragma once

#include <cstdint>
#include <span>

#include "models/arithmetic/unit_plan.h"
#include "models/base/units.h"

namespace razorsim {

/// An operand register: the codes of one beat and what travels with them. Spans hold until the next
/// clock.
struct PeOperand {
  bool valid = false;                   ///< false: a bubble
  std::span<const std::int16_t> codes;  ///< empty in the padding of a ragged tail
  std::span<const int> shifts;          ///< a group of the beat: its flag plus its plane's distance
};

/// One element after a clock: the beat in its operand registers, and what its sums are once that
/// beat has gone through. In hardware they are so `UnitPlan::latency_cycles` clocks later.
struct PeRegisters {
  PeOperand a;  ///< left operand: activations
  PeOperand w;  ///< right operand: weights; the one that is held or moves, as the dataflow has it
  int pass = 0;
  bool first = false;            ///< starts an output
  bool ends_group = false;       ///< the group sum goes through the shifter
  bool last = false;             ///< completes an output, or this array's part of it
  std::int64_t output_row = -1;  ///< of the tile; -1 where the element does not work
  std::int64_t output_col = -1;
  std::int64_t group_sum = 0;    ///< of the group under way; 0 once it has ended
  std::int64_t accumulator = 0;  ///< or the partial sum that leaves the element

  [[nodiscard]] bool works() const { return a.valid && w.valid; }
};

/// The array after a clock. Implemented by whoever steps it.
class PeSnapshot {
 public:
  virtual ~PeSnapshot() = default;
  [[nodiscard]] virtual PeRegisters element(std::int64_t row, std::int64_t col) const = 0;
};

class PeObserver {
 public:
  virtual ~PeObserver() = default;
  /// Whether it wants to see a tile of this operation.
  [[nodiscard]] virtual bool wants(int /*operation*/) const { return true; }
  /// A tile starts; cycle 0 follows.
  virtual void start(const UnitPlan& plan) = 0;
  /// Cycles count from 0 in each tile; those of the last `latency_cycles` show no new work.
  virtual void clock(std::int64_t cycle, const PeSnapshot& array) = 0;
  /// In a whole machine: when cycle 0 of the tile just shown is, which may be before the tile ahead
  /// of it has ended, and where its output (0, 0) lies in the product's.
  virtual void placed(Picoseconds /*cycle_0*/, std::int64_t /*row*/, std::int64_t /*col*/) {}
};

}  // namespace razorsim
