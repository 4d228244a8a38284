// SPDX-License-Identifier: Apache-2.0
// The example of docs/dram.md: somebody else's initiator, which knows nothing but tlm.h, on our
// DRAM.
#include <cstdint>
#include <systemc>
#include <tlm>

#include <gtest/gtest.h>

#include "models/hardware/dram.h"

namespace {

/// A little processor without utilities: implements the backward interface itself, writes a pattern
/// with non-blocking calls, two at a time, then reads it back with a blocking one.
class TinyProcessor : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<> port;
  std::uint32_t read_back[16] = {};
  int answers = 0;

  explicit TinyProcessor(const sc_core::sc_module_name& name) : sc_module(name), port("port") {
    SC_HAS_PROCESS(TinyProcessor);
    port.bind(*this);
    SC_THREAD(program);
  }

 private:
  static void prepare(tlm::tlm_generic_payload& payload, tlm::tlm_command command,
                      std::uint64_t address, void* data, unsigned bytes) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }

  void program() {
    std::uint32_t pattern[16];
    tlm::tlm_generic_payload payloads[2];
    for (unsigned i = 0; i < 16; ++i) pattern[i] = 0xC0FFEE00u + i;
    for (unsigned half = 0; half < 2; ++half) {
      prepare(payloads[half], tlm::TLM_WRITE_COMMAND, 0x1000 + 32 * half, pattern + 8 * half, 32);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay(sc_core::SC_ZERO_TIME);
      const tlm::tlm_sync_enum answer = port->nb_transport_fw(payloads[half], phase, delay);
      if (answer == tlm::TLM_ACCEPTED) wait(taken_);  // END_REQ comes by the backward path
    }
    while (answers < 2) wait(answered_);
    tlm::tlm_generic_payload read;
    prepare(read, tlm::TLM_READ_COMMAND, 0x1000, read_back, 64);
    sc_core::sc_time delay(10, sc_core::SC_NS);
    port->b_transport(read, delay);
    sc_assert(read.is_response_ok());
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase == tlm::END_REQ) {
      taken_.notify();
      return tlm::TLM_ACCEPTED;
    }
    sc_assert(phase == tlm::BEGIN_RESP && payload.is_response_ok());
    ++answers;
    answered_.notify(delay);
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  sc_core::sc_event taken_, answered_;
};

TEST(DramExample, RunsUnderAnInitiatorThatIsNotOurs) {
  razorsim::DramSpec spec;
  spec.stores_data = true;
  razorsim::Dram dram("dram", spec);
  TinyProcessor processor("processor");
  processor.port.bind(dram.socket);
  sc_core::sc_start();
  EXPECT_EQ(processor.answers, 2);
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(processor.read_back[i], 0xC0FFEE00u + i);
}

}  // namespace
