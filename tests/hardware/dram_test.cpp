// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram.h"

#include <array>
#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "models/hardware/dram_channel.h"
#include "models/hardware/dram_trace_run.h"
#include "tests/support/dram_initiators.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

using testing::BlockingInitiator;
using testing::MemoryAccess;
using testing::NonBlockingInitiator;

double cycles_of(sc_core::sc_time time, const DramSpec& spec) {
  return static_cast<double>(time.value()) / static_cast<double>(spec.timing.clock.count());
}

std::vector<MemoryAccess> requests_of(const testing::Stream& stream) {
  std::vector<MemoryAccess> accesses;
  for (const DramTraceRequest& each : stream) accesses.push_back({each.address, each.is_write});
  return accesses;
}

double cycles_without_tlm(const testing::Stream& stream, const DramSpec& spec = {}) {
  return static_cast<double>(run_dram_trace(spec, "", stream).cycles.count());
}

/// Cycles of the initiators, started together, until the last has finished.
template <class Initiator>
double run(Dram& dram, std::vector<Initiator*> initiators) {
  for (Initiator* each : initiators) each->socket.bind(dram.socket);
  for (Initiator* each : initiators) each->start();
  sc_core::sc_start();
  double cycles = 0;
  for (Initiator* each : initiators) {
    EXPECT_TRUE(each->finished());
    EXPECT_EQ(each->refused(), 0u);
    cycles = std::max(cycles, cycles_of(each->last_answer(), dram.spec()));
  }
  return cycles;
}

TEST(DramModule, NonBlockingRequestsTakeTheCyclesOfTheRunRules) {
  const testing::Stream stream = testing::sequential(false, 8192);
  Dram dram("dram", DramSpec{});
  NonBlockingInitiator initiator("initiator", requests_of(stream));
  EXPECT_NEAR(run<NonBlockingInitiator>(dram, {&initiator}) / cycles_without_tlm(stream), 1, 0.001);
}

TEST(DramModule, BackPressureHoldsEndOfRequestUntilTheQueueHasRoom) {
  const testing::Stream stream = testing::random_reads(2000);
  Dram dram("dram", DramSpec{});
  NonBlockingInitiator initiator("initiator", requests_of(stream));
  EXPECT_NEAR(run<NonBlockingInitiator>(dram, {&initiator}) / cycles_without_tlm(stream), 1, 0.01);
  EXPECT_GT(initiator.most_under_way(), 32u);  // several outstanding ...
  EXPECT_LT(initiator.most_under_way(),
            32u + 16u + 16u);  // ... but no more than queue, banks and pins hold
}

TEST(DramModule, WritesAreTakenAndReachTheDevice) {
  const testing::Stream stream = testing::mixed_streams(4000, 4, 64u << 20, true);
  Dram dram("dram", DramSpec{});
  NonBlockingInitiator initiator("initiator", requests_of(stream));
  run<NonBlockingInitiator>(dram, {&initiator});
  dram.finish();
  sc_core::sc_start(20, sc_core::SC_US);
  dram.finish();
  EXPECT_EQ(dram.counters().writes, 1000);
  EXPECT_EQ(dram.counters().reads, 3000);
}

TEST(DramModule, OneLongBurstTakesTheCyclesOfItsRequests) {
  const testing::Stream stream = testing::sequential(false);
  Dram dram("dram", DramSpec{});
  BlockingInitiator initiator("initiator", {{0, false, 65536 * 64}});
  EXPECT_NEAR(run<BlockingInitiator>(dram, {&initiator}) / cycles_without_tlm(stream), 1, 0.03);
}

TEST(DramModule, StridedBurstsTakeTheCyclesOfTheirRequests) {
  std::vector<MemoryAccess> tiles;
  for (std::uint64_t down = 0; down < 4096; down += 128) {
    for (std::uint64_t right = 0; right < 2048; right += 64)
      tiles.push_back({down * 2048 + right, false, 64, 128, 2048});
  }
  Dram dram("dram", DramSpec{});
  std::array<std::vector<MemoryAccess>, 2>
      halves;  // two in flight, as a double-buffered DMA has them
  for (std::size_t i = 0; i < tiles.size(); ++i) halves[i % 2].push_back(tiles[i]);
  BlockingInitiator first("first", halves[0]);
  BlockingInitiator second("second", halves[1]);
  EXPECT_NEAR((run<BlockingInitiator>(dram, {&first, &second})) /
                  cycles_without_tlm(testing::tile_stream()),
              1, 0.03);
  EXPECT_EQ(Picoseconds(static_cast<std::int64_t>(first.waited().value())), first.delay().sum());
}

TEST(DramModule, AStridedBurstAloneEqualsItsRequests) {
  testing::Stream stream;
  for (std::uint64_t row = 0; row < 512; ++row) stream.push_back({0, row * 2048, false});
  Dram dram("dram", DramSpec{});
  BlockingInitiator initiator("initiator", {{0, false, 64, 512, 2048}});
  EXPECT_NEAR(run<BlockingInitiator>(dram, {&initiator}) / cycles_without_tlm(stream), 1, 0.03);
}

