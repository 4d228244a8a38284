// SPDX-License-Identifier: Apache-2.0
// FP32 lanes: rescale every tile, then norms, rotary embedding, softmax, gate, residual.
#pragma once

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

/// Each lane does one elementary operation a cycle, whichever it is: a special function unit that
/// takes longer is not modelled. A tile that waits for its pair or for the rest of its rows stays
/// here.
class VectorUnit : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(VectorUnit);
  VectorUnit(const sc_core::sc_module_name& name, const VectorUnitSpec& spec,
             const CoreClockDomain& clock, Channel<Job>& tiles, Channel<Job>& outputs,
             Buffer& activations, Buffer& accumulators, ValuePath* values, OperationLog& log);

  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  void run();

  VectorUnitSpec spec_;
  CoreClockDomain clock_;
  Channel<Job>& tiles_;
  Channel<Job>& outputs_;
  Buffer& activations_;
  Buffer& accumulators_;
  ValuePath* values_;
  OperationLog& log_;
  Ledger ledger_;
};

}  // namespace razorsim
