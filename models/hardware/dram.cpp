// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram.h"

#include <algorithm>
#include <deque>
#include <list>
#include <vector>

#include "models/hardware/dram_address.h"
#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_energy.h"
#include "models/hardware/dram_storage.h"

namespace razorsim {

namespace {

const DramSpec& checked(const DramSpec& spec) {
  require_consistent(spec);
  return spec;
}

/// A payload in the memory's terms; a 2-D burst without gaps is a contiguous one.
DramBurst burst_of(const tlm::tlm_generic_payload& payload) {
  DramBurst burst{payload.get_address(), 1, payload.get_data_length(), 0, payload.is_write()};
  const auto* extension = payload.get_extension<MemoryBurst>();
  if (extension == nullptr || extension->lines == 1 || extension->pitch == extension->line)
    return burst;
  burst.lines = extension->lines;
  burst.line = extension->line.count();
  burst.pitch = extension->pitch.count();
  return burst;
}

}  // namespace

/// A non-blocking request from BEGIN_REQ to END_RESP.
struct DramTransaction {
  DramTransaction(tlm::tlm_generic_payload& p, int from, sc_core::sc_time at, DramShare whole)
      : payload(&p), initiator(from), arrival(at), share(std::move(whole)) {}

  tlm::tlm_generic_payload* payload;
  int initiator;
  sc_core::sc_time arrival;
  DramShare share;
  std::size_t channel = 0;
  bool begun = false, end_request_sent = false, response_sent = false;
};

struct Dram::Implementation {
  Implementation(Dram& module, const DramSpec& given)
      : dram(module),
        spec(checked(given)),
        map(spec),
        clock(static_cast<double>(spec.timing.clock.count()), sc_core::SC_PS) {
    channels.reserve(static_cast<std::size_t>(spec.organisation.all_channels()));
    for (std::int64_t i = 0; i < spec.organisation.all_channels(); ++i)
      channels.emplace_back(spec, map, i);
  }

  /// First clock edge at or after `time`.
  [[nodiscard]] std::int64_t cycle_of(sc_core::sc_time time) const {
    const auto value = (time - epoch).value();
    return static_cast<std::int64_t>(ceil_div<sc_dt::uint64>(value, clock.value()));
  }
  [[nodiscard]] std::int64_t now() const { return cycle_of(sc_core::sc_time_stamp()); }
  [[nodiscard]] sc_core::sc_time time_of(std::int64_t cycle) const {
    return epoch + sc_core::sc_time::from_value(clock.value() * static_cast<sc_dt::uint64>(cycle));
  }
  void wait_until(std::int64_t cycle) const {
    sc_core::wait(time_of(cycle) - sc_core::sc_time_stamp());
  }

  bool acceptable(tlm::tlm_generic_payload& payload, const DramBurst& burst) const;
  void move_data(tlm::tlm_generic_payload& payload, const DramBurst& burst);
  void count_wanted(const tlm::tlm_generic_payload& payload);
  void finish_blocking(std::vector<DramShare>& shares, const std::vector<std::size_t>& where,
                       MemoryBurst* extension) const;
  void process();
  bool respond(DramTransaction& transaction);
  void collect_counters();

