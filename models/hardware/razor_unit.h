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

/// How the outputs of one operation leave the unit.
struct RazorOutput {
  std::int64_t group = 16;  ///< elements of a group of its format, which may take several cycles
  bool cached = false;      ///< K or V for the cache on chip
  bool detours = false;     ///< tiles leave for DRAM first and come back as whole rows

  [[nodiscard]] bool goes_to_cache(const Job& job) const {
    return cached && !(detours && job.has_tile);
  }
};

/// Blocks whose rows are not complete wait in the staging buffer; with the last one all are
/// encoded.
class RazorUnit : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(RazorUnit);
  /// `outputs_of`: one an operation. `cache_port`: bytes a cycle that the cache on chip takes.
  RazorUnit(const sc_core::sc_module_name& name, const RazorUnitSpec& spec,
            const CoreClockDomain& clock, std::vector<RazorOutput> outputs_of, Bytes cache_port,
            Channel<Job>& outputs, Channel<Job>& writes, Buffer& activations, Buffer& output_room,
            ValuePath* values, OperationLog& log);

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] bool empty() const { return held_.empty(); }

 private:
  void run();
  void deliver(const Token<Job>& token, int operation);
  /// Writes K or V to the cache on chip, as it is encoded, which took `encoding` cycles.
  void cache(Job& job, int operation, std::int64_t encoding);

  RazorUnitSpec spec_;
  CoreClockDomain clock_;
  std::vector<RazorOutput> outputs_of_;
  Bytes cache_port_;
  Channel<Job>& outputs_;
  Channel<Job>& writes_;
  Buffer& activations_;
  Buffer& output_room_;
  ValuePath* values_;
  OperationLog& log_;
  Ledger ledger_;
  Picoseconds at_;  ///< the unit's own time
  std::vector<Token<Job>> held_;
};

}  // namespace razorsim
