// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dma.h"

#include <algorithm>
#include <functional>
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
  for (std::int64_t i = 0; i < spec_.bursts_in_flight; ++i) {
    Worker& worker = workers_.emplace_back();
    sc_core::sc_spawn([this, &worker] { work(worker); }, sc_core::sc_gen_unique_name("burst"));
  }
}

void DmaEngine::send(bool write, std::int64_t address, Bytes bytes,
                     std::function<void(const Transfer&)> finish) {
  auto* transfer = new Transfer{bytes, {}, std::move(finish)};
  for (std::int64_t sent = 0; sent < bytes.count(); sent += spec_.burst_bytes) {
    const std::int64_t size = std::min(spec_.burst_bytes, bytes.count() - sent);
    const std::int64_t place =
        (address + sent) % std::max<std::int64_t>(1, memory_.count() - spec_.burst_bytes);
    while (idle_.empty()) sc_core::wait(freed_);
    Worker& worker = *idle_.back();
    idle_.pop_back();
    worker.burst = {write, place / request_bytes.count() * request_bytes.count(), Bytes(size),
                    transfer};
    ++under_way_;
    worker.go.notify();
  }
}

void DmaEngine::work(Worker& worker) {
  tlm::tlm_generic_payload payload;
  MemoryBurst burst;
  payload.set_extension(&burst);
  for (;;) {
    idle_.push_back(&worker);
    freed_.notify();
    sc_core::wait(worker.go);
    const Burst& next = worker.burst;
    payload.set_command(next.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(static_cast<sc_dt::uint64>(next.address));
    payload.set_data_ptr(nullptr);
    payload.set_data_length(static_cast<unsigned>(next.bytes.count()));
    payload.set_streaming_width(static_cast<unsigned>(next.bytes.count()));
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    burst.lines = 1;
    burst.line = next.bytes;
    burst.pitch = next.bytes;
    burst.delay = {};
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    promise(payload.is_response_ok(), ledger_.name(), ": the memory refused a burst");
    clock_.wait_edge();
    --under_way_;
    last_end_ = now();
    Transfer& transfer = *next.transfer;
    transfer.delay += burst.delay;
    transfer.left -= next.bytes;
    if (transfer.left.count() == 0) {
      const std::unique_ptr<Transfer> done(next.transfer);
      done->finish(*done);
    }
  }
}

void DmaEngine::settle() {
  const Picoseconds working = empty() ? std::min(last_end_, now()) : now();
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
    buffer_.reserve(load.panel, load.bytes.padded());
    ledger_.waited_out_until(now(), Cause::buffer_full, load.operation);
    HardwareCounters& counters = log_.of(load.operation);
    BufferTraffic& traffic =
        load.to_weight_buffer ? counters.weight_buffer : counters.activation_buffer;
    traffic.written += load.bytes;
    if (load.reserved) continue;
    counters.dram_read += load.bytes;
    counters.dram_read_padding += load.bytes.padded() - load.bytes.total();
    send(false, load.address, load.bytes.padded(),
         [this, panel = load.panel](const Transfer& transfer) {
           buffer_.fill(panel, worst(transfer.delay));
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
    const auto finish = [this, room = job.output.padded()](const Transfer&) {
      room_.give_back(room);
      // Bursts may overtake each other, so the last job need not be the last to finish.
      if (--unfinished_ == 0 && last_seen_) pass_done_.notify();
    };
    if (job.output.padded().count() == 0) {
      finish({});
      continue;
    }
    HardwareCounters& counters = log_.of(operation);
    counters.dram_written += job.output;
    counters.dram_write_padding += job.output.padded() - job.output.total();
    counters.output_buffer.read += job.output;
    send(true, job.output_address, job.output.padded(), finish);
    operation_ = operation;
    ledger_.busy_until(now(), operation_);
  }
}

}  // namespace razorsim