  Dram& dram;
  DramSpec spec;
  AddressMap map;
  sc_core::sc_time clock;
  sc_core::sc_time epoch;
  std::vector<DramChannel> channels;
  DramStorage storage;
  Bytes read_wanted, write_wanted;
  DramCounters counters;
  std::list<DramTransaction> transactions;
  std::vector<bool> responding;  ///< of each initiator: a BEGIN_RESP awaits its END_RESP
  sc_core::sc_event attend;
};

bool Dram::Implementation::acceptable(tlm::tlm_generic_payload& payload,
                                      const DramBurst& burst) const {
  const auto last =
      burst.address + static_cast<std::uint64_t>((burst.lines - 1) * burst.pitch + burst.line);
  if (burst.lines < 1 || burst.line < 1 || burst.pitch < 0 || last > map.capacity() ||
      last < burst.address) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (burst.lines * burst.line != static_cast<std::int64_t>(payload.get_data_length()) ||
             payload.get_streaming_width() < payload.get_data_length()) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else {
    return true;
  }
  return false;
}

void Dram::Implementation::move_data(tlm::tlm_generic_payload& payload, const DramBurst& burst) {
  std::uint8_t* bytes = payload.get_data_ptr();
  if (!spec.stores_data || bytes == nullptr) return;
  for (std::int64_t i = 0; i < burst.lines; ++i, bytes += burst.line) {
    const std::uint64_t at = burst.address + static_cast<std::uint64_t>(i * burst.pitch);
    if (burst.is_write) {
      storage.write(at, bytes, static_cast<std::uint64_t>(burst.line));
    } else {
      storage.read(at, bytes, static_cast<std::uint64_t>(burst.line));
    }
  }
}

void Dram::Implementation::count_wanted(const tlm::tlm_generic_payload& payload) {
  (payload.is_write() ? write_wanted : read_wanted) += Bytes(payload.get_data_length());
}

void Dram::Implementation::finish_blocking(std::vector<DramShare>& shares,
                                           const std::vector<std::size_t>& where,
                                           MemoryBurst* extension) const {
  if (extension == nullptr || shares.empty()) return;
  std::size_t last = 0;
  for (std::size_t i = 1; i < shares.size(); ++i) {
    if (shares[i].end > shares[last].end) last = i;
  }
  const ByCause<std::int64_t> cycles = channels[where[last]].delay(shares[last]);
  for (std::size_t i = 0; i < cause_count; ++i)
    extension->delay.values[i] = spec.timing.clock * cycles.values[i];
}

void Dram::Implementation::collect_counters() {
  counters = DramCounters{};
  for (DramChannel& each : channels) {
    each.advance(now());
    each.controller().finish(now());
    add_fields(counters, each.controller().counters());
  }
  counters.read_wanted = read_wanted;
  counters.write_wanted = write_wanted;
}

/// Sends the answer, unless the initiator still handles another one. Returns whether it is over.
bool Dram::Implementation::respond(DramTransaction& transaction) {
  const auto initiator = static_cast<std::size_t>(transaction.initiator);
  if (responding.size() <= initiator) responding.resize(initiator + 1);
  if (responding[initiator]) return false;
  move_data(*transaction.payload, burst_of(*transaction.payload));
  transaction.payload->set_response_status(tlm::TLM_OK_RESPONSE);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  transaction.response_sent = true;
  responding[initiator] = true;
  const tlm::tlm_sync_enum answer =
      dram.socket[transaction.initiator]->nb_transport_bw(*transaction.payload, phase, delay);
  const bool over =
      answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (over) responding[initiator] = false;
  return over;
}

void Dram::Implementation::process() {
  const std::int64_t cycle = now();
  for (DramChannel& each : channels) each.advance(cycle);
  std::int64_t next = DramController::never;
  for (auto it = transactions.begin(); it != transactions.end();) {
    DramTransaction& each = *it;
    const std::int64_t arrival = cycle_of(each.arrival);
    DramChannel& channel = channels[each.channel];
    if (!each.begun && arrival <= cycle) {
      channel.begin(each.share, cycle);
      each.begun = true;
    }
    if (each.begun && !each.end_request_sent && each.share.waiting == 0) {
      each.end_request_sent = true;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay;
      dram.socket[each.initiator]->nb_transport_bw(*each.payload, phase, delay);
    }
    if (each.share.done() && each.end_request_sent && each.share.end <= cycle &&
        !each.response_sent && respond(each)) {
      if (each.payload->has_mm()) each.payload->release();
      it = transactions.erase(it);
      continue;
    }
    ++it;
  }
  // Requests may have come in during the calls above, so this is a loop of its own.
  for (const DramTransaction& each : transactions) {
    const DramChannel& channel = channels[each.channel];
    if (!each.begun) {
      next = std::min(next, cycle_of(each.arrival));
    } else if (each.share.waiting > 0) {
      next = std::min(next, channel.next_taken(each.share));
    } else if (!each.response_sent && each.share.end > cycle) {
      next = std::min(next, channel.done_not_before(each.share));
    } else if (!each.response_sent && !each.share.done()) {
      next = std::min(next, std::max(cycle + 1, channel.done_not_before(each.share)));
    }
  }
  if (next < DramController::never)
    attend.notify(std::max(time_of(next), time_of(cycle + 1)) - sc_core::sc_time_stamp());
}

Dram::Dram(const sc_core::sc_module_name& name, const DramSpec& spec)
    : sc_module(name), socket("socket"), self_(std::make_unique<Implementation>(*this, spec)) {
  socket.register_b_transport(this, &Dram::b_transport);
  socket.register_nb_transport_fw(this, &Dram::nb_transport_fw);
  socket.register_transport_dbg(this, &Dram::transport_dbg);
  SC_HAS_PROCESS(Dram);
  SC_METHOD(attend);
  sensitive << self_->attend;
  dont_initialize();
}

Dram::~Dram() = default;

void Dram::attend() { self_->process(); }

const DramSpec& Dram::spec() const { return self_->spec; }
const DramCounters& Dram::counters() const { return self_->counters; }
const DramCounters& Dram::channel_counters(std::int64_t channel) const {
  return self_->channels.at(static_cast<std::size_t>(channel)).controller().counters();
}

void Dram::log_to(DramLog* log) {
  for (DramChannel& each : self_->channels) each.controller().log_to(log);
}

void Dram::finish() { self_->collect_counters(); }

void Dram::drain() {
  while (true) {
    std::int64_t until = 0;
    bool idle = true;
    for (DramChannel& each : self_->channels) {
      each.advance(self_->now());
      until = std::max(until, each.idle_not_before());
      idle = idle && each.idle();
    }
    if (idle) return;
    self_->wait_until(until);
  }
}

void Dram::reset_state() {
  finish();
  promise(self_->transactions.empty(), "the DRAM is reset with requests under way");
  for (DramChannel& each : self_->channels) each.reset();
  self_->epoch = sc_core::sc_time_stamp();
}

void Dram::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Implementation& self = *self_;
  const DramBurst burst = burst_of(payload);
  if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || !self.acceptable(payload, burst)) return;
  self.count_wanted(payload);

  std::vector<DramShare> shares;
  std::vector<std::size_t> where;
  shares.reserve(self.channels.size());
  for (std::size_t i = 0; i < self.channels.size(); ++i) {
    shares.emplace_back(self.spec, self.map, burst, static_cast<std::int64_t>(i));
    if (shares.back().waiting == 0) {
      shares.pop_back();
    } else {
      where.push_back(i);
    }
  }
  for (std::size_t i = 0; i < shares.size(); ++i)
    self.channels[where[i]].begin(shares[i], self.now());
  while (true) {
    const std::int64_t now = self.now();
    std::int64_t until = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      self.channels[where[i]].advance(now);
      until = std::max(until, self.channels[where[i]].done_not_before(shares[i]));
    }
    if (until <= now) break;
    self.wait_until(until);
  }
  for (DramShare& each : shares) {
    if (each.is_write) each.end = std::max(each.end, self.now());
  }
  self.finish_blocking(shares, where, payload.get_extension<MemoryBurst>());
  self.move_data(payload, burst);
}

