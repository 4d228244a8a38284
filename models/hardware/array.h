// SPDX-License-Identifier: Apache-2.0
// The systolic array as a module: takes tiles in order, waits for both operand panels, works,
// passes the sums on. What happens inside a tile is the ArrayModel's business: closed forms or
// registers.
#pragma once

#include <memory>
#include <systemc>

#include "models/hardware/buffer.h"
#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/ledger.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"
#include "models/mapping/step.h"

namespace razorsim {

/// What one tile took.
struct TileTiming {
  CoreCycles preload;  ///< to bring the first fold of an operand that stays into place
  CoreCycles beats;    ///< from the first operands' entry to the last's
  CoreCycles skew;     ///< from there to the last sum
  std::int64_t overflows = 0;
};

/// One fidelity of the array. Both take the operands when the tile starts and deliver when it ends.
class ArrayModel {
 public:
  virtual ~ArrayModel() = default;
  [[nodiscard]] virtual TileTiming run(const Job& job) = 0;
  /// When the first cycle of the preload of the job's tile, just run, is or would have been.
  virtual void placed(const Job& /*job*/, Picoseconds /*cycle_0*/) {}
};

/// `tile` fidelity: the closed forms the mapping computed, sums by the fast kernel.
class TileArray : public ArrayModel {
 public:
  /// `values` may be null: no numbers, the same time.
  explicit TileArray(ValuePath* values) : values_(values) {}
  [[nodiscard]] TileTiming run(const Job& job) override;

 private:
  ValuePath* values_;
};

class Array : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Array);
  Array(const sc_core::sc_module_name& name, Dataflow dataflow, const CoreClockDomain& clock,
        ArrayModel& model, Channel<Job>& jobs, Channel<Job>& sums, Buffer& activations,
        Buffer& weights, Buffer& accumulators, OperationLog& log);

  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  void run();
  /// Returns the cause that delayed the later of the two panels.
  Cause await_operands(const Tile& tile);
  /// Cycles of a tile's preload that work before it did not hide.
  [[nodiscard]] CoreCycles exposed(const Job& job, Picoseconds issued, CoreCycles preload);

  const Dataflow dataflow_;
  CoreClockDomain clock_;
  ArrayModel& model_;
  Channel<Job>& jobs_;
  Channel<Job>& sums_;
  Buffer& activations_;
  Buffer& weights_;
  Buffer& accumulators_;
  OperationLog& log_;
  Ledger ledger_;
  Picoseconds at_;          ///< the array's own time
  Picoseconds loads_free_;  ///< when the last fold so far went to work
};

}  // namespace razorsim
