// SPDX-License-Identifier: Apache-2.0
// The four-phase protocol of Dram: BEGIN_REQ, END_REQ once the queue has the request, BEGIN_RESP
// once it was served, END_RESP.
#include <algorithm>

#include "models/hardware/dram_implementation.h"

namespace razorsim {

tlm::tlm_sync_enum Dram::Implementation::begin_request(tlm::tlm_generic_payload& payload,
                                                       const DramBurst& burst, int initiator,
                                                       tlm::tlm_phase& phase,
                                                       sc_core::sc_time delay) {
  const std::uint64_t last = burst.address + static_cast<std::uint64_t>(burst.line) - 1;
  if (burst.lines != 1 || burst.address / map.interleave() != last / map.interleave()) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  count_wanted(payload);
  if (payload.has_mm()) payload.acquire();
  const std::int64_t channel = map.channel_of(burst.address);
  Transaction& transaction = transactions.emplace_back(Transaction{
      &payload, sc_core::sc_time_stamp() + delay, DramShare(spec, map, burst, channel, initiator),
      static_cast<std::size_t>(channel)});
  if (delay == sc_core::SC_ZERO_TIME) {
    begin(transaction.channel, transaction.share);
    transaction.begun = true;
    transaction.end_request_sent = transaction.share.waiting() == 0;
  }
  attend.notify(sc_core::SC_ZERO_TIME);
  if (!transaction.end_request_sent) return tlm::TLM_ACCEPTED;
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void Dram::Implementation::end_response(const tlm::tlm_generic_payload& payload, int initiator) {
  responding[static_cast<std::size_t>(initiator)] = false;
  transactions.remove_if(
      [&](const Transaction& each) { return each.payload == &payload && each.response_sent; });
  attend.notify(sc_core::SC_ZERO_TIME);
}

/// Sends the answer, unless the initiator still handles another one. Returns whether it is over.
bool Dram::Implementation::respond(Transaction& transaction) {
  const auto initiator = static_cast<std::size_t>(transaction.share.initiator);
  if (responding.size() <= initiator) responding.resize(initiator + 1);
  if (responding[initiator]) return false;
  move_data(*transaction.payload, burst_of(*transaction.payload));
  transaction.payload->set_response_status(tlm::TLM_OK_RESPONSE);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  transaction.response_sent = true;
  responding[initiator] = true;
  const tlm::tlm_sync_enum answer =
      dram.socket[transaction.share.initiator]->nb_transport_bw(*transaction.payload, phase, delay);
  const bool over =
      answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (over) responding[initiator] = false;
  return over;
}

void Dram::Implementation::process_transactions(std::int64_t cycle) {
  for (auto it = transactions.begin(); it != transactions.end();) {
    Transaction& each = *it;
    if (!each.begun && cycle_of(each.arrival) <= cycle) {
      begin(each.channel, each.share);
      each.begun = true;
    }
    if (each.begun && !each.end_request_sent && each.share.waiting() == 0) {
      each.end_request_sent = true;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay;
      dram.socket[each.share.initiator]->nb_transport_bw(*each.payload, phase, delay);
    }
    if (each.share.done() && each.end_request_sent && each.share.end <= cycle &&
        !each.response_sent && respond(each)) {
      if (each.payload->has_mm()) each.payload->release();
      it = transactions.erase(it);
      continue;
    }
    ++it;
  }
}

std::int64_t Dram::Implementation::next_of_transactions(std::int64_t cycle) const {
  std::int64_t next = DramController::never;
  for (const Transaction& each : transactions) {
    const DramChannel& channel = channels[each.channel];
    if (!each.begun) {
      next = std::min(next, cycle_of(each.arrival));
    } else if (each.share.waiting() > 0) {
      next = std::min(next, channel.next_taken(each.share));
    } else if (!each.response_sent && each.share.end > cycle) {
      next = std::min(next, channel.done_not_before(each.share));
    } else if (!each.response_sent && !each.share.done()) {
      next = std::min(next, std::max(cycle + 1, channel.done_not_before(each.share)));
    }
  }
  return next;
}

}  // namespace razorsim
