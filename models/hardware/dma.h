// SPDX-License-Identifier: Apache-2.0
// Moves panels between DRAM and the buffers. Each engine sends bursts in order and keeps several
// under way; a panel is there when its last burst is. Scatter and gather inside a panel are not
// modelled: a panel is one run of bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/hardware/buffer.h"
#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/ledger.h"
#include "models/hardware/memory_request.h"
#include "models/hardware/operation_counters.h"
#include "models/hardware/specs.h"
#include "models/mapping/step.h"

namespace razorsim {

/// What all engines of a DMA share: bursts as TLM transactions, a number of them under way.
class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaEngine> socket;

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] bool empty() const { return under_way_ == 0; }

  /// Charges the transfers up to now, to the operation they were for: at the end of a pass.
  void settle();

 protected:
  DmaEngine(const sc_core::sc_module_name& name, const DmaSpec& spec, const CoreClockDomain& clock,
            Bytes memory);

  /// One panel's transfer; `done` fires when the last byte has moved.
  struct Transfer {
    Bytes left;
    ByCause<Picoseconds> delay;
    std::function<void(const Transfer&)> finish;
  };
  /// Cuts a run of bytes into bursts and hands them to the workers; returns once all are handed
  /// over.
  void send(bool write, std::int64_t address, Bytes bytes,
            std::function<void(const Transfer&)> finish);
  /// Settles, then charges the wait as `issued` says.
  void account_wait(Picoseconds issued, Cause cause, int operation);
  [[nodiscard]] static Cause worst(const ByCause<Picoseconds>& delay);

  CoreClockDomain clock_;
  Ledger ledger_;
  int operation_ = -1;  ///< whose bytes were sent last

 private:
  struct Burst {
    bool write = false;
    std::int64_t address = 0;
    Bytes bytes;
    Transfer* transfer = nullptr;
  };
  /// Sends one burst at a time; there are as many as may be in flight.
  struct Worker {
    Burst burst;
    sc_core::sc_event go;
  };
  void work(Worker& worker);

  DmaSpec spec_;
  Bytes memory_;
  std::deque<Worker> workers_;
  std::vector<Worker*> idle_;
  std::int64_t under_way_ = 0;
  Picoseconds last_end_;
  sc_core::sc_event freed_;
};

/// Fills one operand buffer.
class DmaReader : public DmaEngine {
 public:
  SC_HAS_PROCESS(DmaReader);
  DmaReader(const sc_core::sc_module_name& name, const DmaSpec& spec, const CoreClockDomain& clock,
            Bytes memory, Channel<Load>& loads, Buffer& buffer, OperationLog& log);

 private:
  void run();

  Channel<Load>& loads_;
  Buffer& buffer_;
  OperationLog& log_;
};

/// Writes outputs back.
class DmaWriter : public DmaEngine {
 public:
  SC_HAS_PROCESS(DmaWriter);
  DmaWriter(const sc_core::sc_module_name& name, const DmaSpec& spec, const CoreClockDomain& clock,
            Bytes memory, Channel<Job>& outputs, Buffer& room, OperationLog& log,
            sc_core::sc_event& pass_done);

 private:
  void run();

  Channel<Job>& outputs_;
  Buffer& room_;
  OperationLog& log_;
  sc_core::sc_event& pass_done_;
  std::int64_t unfinished_ = 0;
  bool last_seen_ = false;
};

}  // namespace razorsim
