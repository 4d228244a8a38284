// SPDX-License-Identifier: Apache-2.0
// Encodes outputs for their readers: OR tree, leading one, shift, round, a group at a time. Integer
// formats without flags take the same road; FP32 outputs pass by.
#pragma once

#include <systemc>
#include <vector>

#include "models/hardware/buffer.h"
#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/ledger.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"
#include "models/mapping/step.h"

namespace razorsim {

/// Blocks whose rows are not complete wait in the staging buffer; with the last one all are
/// encoded.
class RazorUnit : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(RazorUnit);
  /// `group`: elements of a group of the format at hand, which may take several cycles.
  RazorUnit(const sc_core::sc_module_name& name, const RazorUnitSpec& spec,
            const CoreClockDomain& clock, std::vector<std::int64_t> groups, Channel<Job>& outputs,
            Channel<Job>& writes, Buffer& activations, Buffer& output_room, ValuePath* values,
            OperationLog& log);

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] bool empty() const { return held_.empty(); }

 private:
  void run();
  void deliver(const Token<Job>& token, int operation);

  RazorUnitSpec spec_;
  CoreClockDomain clock_;
  std::vector<std::int64_t> group_of_operation_;
  Channel<Job>& outputs_;
  Channel<Job>& writes_;
  Buffer& activations_;
  Buffer& output_room_;
  ValuePath* values_;
  OperationLog& log_;
  Ledger ledger_;
  std::vector<Token<Job>> held_;
};

}  // namespace razorsim
