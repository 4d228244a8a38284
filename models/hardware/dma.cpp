// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dma.h"

#include <algorithm>
#include <memory>

#include "models/base/errors.h"

namespace razorsim {

DmaEngine::DmaEngine(const sc_core::sc_module_name& name, const DmaSpec& spec,
                     const CoreClockDomain& clock, Bytes memory)
    : sc_module(name),
      socket("socket"),
      clock_(clock),
      ledger_(this->name()),
      spec_(spec),
      memory_(memory) {
  for (std::int64_t i = 0; i < spec_.bursts_in_flight; ++i)
    idle_.push_back(&bursts_.emplace_back());
  socket.register_nb_transport_bw(this, &DmaEngine::answered);
  SC_METHOD(await_burst);
  sensitive << over_;
  dont_initialize();
  SC_METHOD(send_rest);
  sensitive << freed_;
  dont_initialize();
}

void DmaEngine::send(bool write, std::int64_t address, Bytes bytes,
                     std::function<void(const Transfer&)> finish) {
  rest_ = {write, address, bytes, new Transfer{bytes, {}, {}, std::move(finish)}};
  send_rest();
  while (rest_.bytes.count() > 0) sc_core::wait(sent_);
}

void DmaEngine::send_rest() {
  reclaim();
  while (!idle_.empty()) {
    Burst& burst = *idle_.back();
    idle_.pop_back();
    const Bytes bytes(std::min(spec_.burst_bytes, rest_.bytes.count()));
    begin(burst, bytes);
    rest_.address += bytes.count();
    rest_.bytes -= bytes;
    if (rest_.bytes.count() == 0) return sent_.notify();
  }
  await_burst();
}

/// Bursts that are over make way for others.
void DmaEngine::reclaim() {
  for (; !ending_.empty() && ending_.front()->over <= now(); ending_.pop_front())
    idle_.push_back(ending_.front());
}

/// Goes on with the rest once there is a burst for it.
void DmaEngine::await_burst() {
  if (rest_.bytes.count() == 0 || ending_.empty()) return;
  if (ending_.front()->over > now()) return over_.notify(as_time(ending_.front()->over - now()));
  // A step later, so that an engine that begins a transfer at this very time is first.
  freed_.notify();
}

void DmaEngine::begin(Burst& burst, Bytes bytes) {
  const std::int64_t place =
      rest_.address % std::max<std::int64_t>(1, memory_.count() - spec_.burst_bytes);
  tlm::tlm_generic_payload& payload = burst.payload;
  payload.set_command(rest_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(
      static_cast<sc_dt::uint64>(place / request_bytes.count() * request_bytes.count()));
  payload.set_data_length(static_cast<unsigned>(bytes.count()));
  payload.set_streaming_width(static_cast<unsigned>(bytes.count()));
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  burst.line = bytes;
  burst.pitch = bytes;
  burst.transfer = rest_.transfer;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
  promise(answer != tlm::TLM_COMPLETED, ledger_.name(), ": the memory refused a burst");
}

tlm::tlm_sync_enum DmaEngine::answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& /*phase*/,
                                       sc_core::sc_time& delay) {
  auto& burst = *static_cast<Burst*>(payload.get_extension<MemoryBurst>());
  burst.over = clock_.edge(now() + Picoseconds(static_cast<std::int64_t>(delay.value())));
  const auto later =
      std::upper_bound(ending_.begin(), ending_.end(), burst.over,
                       [](Picoseconds time, const Burst* each) { return time < each->over; });
  ending_.insert(later, &burst);
  last_end_ = std::max(last_end_, burst.over);
  await_burst();
  Transfer& transfer = *burst.transfer;
  transfer.end = std::max(transfer.end, burst.over);
  transfer.delay += burst.delay;
  transfer.left -= burst.line;
  if (transfer.left.count() == 0) {
    const std::unique_ptr<Transfer> done(&transfer);
    done->finish(*done);
  }
  return tlm::TLM_COMPLETED;
}

void DmaEngine::settle() {
  const bool all_answered = idle_.size() + ending_.size() == bursts_.size();
  const Picoseconds working = all_answered ? std::min(last_end_, now()) : now();
  if (working > ledger_.covered()) ledger_.busy_until(working, operation_);
}

void DmaEngine::account_wait(Picoseconds issued, Cause cause, int operation) {
  settle();
  ledger_.waited_in_until(now(), issued, cause, operation);
}

Cause DmaEngine::worst(const ByCause<Picoseconds>& delay) {
  Cause worst = Cause::bandwidth;
  for (const Cause cause :
       {Cause::row_miss, Cause::bank_conflict, Cause::refresh, Cause::turnaround}) {
    if (delay[cause] > delay[worst]) worst = cause;
  }
  return worst;
}

DmaReader::DmaReader(const sc_core::sc_module_name& name, const DmaSpec& spec,
                     const CoreClockDomain& clock, Bytes memory, Channel<Load>& loads,
                     Buffer& buffer, OperationLog& log)
    : DmaEngine(name, spec, clock, memory), loads_(loads), buffer_(buffer), log_(log) {
  SC_THREAD(run);
}

void DmaReader::run() {
  for (;;) {
    const Token<Load> token = loads_.pop();
    const Load& load = token.value;
    account_wait(token.issued, Cause::dependence, load.operation);
    Picoseconds at = now();
    buffer_.reserve(load.panel, load.bytes.padded(), at);
    ledger_.waited_out_until(at, Cause::buffer_full, load.operation);
    HardwareCounters& counters = log_.of(load.operation);
    BufferTraffic& traffic =
        load.to_weight_buffer ? counters.weight_buffer : counters.activation_buffer;
    traffic.written += load.bytes;
    if (load.reserved) continue;
    counters.dram_read += load.bytes;
    counters.dram_read_padding += load.bytes.padded() - load.bytes.total();
    send(false, load.address, load.bytes.padded(),
         [this, panel = load.panel](const Transfer& transfer) {
           buffer_.fill(panel, worst(transfer.delay), transfer.end);
         });
    operation_ = load.operation;
    ledger_.busy_until(now(), operation_);
  }
}

DmaWriter::DmaWriter(const sc_core::sc_module_name& name, const DmaSpec& spec,
                     const CoreClockDomain& clock, Bytes memory, Channel<Job>& outputs,
                     Buffer& room, OperationLog& log, sc_core::sc_event& pass_done)
    : DmaEngine(name, spec, clock, memory),
      outputs_(outputs),
      room_(room),
      log_(log),
      pass_done_(pass_done) {
  SC_THREAD(run);
}

void DmaWriter::run() {
  for (;;) {
    const Token<Job> token = outputs_.pop();
    const Job& job = token.value;
    const int operation = job.vector_operation >= 0 ? job.vector_operation : job.operation;
    account_wait(token.issued, token.cause, operation);
    ++unfinished_;
    last_seen_ = job.last_of_pass;
    if (job.output.padded().count() == 0) {
      finish({}, now());
      continue;
    }
    HardwareCounters& counters = log_.of(operation);
    counters.dram_written += job.output;
    counters.dram_write_padding += job.output.padded() - job.output.total();
    counters.output_buffer.read += job.output;
    send(true, job.output_address, job.output.padded(),
         [this, room = job.output.padded()](const Transfer& transfer) {
           finish(room, transfer.end);
         });
    operation_ = operation;
    ledger_.busy_until(now(), operation_);
  }
}

void DmaWriter::finish(Bytes room, Picoseconds end) {
  room_.give_back(room, end);
  all_written_ = std::max(all_written_, end);
  // Bursts may overtake each other, so the last job need not be the last to finish.
  if (--unfinished_ > 0 || !last_seen_) return;
  if (all_written_ > now()) {
    pass_done_.notify(as_time(all_written_ - now()));
  } else {
    pass_done_.notify();
  }
}

}  // namespace razorsim