/// Sends bursts by nb_transport, all at once, and keeps what the answers say.
struct BurstSender : sc_core::sc_module {
  struct Burst : MemoryBurst {
    Burst() { payload.set_extension<MemoryBurst>(this); }
    ~Burst() override { payload.clear_extension<MemoryBurst>(this); }
    tlm::tlm_generic_payload payload;
    sc_core::sc_time end;
  };
  tlm_utils::simple_initiator_socket<BurstSender> socket{"socket"};
  std::deque<Burst> bursts;

  BurstSender(const sc_core::sc_module_name& name, const std::vector<MemoryAccess>& accesses)
      : sc_module(name) {
    for (const MemoryAccess& access : accesses) {
      Burst& burst = bursts.emplace_back();
      burst.payload.set_command(access.is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      burst.payload.set_address(access.address);
      burst.payload.set_data_length(access.bytes);
      burst.payload.set_streaming_width(access.bytes);
      burst.line = burst.pitch = Bytes(access.bytes);
    }
    socket.register_nb_transport_bw(this, &BurstSender::answered);
    SC_HAS_PROCESS(BurstSender);
    SC_METHOD(send);
  }
  void send() {
    for (Burst& burst : bursts) {
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      EXPECT_EQ(socket->nb_transport_fw(burst.payload, phase, delay), tlm::TLM_UPDATED);
      EXPECT_EQ(phase, tlm::END_REQ);
    }
  }
  tlm::tlm_sync_enum answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay) {
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    auto& burst = *static_cast<Burst*>(payload.get_extension<MemoryBurst>());
    burst.end = sc_core::sc_time_stamp() + delay;
    return tlm::TLM_COMPLETED;
  }
};

TEST(DramModule, NonBlockingBurstsNameTheirEnd) {
  Dram dram("dram", DramSpec{});
  BurstSender sender("sender", {{0, false, 8192}, {1 << 20, false, 4096}, {8192, false, 64}});
  sender.socket.bind(dram.socket);
  sc_core::sc_start();
  dram.finish();
  EXPECT_EQ(dram.counters().read_wanted.count(), 8192 + 4096 + 64);
  for (const BurstSender::Burst& each : sender.bursts) {
    EXPECT_GT(each.delay.sum().count(), 0);
    EXPECT_EQ(each.delay.sum().count(), static_cast<std::int64_t>(each.end.value()));
  }
  const testing::Stream stream = testing::sequential(false, 8192 / 64);
  EXPECT_NEAR(cycles_of(sender.bursts.front().end, dram.spec()) / cycles_without_tlm(stream), 1,
              0.01);
}

/// Has something to do all the time, so that nobody runs ahead.
struct Ticker : sc_core::sc_module {
  explicit Ticker(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Ticker);
    SC_METHOD(tick);
  }
  void tick() {
    if (sc_core::sc_time_stamp() < sc_core::sc_time(2, sc_core::SC_US))
      next_trigger(10, sc_core::SC_NS);
  }
};

// As soon as the last of its reads is answered, whenever the memory was to look again.
TEST(DramModule, ABurstThatTheWriteQueueAnswersInPartEndsWhenItIsAnswered) {
  DramSpec spec;
  spec.controller.mapping = "ro-ba-co-bg-64B";  // at the bus's own pace
  const MemoryAccess read{0, false, 32768}, write{31744, true, 1024};
  Dram dram("dram", spec);
  Ticker ticker("ticker");
  BurstSender reader("reader", {read}), writer("writer", {write});
  for (BurstSender* each : {&reader, &writer}) each->socket.bind(dram.socket);
  sc_core::sc_start();
  const AddressMap map(spec);
  RowChanges row_changes;
  DramChannel channel(spec, map, 0, row_changes);
  DramShare reads(spec, map, {read.address, 1, read.bytes, 0, false}, 0, 0);
  DramShare writes(spec, map, {write.address, 1, write.bytes, 0, true}, 0, 1);
  channel.begin(reads, 0);
  channel.begin(writes, 0);
  while (!reads.done()) channel.advance(channel.now() + 1);
  EXPECT_EQ(channel.controller().counters().forwarded_reads, 1024 / 64);
  EXPECT_EQ(cycles_of(reader.bursts.front().end, spec), static_cast<double>(reads.end));
}

