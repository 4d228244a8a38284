// SPDX-License-Identifier: Apache-2.0
// Initiators that drive a memory target by the TLM-2.0 base protocol. They know nothing of our DRAM
// but the protocol (the blocking one also the MemoryBurst extension), so they serve any target.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/hardware/memory_request.h"

namespace razorsim::testing {

struct MemoryAccess {
  std::uint64_t address = 0;
  bool is_write = false;
  unsigned bytes = 64;
  std::int64_t lines = 1;  ///< blocking only: a 2-D burst where above 1, `bytes` each ...
  std::int64_t pitch = 0;  ///< ... and this far apart
};

/// Sends its accesses in order by the four-phase protocol, each as soon as the one before was
/// taken.
class NonBlockingInitiator : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_initiator_socket<NonBlockingInitiator> socket;

  NonBlockingInitiator(const sc_core::sc_module_name& name, std::vector<MemoryAccess> accesses)
      : sc_module(name), socket("socket"), accesses_(std::move(accesses)) {
    SC_HAS_PROCESS(NonBlockingInitiator);
    socket.register_nb_transport_bw(this, &NonBlockingInitiator::nb_transport_bw);
    SC_METHOD(send);
    sensitive << go_;
    dont_initialize();
  }

  void start() {
    next_ = 0;
    answered_ = 0;
    go_.notify(sc_core::SC_ZERO_TIME);
  }
  [[nodiscard]] bool finished() const { return answered_ == accesses_.size(); }
  [[nodiscard]] sc_core::sc_time last_answer() const { return last_answer_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }
  /// Largest number of requests that were under way at once.
  [[nodiscard]] std::size_t most_under_way() const { return most_under_way_; }

 private:
  void send() {
    while (!waits_for_end_request_ && next_ < accesses_.size()) {
      tlm::tlm_generic_payload& payload = take();
      const MemoryAccess& access = accesses_[next_++];
      payload.set_command(access.is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload.set_address(access.address);
      payload.set_data_ptr(data_);
      payload.set_data_length(access.bytes);
      payload.set_streaming_width(access.bytes);
      payload.set_byte_enable_ptr(nullptr);
      payload.set_dmi_allowed(false);
      payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
      most_under_way_ = std::max(most_under_way_, next_ - answered_);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
      if (answer == tlm::TLM_COMPLETED) {
        finish(payload);
      } else if (answer == tlm::TLM_ACCEPTED) {
        waits_for_end_request_ = true;
      }
    }
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      waits_for_end_request_ = false;
      go_.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    finish(payload);
    return tlm::TLM_COMPLETED;
  }

  void finish(tlm::tlm_generic_payload& payload) {
    if (payload.get_response_status() != tlm::TLM_OK_RESPONSE) ++refused_;
    ++answered_;
    last_answer_ = sc_core::sc_time_stamp();
    payload.release();
  }

  tlm::tlm_generic_payload& take() {
    if (pool_.empty()) {
      owned_.push_back(std::make_unique<tlm::tlm_generic_payload>(this));
      pool_.push_back(owned_.back().get());
    }
    tlm::tlm_generic_payload& payload = *pool_.back();
    pool_.pop_back();
    payload.acquire();
    return payload;
  }
  void free(tlm::tlm_generic_payload* payload) override { pool_.push_back(payload); }

  std::vector<MemoryAccess> accesses_;
  std::size_t next_ = 0, answered_ = 0, refused_ = 0, most_under_way_ = 0;
  bool waits_for_end_request_ = false;
  sc_core::sc_time last_answer_;
  sc_core::sc_event go_;
  unsigned char data_[4096] = {};
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> owned_;
  std::vector<tlm::tlm_generic_payload*> pool_;
};

/// Sends its accesses one after the other by b_transport.
class BlockingInitiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<BlockingInitiator> socket;

  BlockingInitiator(const sc_core::sc_module_name& name, std::vector<MemoryAccess> accesses)
      : sc_module(name), socket("socket"), accesses_(std::move(accesses)) {
    SC_HAS_PROCESS(BlockingInitiator);
    SC_THREAD(run);
    sensitive << go_;
    dont_initialize();
  }

  void start() { go_.notify(sc_core::SC_ZERO_TIME); }
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] sc_core::sc_time last_answer() const { return last_answer_; }
  [[nodiscard]] const ByCause<Picoseconds>& delay() const { return delay_; }
  [[nodiscard]] sc_core::sc_time waited() const { return waited_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }

 private:
  void run() {
    while (true) {
      finished_ = false;
      for (const MemoryAccess& each : accesses_) transport(each);
      last_answer_ = sc_core::sc_time_stamp();
      finished_ = true;
      wait();
    }
  }

  void transport(const MemoryAccess& access) {
    tlm::tlm_generic_payload payload;
    MemoryBurst burst;
    burst.lines = access.lines;
    burst.line = Bytes(access.bytes);
    burst.pitch = Bytes(access.pitch);
    payload.set_extension(&burst);
    const auto bytes = static_cast<unsigned>(access.bytes * access.lines);
    payload.set_command(access.is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(access.address);
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay;
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    socket->b_transport(payload, delay);
    waited_ += sc_core::sc_time_stamp() - begin;
    delay_ += burst.delay;
    if (payload.get_response_status() != tlm::TLM_OK_RESPONSE) ++refused_;
    payload.clear_extension(&burst);
  }

  std::vector<MemoryAccess> accesses_;
  bool finished_ = false;
  std::size_t refused_ = 0;
  sc_core::sc_time last_answer_, waited_;
  ByCause<Picoseconds> delay_;
  sc_core::sc_event go_;
};

}  // namespace razorsim::testing
