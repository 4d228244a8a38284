// SPDX-License-Identifier: Apache-2.0
// The DRAM as a TLM-2.0 target: bursts through b_transport, single requests through the four-phase
// non-blocking interface. Both are served by the same controllers, one a channel.
#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <memory>

#include "models/hardware/dram_counters.h"
#include "models/hardware/dram_log.h"
#include "models/hardware/dram_spec.h"
#include "models/hardware/memory_request.h"

namespace razorsim {

/// Any number of initiators bind to `socket`.
///
/// b_transport takes a burst of any length, contiguous or (with a MemoryBurst extension) 2-D, waits
/// until its last byte has moved, and returns a zero delay; a delay it is called with is waited for
/// first. Bursts under way at the same time take turns of `controller.burst_turn` transactions, in
/// order of arrival; each channel takes one transaction a memory cycle. A write is over when its last
/// data is on the pins. MemoryBurst::delay then says how the time from the start (after the delay) to
/// the end divides by cause, as seen by the channel that finished last.
///
/// nb_transport_fw takes requests of at most one interleave block (`controller.channel_interleave`).
/// END_REQ is held back while the queue is full; several requests of an initiator may be under way.
///
/// Without `stores_data` no byte is kept: reads leave the initiator's buffer as it is, and the data
/// pointer may be null.
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> socket;

  Dram(const sc_core::sc_module_name& name, const DramSpec& spec);
  ~Dram() override;

  [[nodiscard]] const DramSpec& spec() const;

  /// The defined state a layer starts from, as of now: all banks closed, nothing queued, the memory
  /// clock at an edge and the refresh interval just begun. Counters go on. Nothing may be under way.
  void reset_state();

  /// Accounts for all time up to now, idle refreshes and standby energy included.
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

  struct Implementation;
  std::unique_ptr<Implementation> self_;
};

}  // namespace razorsim
