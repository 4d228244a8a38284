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

/// What all engines of a DMA share: bursts as TLM transactions, a number of them under way. No
/// process waits for a burst: the memory's answer names the time of its end, and at the clock edge
/// after that it makes way for the next one.
class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaEngine> socket;

  [[nodiscard]] Ledger& ledger() { return ledger_; }

  /// Charges the transfers up to now, to the operation they were for: at the end of a pass.
  void settle();

 protected:
  SC_HAS_PROCESS(DmaEngine);
  DmaEngine(const sc_core::sc_module_name& name, const DmaSpec& spec, const CoreClockDomain& clock,
            Bytes memory);

  /// One panel's transfer; `finish` is called once it is known when the last byte has moved.
  struct Transfer {
    Bytes left;
    Picoseconds end;
    ByCause<Picoseconds> delay;
    std::function<void(const Transfer&)> finish;
  };
  /// Cuts a run of bytes into bursts and sends them; returns once all are under way.
  void send(bool write, std::int64_t address, Bytes bytes,
            std::function<void(const Transfer&)> finish);
  /// Settles, then charges the wait as `issued` says.
  void account_wait(Picoseconds issued, Cause cause, int operation);
  [[nodiscard]] static Cause worst(const ByCause<Picoseconds>& delay);

  CoreClockDomain clock_;
  Ledger ledger_;
  int operation_ = -1;  ///< whose bytes were sent last

 private:
  /// One that may be under way.
  struct Burst : MemoryBurst {
    Burst() { payload.set_extension<MemoryBurst>(this); }
    ~Burst() override { payload.clear_extension<MemoryBurst>(this); }
    tlm::tlm_generic_payload payload;
    Transfer* transfer = nullptr;
    Picoseconds over;
  };
  /// What of a run of bytes has not been sent yet.
  struct Rest {
    bool write = false;
    std::int64_t address = 0;
    Bytes bytes;
    Transfer* transfer = nullptr;
  };
  void begin(Burst& burst, Bytes bytes);
  tlm::tlm_sync_enum answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  void reclaim();
  void send_rest();
  void await_burst();

  DmaSpec spec_;
  Bytes memory_;
  std::deque<Burst> bursts_;
  std::vector<Burst*> idle_;
  std::deque<Burst*> ending_;  ///< answered, in order of time
  Rest rest_;
  Picoseconds last_end_;
  sc_core::sc_event over_;   ///< a burst is
  sc_core::sc_event freed_;  ///< another may go out
  sc_core::sc_event sent_;   ///< all of the run of bytes is
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
  void finish(Bytes room, Picoseconds end);

  Channel<Job>& outputs_;
  Buffer& room_;
  OperationLog& log_;
  sc_core::sc_event& pass_done_;
  std::int64_t unfinished_ = 0;
  Picoseconds all_written_;  ///< when the last transfer so far ends
  bool last_seen_ = false;
};

}  // namespace razorsim