TEST(DramModule, DelayByCauseSumsToTheTimeOfTheBurst) {
  Dram dram("dram", DramSpec{});
  BlockingInitiator reader("reader",
                           std::vector<MemoryAccess>(40, MemoryAccess{4096, false, 8192}));
  BlockingInitiator writer("writer",
                           std::vector<MemoryAccess>(40, MemoryAccess{1u << 28, true, 1000}));
  run<BlockingInitiator>(dram, {&reader, &writer});
  for (const BlockingInitiator* each : {&reader, &writer}) {
    EXPECT_EQ(static_cast<std::int64_t>(each->waited().value()), each->delay().sum().count());
    EXPECT_GT(each->delay()[Cause::bandwidth], Picoseconds(0));
    EXPECT_GT(each->delay()[Cause::turnaround], Picoseconds(0));
  }
  EXPECT_GT(reader.delay()[Cause::refresh], Picoseconds(0));
}

TEST(DramModule, InitiatorsShareFairly) {
  Dram dram("dram", DramSpec{});
  BlockingInitiator first("first", {{0, false, 1 << 20}});
  BlockingInitiator second("second", {{1 << 24, false, 1 << 20}});
  run<BlockingInitiator>(dram, {&first, &second});
  EXPECT_NEAR(first.last_answer() / second.last_answer(), 1, 0.01);
}

TEST(DramModule, ChannelsWorkSideBySide) {
  DramSpec spec;
  spec.organisation.channels = 2;
  Dram dram("dram", spec);
  BlockingInitiator initiator("initiator", {{0, false, 1 << 20}});
  const double two = run<BlockingInitiator>(dram, {&initiator});
  const double one = cycles_without_tlm(testing::sequential(false, (1 << 20) / 64));
  EXPECT_NEAR(two / one, 0.5, 0.02);
  dram.finish();
  EXPECT_EQ(dram.counters().reads, (1 << 20) / 64);
  EXPECT_EQ(dram.channel_counters(0).reads, dram.channel_counters(1).reads);
}

TEST(DramModule, PaddingToWholeTransactionsIsCounted) {
  Dram dram("dram", DramSpec{});
  BlockingInitiator initiator("initiator", {{100, false, 10}, {60, true, 8}});
  run<BlockingInitiator>(dram, {&initiator});
  dram.finish();
  EXPECT_EQ(dram.counters().read, Bytes(64));
  EXPECT_EQ(dram.counters().read_wanted, Bytes(10));
  EXPECT_EQ(dram.counters().write_wanted, Bytes(8));
}

/// A thread that does what a test tells it.
struct Script : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Script> socket;
  std::function<void(Script&)> body;
  Script(const sc_core::sc_module_name& name, std::function<void(Script&)> what)
      : sc_module(name), socket("socket"), body(std::move(what)) {
    SC_HAS_PROCESS(Script);
    SC_THREAD(act);
  }
  void act() { body(*this); }
  tlm::tlm_response_status move(tlm::tlm_command command, std::uint64_t address, void* data,
                                unsigned bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_core::sc_time delay(3, sc_core::SC_NS);
    socket->b_transport(payload, delay);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    return payload.get_response_status();
  }
};

TEST(DramModule, KeepsBytesWhereAskedTo) {
  DramSpec spec;
  spec.stores_data = true;
  Dram dram("dram", spec);
  std::array<std::uint8_t, 9000> written{}, read{}, seen{};
  for (std::size_t i = 0; i < written.size(); ++i) written[i] = static_cast<std::uint8_t>(i * 7);
  Script script("script", [&](Script& self) {
    EXPECT_EQ(self.move(tlm::TLM_WRITE_COMMAND, 4000, written.data(), 9000), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(self.move(tlm::TLM_READ_COMMAND, 4000, read.data(), 9000), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(self.move(tlm::TLM_READ_COMMAND,
                        dram.spec().organisation.channel_capacity().count() - 4, read.data(), 8),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    tlm::tlm_generic_payload debug;
    debug.set_command(tlm::TLM_READ_COMMAND);
    debug.set_address(4000);
    debug.set_data_ptr(seen.data());
    debug.set_data_length(9000);
    debug.set_streaming_width(9000);
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    EXPECT_EQ(self.socket->transport_dbg(debug), 9000u);
    EXPECT_EQ(sc_core::sc_time_stamp(), before);
  });
  script.socket.bind(dram.socket);
  sc_core::sc_start();
  EXPECT_EQ(read, written);
  EXPECT_EQ(seen, written);
}

TEST(DramModule, ALayerStartsFromTheSameStateWheneverItStarts) {
  Dram dram("dram", DramSpec{});
  std::vector<sc_core::sc_time> times;
  Script script("script", [&](Script& self) {
    for (int layer = 0; layer < 3; ++layer) {
      dram.reset_state();
      const sc_core::sc_time begin = sc_core::sc_time_stamp();
      for (std::uint64_t i = 0; i < 50; ++i) {
        self.move(i % 5 == 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, i * 12345, nullptr,
                  4096);
      }
      dram.drain();
      times.push_back(sc_core::sc_time_stamp() - begin);
      wait(1234567, sc_core::SC_PS);
    }
  });
  script.socket.bind(dram.socket);
  sc_core::sc_start();
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[0], times[1]);
  EXPECT_EQ(times[0], times[2]);
}

}  // namespace
}  // namespace razorsim
