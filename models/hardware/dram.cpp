// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram.h"

#include <algorithm>

#include "models/hardware/dram_implementation.h"

namespace razorsim {

namespace {

const DramSpec& checked(const DramSpec& spec) {
  require_consistent(spec);
  return spec;
}

}  // namespace

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

Dram::Implementation::Implementation(Dram& module, const DramSpec& given)
    : dram(module),
      spec(checked(given)),
      map(spec),
      clock(static_cast<double>(spec.timing.clock.count()), sc_core::SC_PS) {
  channels.reserve(static_cast<std::size_t>(spec.organisation.all_channels()));
  for (std::int64_t i = 0; i < spec.organisation.all_channels(); ++i)
    channels.emplace_back(spec, map, i, row_changes);
}

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

Dram::Implementation::Burst& Dram::Implementation::begin_burst(
    const tlm::tlm_generic_payload& payload, const DramBurst& burst, int initiator) {
  count_wanted(payload);
  if (free_bursts.empty()) {
    free_bursts.push_back(bursts.size());
    bursts.emplace_back();
    bursts.back().shares.reserve(channels.size());
  }
  const std::size_t number = free_bursts.back();
  free_bursts.pop_back();
  Burst& begun = bursts[number];
  begun.shares.clear();
  begun.channels.clear();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    begun.shares.emplace_back(spec, map, burst, static_cast<std::int64_t>(i), initiator);
    begun.shares.back().owner = number;
    if (begun.shares.back().waiting() == 0) {
      begun.shares.pop_back();
    } else {
      begun.channels.push_back(i);
    }
  }
  begun.unfinished = begun.shares.size();
  for (std::size_t i = 0; i < begun.shares.size(); ++i) begin(begun.channels[i], begun.shares[i]);
  // Reads under way may be answered by what is to be written.
  attend.notify(until(burst.is_write ? next_of_bursts() : done_not_before(begun)));
  return begun;
}

/// No sooner is a burst under way over; from `limit` on it does not matter.
std::int64_t Dram::Implementation::done_not_before(const Burst& burst, std::int64_t limit) const {
  std::int64_t latest = 0;
  for (std::size_t i = 0; i < burst.shares.size() && latest < limit; ++i)
    latest = std::max(latest, channels[burst.channels[i]].done_not_before(burst.shares[i]));
  return latest;
}

/// All shares are done: whoever sent the burst hears when it is over.
void Dram::Implementation::end_burst(Burst& burst) {
  std::int64_t end = now();
  for (const DramShare& part : burst.shares) end = std::max(end, part.end);
  if (burst.payload == nullptr) {
    burst.over.notify(until(end));
    return;
  }
  tlm::tlm_generic_payload& payload = *burst.payload;
  name_causes(burst, end, payload.get_extension<MemoryBurst>());
  move_data(payload, burst_of(payload));
  release(burst);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = until(end);
  const tlm::tlm_sync_enum answer =
      dram.socket[burst.shares.front().initiator]->nb_transport_bw(payload, phase, delay);
  promise(answer == tlm::TLM_COMPLETED, "a burst's initiator must take its answer as the last one");
}

/// How the burst's time divides by cause, as its last share saw it.
void Dram::Implementation::name_causes(Burst& burst, std::int64_t end, MemoryBurst* extension) {
  if (extension == nullptr) return;
  DramShare& last =
      *std::max_element(burst.shares.begin(), burst.shares.end(),
                        [](const DramShare& a, const DramShare& b) { return a.end < b.end; });
  last.end = end;  // where the write queue answered, the channel was not looked at before
  const ByCause<std::int64_t> cycles = last.delay();
  for (std::size_t i = 0; i < cause_count; ++i)
    extension->delay.values[i] = spec.timing.clock * cycles.values[i];
}

std::int64_t Dram::Implementation::next_of_bursts() const {
  std::int64_t next = DramController::never;
  for (const Burst& each : bursts) {
    if (each.unfinished > 0) next = std::min(next, done_not_before(each, next));
  }
  return next;
}

