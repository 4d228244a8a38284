// SPDX-License-Identifier: Apache-2.0
// Issues the passes of a schedule one after the other: loads to the DMA, jobs to the array. A pass
// begins when the last byte of the one before is in DRAM.
#pragma once

#include <functional>
#include <systemc>
#include <unordered_map>
#include <vector>

#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/ledger.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/schedule.h"
#include "models/mapping/step.h"

namespace razorsim {

class Sequencer : public sc_core::sc_module, private StepSink {
 public:
  SC_HAS_PROCESS(Sequencer);
  /// `before_pass(index, new_layer)` is called before each pass, and after the last one with their
  /// number, while no module has work: to let the memory's writes reach the device, to take stock
  /// of it, and to give it its defined state before each layer. It may wait.
  Sequencer(const sc_core::sc_module_name& name, const Schedule& schedule,
            const std::vector<Operation>& operations, Channel<Load>& weight_loads,
            Channel<Load>& activation_loads, Channel<Job>& jobs, OperationLog& log,
            sc_core::sc_event& pass_done, std::function<void(int, bool)> before_pass);

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  void run();
  void load(const Load& load) override;
  void job(const Job& job) override;

  const Schedule& schedule_;
  const std::vector<Operation>& operations_;
  Channel<Load>& weight_loads_;
  Channel<Load>& activation_loads_;
  Channel<Job>& jobs_;
  OperationLog& log_;
  sc_core::sc_event& pass_done_;
  std::function<void(int, bool)> before_pass_;
  Ledger ledger_;
  Picoseconds at_;  ///< its own time
  Picoseconds issued_;
  bool finished_ = false;
  /// Largest panel read at each address of the pass: what its operands weigh once.
  std::unordered_map<std::int64_t, std::int64_t> distinct_;
};

}  // namespace razorsim
