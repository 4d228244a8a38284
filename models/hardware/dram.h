// SPDX-License-Identifier: Apache-2.0
// The DRAM as a TLM-2.0 target: bursts through b_transport, single requests through the four-phase
// non-blocking interface. Both are served by the same controllers, one a channel.
#pragma once

#include <memory>
#include <systemc>
#include <tlm>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "models/hardware/dram_counters.h"
#include "models/hardware/dram_log.h"
#include "models/hardware/dram_spec.h"
#include "models/hardware/memory_request.h"

namespace razorsim {

/// Any number of initiators bind to `socket`.
///
/// b_transport takes a burst of any length, contiguous or (with a MemoryBurst extension) 2-D, and
/// returns with a zero delay when a read's last byte has arrived or the controllers have taken a
/// write's last transaction (it reaches the device later; see drain()). A delay it is called with
/// is waited for first. Bursts of one initiator enter the queues in their order; initiators take
/// turns of `controller.burst_turn` transactions, one transaction a memory cycle and channel.
/// MemoryBurst::delay then says how the time of the burst divides by cause, as seen by the channel
/// that finished last.
///
/// nb_transport_fw takes requests within one block of `controller.channel_interleave` bytes.
/// END_REQ is held back until the queue has taken the request; an initiator may have many under
/// way. Reads are answered when their data has arrived, writes a cycle after they were taken.
///
/// With a MemoryBurst extension nb_transport_fw takes bursts as b_transport does. END_REQ comes at
/// once, and BEGIN_RESP as soon as the burst's end is known, which its delay names; the answer is
/// TLM_COMPLETED, so that no further phase follows. Bytes move with the answer.
///
/// Without `stores_data` no byte is kept: reads leave the initiator's buffer as it is, and the data
/// pointer may be null. Addresses past the capacity get TLM_ADDRESS_ERROR_RESPONSE.
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> socket;

  Dram(const sc_core::sc_module_name& name, const DramSpec& spec);
  ~Dram() override;

  [[nodiscard]] const DramSpec& spec() const;

  /// Waits until every write taken is in the device. Call from a thread.
  void drain();

  /// The defined state a layer starts from, as of now: all banks closed, nothing queued, the memory
  /// clock at an edge and the refresh interval just begun. Counters go on. Nothing may be under
  /// way.
  void reset_state();

  /// Accounts for all time up to now, idle refreshes and standby energy included; with bursts under
  /// way, as far as these have been worked out, if that is later.
  void finish();

  /// Up to the last finish() or reset_state().
  [[nodiscard]] const DramCounters& counters() const;
  [[nodiscard]] const DramCounters& channel_counters(std::int64_t channel) const;

  /// Records every command from now on; the log outlives the module. nullptr: no more.
  void log_to(DramLog* log);

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay);
  unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& payload);

  void attend();

  struct Implementation;
  std::unique_ptr<Implementation> self_;
};

}  // namespace razorsim