/// The last cycle before anybody else has anything to do.
std::int64_t Dram::Implementation::undisturbed() const {
  const sc_core::sc_time pending =
      sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
  const sc_core::sc_time at = sc_core::sc_time_stamp() + pending;
  if (at <= epoch) return 0;
  const std::uint64_t cycle = ((at - epoch).value() - 1) / clock.value();
  return static_cast<std::int64_t>(
      std::min(cycle, static_cast<std::uint64_t>(DramController::never)));
}

/// How far each channel may go, `limit` at most: not beyond the end of a burst that is over, but
/// for other channels, for its initiator may act then.
void Dram::Implementation::set_limits(std::int64_t limit) {
  limits.assign(channels.size(), limit);
  for (const Burst& burst : bursts) {
    if (burst.unfinished == 0 || burst.unfinished == channels.size()) continue;
    const std::int64_t end = done_not_before(burst);
    std::size_t next = 0;
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
      const bool has_share = next < burst.channels.size() && burst.channels[next] == channel;
      if (!has_share || burst.shares[next].done()) limits[channel] = std::min(limits[channel], end);
      next += has_share ? 1 : 0;
    }
  }
}

bool Dram::Implementation::any_burst() const {
  return std::any_of(bursts.begin(), bursts.end(),
                     [](const Burst& each) { return each.unfinished > 0; });
}

/// Bursts go on up to now, and at once as far as nobody else has anything to do.
void Dram::Implementation::process_bursts() {
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    collect_finished();
    if (!any_burst()) return;
    set_limits(std::max(now(), undisturbed()));
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if (channels[i].now() >= limits[i]) continue;
      channels[i].advance_to_done(limits[i]);
      goes_on = true;
    }
  }
}

void Dram::Implementation::collect_finished() {
  for (DramChannel& each : channels) {
    for (const DramShare* share : each.finished) {
      if (share->owner == DramShare::nobody) continue;
      Burst& burst = bursts[share->owner];
      if (--burst.unfinished == 0) end_burst(burst);
    }
    each.finished.clear();
  }
}

void Dram::Implementation::process() {
  const std::int64_t cycle = now();
  if (transactions.empty()) {
    process_bursts();
  } else {  // a request has its phases in time
    for (DramChannel& each : channels) each.advance(cycle);
    collect_finished();
    process_transactions(cycle);
  }
  // Requests may have come in during the calls above.
  const std::int64_t next =
      std::max(cycle + 1, std::min(next_of_transactions(cycle), next_of_bursts()));
  if (next < DramController::never) attend.notify(until(next));
}

void Dram::Implementation::collect_counters() {
  counters = DramCounters{};
  for (DramChannel& each : channels) {
    each.advance(now());
    each.controller().finish(each.now());
    add_fields(counters, each.controller().counters());
  }
  counters.read_wanted = read_wanted;
  counters.write_wanted = write_wanted;
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
    sc_core::wait(self_->until(until));
  }
}

void Dram::reset_state() {
  finish();
  promise(self_->transactions.empty(), "the DRAM is reset with requests under way");
  for (DramChannel& each : self_->channels) each.reset();
  self_->epoch = sc_core::sc_time_stamp();
}

void Dram::b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Implementation& self = *self_;
  const DramBurst burst = burst_of(payload);
  if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || !self.acceptable(payload, burst)) return;
  Implementation::Burst& begun = self.begin_burst(payload, burst, initiator);
  begun.payload = nullptr;
  sc_core::wait(begun.over);
  self.name_causes(begun, self.now(), payload.get_extension<MemoryBurst>());
  self.release(begun);
  self.move_data(payload, burst);
}

tlm::tlm_sync_enum Dram::nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload,
                                         tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    self_->end_response(payload, initiator);
    if (payload.has_mm()) payload.release();
    return tlm::TLM_COMPLETED;
  }
  const DramBurst burst = burst_of(payload);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || !self_->acceptable(payload, burst))
    return tlm::TLM_COMPLETED;
  if (payload.get_extension<MemoryBurst>() != nullptr) {
    self_->begin_burst(payload, burst, initiator).payload = &payload;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  return self_->begin_request(payload, burst, initiator, phase, delay);
}

unsigned Dram::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  const DramBurst burst = burst_of(payload);
  if (!self_->spec.stores_data || !self_->acceptable(payload, burst)) return 0;
  self_->move_data(payload, burst);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return payload.get_data_length();
}

}  // namespace razorsim
