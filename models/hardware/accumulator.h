// SPDX-License-Identifier: Apache-2.0
// Adds the partial tiles of successive slabs of K in the output buffer; a complete tile goes on.
#pragma once

#include <systemc>

#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/ledger.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/specs.h"
#include "models/mapping/step.h"

namespace razorsim {

/// Sums leave the array wave by wave while it works; what is left to store when the last sum has
/// travelled out is one wave (at most `wave` sums), and that is the time charged here.
class Accumulator : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Accumulator);
  Accumulator(const sc_core::sc_module_name& name, const AccumulatorSpec& spec,
              const CoreClockDomain& clock, std::int64_t wave, Bytes sum, Channel<Job>& sums,
              Channel<Job>& tiles, OperationLog& log);

  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  void run();

  AccumulatorSpec spec_;
  CoreClockDomain clock_;
  std::int64_t wave_;
  Bytes sum_;
  Channel<Job>& sums_;
  Channel<Job>& tiles_;
  OperationLog& log_;
  Ledger ledger_;
};

}  // namespace razorsim