tlm::tlm_sync_enum Dram::nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload,
                                         tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  Implementation& self = *self_;
  if (phase == tlm::END_RESP) {
    self.responding[static_cast<std::size_t>(initiator)] = false;
    self.transactions.remove_if([&](const DramTransaction& each) {
      return each.payload == &payload && each.response_sent;
    });
    if (payload.has_mm()) payload.release();
    self.attend.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_COMPLETED;
  }
  const DramBurst burst = burst_of(payload);
  const std::int64_t channel = self.map.channel_of(burst.address);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || !self.acceptable(payload, burst))
    return tlm::TLM_COMPLETED;
  const std::uint64_t last = burst.address + static_cast<std::uint64_t>(burst.line) - 1;
  if (burst.lines != 1 || burst.address / self.map.interleave() != last / self.map.interleave()) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  self.count_wanted(payload);
  if (payload.has_mm()) payload.acquire();
  DramTransaction& transaction =
      self.transactions.emplace_back(payload, initiator, sc_core::sc_time_stamp() + delay,
                                     DramShare(self.spec, self.map, burst, channel));
  transaction.channel = static_cast<std::size_t>(channel);
  if (delay == sc_core::SC_ZERO_TIME) {
    DramChannel& way = self.channels[transaction.channel];
    way.begin(transaction.share, self.now());
    transaction.begun = true;
    transaction.end_request_sent = transaction.share.waiting == 0;
  }
  self.attend.notify(sc_core::SC_ZERO_TIME);
  if (!transaction.end_request_sent) return tlm::TLM_ACCEPTED;
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

unsigned Dram::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  const DramBurst burst = burst_of(payload);
  if (!self_->spec.stores_data || !self_->acceptable(payload, burst)) return 0;
  self_->move_data(payload, burst);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return payload.get_data_length();
}

}  // namespace razorsim
