// SPDX-License-Identifier: Apache-2.0
// The inside of Dram, for its two sources: dram.cpp (the module and b_transport) and
// dram_phases.cpp (the four-phase protocol).
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <vector>

#include "models/hardware/dram.h"
#include "models/hardware/dram_address.h"
#include "models/hardware/dram_channel.h"
#include "models/hardware/dram_storage.h"

namespace razorsim {

/// A payload in the memory's terms; a 2-D burst without gaps is a contiguous one.
[[nodiscard]] DramBurst burst_of(const tlm::tlm_generic_payload& payload);

struct Dram::Implementation {
  Implementation(Dram& module, const DramSpec& given);

  /// First clock edge at or after `time`.
  [[nodiscard]] std::int64_t cycle_of(sc_core::sc_time time) const {
    const auto value = (time - epoch).value();
    return static_cast<std::int64_t>(ceil_div<sc_dt::uint64>(value, clock.value()));
  }
  [[nodiscard]] std::int64_t now() const { return cycle_of(sc_core::sc_time_stamp()); }
  [[nodiscard]] sc_core::sc_time time_of(std::int64_t cycle) const {
    return epoch + sc_core::sc_time::from_value(clock.value() * static_cast<sc_dt::uint64>(cycle));
  }
  /// What of `cycle` is still to come.
  [[nodiscard]] sc_core::sc_time until(std::int64_t cycle) const {
    const sc_core::sc_time time = time_of(cycle);
    return time > sc_core::sc_time_stamp() ? time - sc_core::sc_time_stamp()
                                           : sc_core::SC_ZERO_TIME;
  }

  bool acceptable(tlm::tlm_generic_payload& payload, const DramBurst& burst) const;
  void move_data(tlm::tlm_generic_payload& payload, const DramBurst& burst);
  void count_wanted(const tlm::tlm_generic_payload& payload);
  void collect_counters();

  /// Not before what has been worked out already, should a caller act before an answer's time.
  void begin(std::size_t channel, DramShare& share) {
    channels[channel].begin(share, std::max(now(), channels[channel].now()));
  }

  /// Everything that is due now; asks to be called again when more will be.
  void process();
  void process_bursts();
  [[nodiscard]] std::int64_t undisturbed() const;
  [[nodiscard]] bool any_burst() const;
  void set_limits(std::int64_t limit);
  void collect_finished();
  [[nodiscard]] std::int64_t next_of_bursts() const;

  /// A burst under way: its shares of the channels, one each at most.
  struct Burst {
    std::vector<DramShare> shares;
    std::vector<std::size_t> channels;
    std::size_t unfinished = 0;
    tlm::tlm_generic_payload* payload = nullptr;  ///< to answer; none: a b_transport awaits `over`
    sc_core::sc_event over;
  };
  Burst& begin_burst(const tlm::tlm_generic_payload& payload, const DramBurst& burst,
                     int initiator);
  [[nodiscard]] std::int64_t done_not_before(const Burst& burst,
                                             std::int64_t limit = DramController::never) const;
  void end_burst(Burst& burst);
  void name_causes(Burst& burst, std::int64_t end, MemoryBurst* extension);
  void release(Burst& burst) { free_bursts.push_back(burst.shares.front().owner); }

  /// A non-blocking request from BEGIN_REQ to END_RESP.
  struct Transaction {
    tlm::tlm_generic_payload* payload;
    sc_core::sc_time arrival;
    DramShare share;
    std::size_t channel;
    bool begun = false, end_request_sent = false, response_sent = false;
  };
  tlm::tlm_sync_enum begin_request(tlm::tlm_generic_payload& payload, const DramBurst& burst,
                                   int initiator, tlm::tlm_phase& phase, sc_core::sc_time delay);
  void end_response(const tlm::tlm_generic_payload& payload, int initiator);
  void process_transactions(std::int64_t cycle);
  [[nodiscard]] std::int64_t next_of_transactions(std::int64_t cycle) const;
  bool respond(Transaction& transaction);

  Dram& dram;
  DramSpec spec;
  AddressMap map;
  sc_core::sc_time clock;
  sc_core::sc_time epoch;
  RowChanges row_changes;
  std::vector<DramChannel> channels;
  DramStorage storage;
  Bytes read_wanted, write_wanted;
  DramCounters counters;
  std::deque<Burst> bursts;  ///< by owner number of their shares; reused
  std::vector<std::size_t> free_bursts;
  std::vector<std::int64_t> limits;  ///< of set_limits()
  std::list<Transaction> transactions;
  std::vector<bool> responding;  ///< of each initiator: a BEGIN_RESP awaits its END_RESP
  sc_core::sc_event attend;
};

}  // namespace razorsim
