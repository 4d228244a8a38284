// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/channel.h"

#include <vector>

#include <gtest/gtest.h>

#include "models/hardware/buffer.h"

namespace razorsim {
namespace {

using Times = std::vector<std::int64_t>;

TEST(Channel, KeepsOrderLatencyAndRoom) {
  Channel<int> channel("c", 2, Cause::array);
  Times pushed;
  Times popped;
  sc_core::sc_spawn([&] {
    Picoseconds at;
    for (int i = 0; i < 4; ++i) {
      channel.push({i, {}, Cause::bandwidth}, at, Picoseconds(i == 0 ? 100 : 10));
      pushed.push_back(at.count());
    }
  });
  sc_core::sc_spawn([&] {
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(channel.pop().value, i);
      popped.push_back(now().count());
      sc_core::wait(as_time(Picoseconds(50)));
    }
  });
  Gauge::Changes changes;
  channel.gauge().record_to(&changes);
  sc_core::sc_start();
  EXPECT_EQ(popped, (Times{100, 150, 200, 250}));  // the second overtakes nobody
  EXPECT_EQ(pushed, (Times{0, 0, 100, 150}));      // the third waits for room
  EXPECT_TRUE(channel.empty());
  EXPECT_EQ(changes.size(), 8u);
}

TEST(Channel, LetsBothSidesRunAheadOfTheKernel) {
  Channel<int> channel("c", 1, Cause::array);
  Times pushed;
  Times popped;
  sc_core::sc_spawn([&] {
    Picoseconds at;
    for (int i = 0; i < 3; ++i) {
      at += Picoseconds(10);
      channel.push({i, {}, Cause::bandwidth}, at, Picoseconds(5));
      pushed.push_back(at.count());
    }
  });
  sc_core::sc_spawn([&] {
    Picoseconds at;
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(channel.pop(at).value, i);
      popped.push_back(at.count());
      at += Picoseconds(100);
    }
  });
  sc_core::sc_start();
  EXPECT_EQ(popped, (Times{15, 115, 215}));
  EXPECT_EQ(pushed, (Times{10, 20, 115}));  // the third once the second has left
  EXPECT_EQ(now().count(), 0);
}

TEST(Buffer, HoldsNoMoreThanItsBytes) {
  Buffer buffer("b", Bytes(100));
  std::int64_t reserved_at = -1;
  sc_core::sc_spawn([&] {
    Picoseconds at;
    buffer.reserve(1, Bytes(60), at);
    buffer.fill(1, Cause::row_miss, at);
    buffer.reserve(2, Bytes(60), at);
    reserved_at = at.count();
    buffer.fill(2, Cause::bandwidth, at);
  });
  sc_core::sc_spawn([&] {
    Picoseconds at;
    EXPECT_EQ(buffer.await(1, at), Cause::row_miss);
    at += Picoseconds(70);
    buffer.release(1, at);
    EXPECT_EQ(buffer.await(2, at), Cause::bandwidth);
    buffer.release(2, at);
  });
  Gauge::Changes changes;
  buffer.gauge().record_to(&changes);
  sc_core::sc_start();
  EXPECT_EQ(reserved_at, 70);
  EXPECT_EQ(changes, (Gauge::Changes{{Picoseconds(0), 60},
                                     {Picoseconds(70), -60},
                                     {Picoseconds(70), 60},
                                     {Picoseconds(70), -60}}));
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, TakesRoomAtTheSoonestTimeItIsGivenBack) {
  Buffer buffer("b", Bytes(100));
  Picoseconds taken;
  sc_core::sc_spawn([&] {
    buffer.take(Bytes(100), taken);
    buffer.take(Bytes(30), taken);
    EXPECT_EQ(taken.count(), 40);
    buffer.take(Bytes(60), taken);
  });
  sc_core::sc_spawn([&] {
    sc_core::wait(as_time(Picoseconds(10)));
    buffer.give_back(Bytes(50), Picoseconds(90));  // from 90 on
    buffer.give_back(Bytes(30), Picoseconds(40));  // another, sooner
    buffer.give_back(Bytes(20), Picoseconds(70));
  });
  sc_core::sc_start();
  EXPECT_EQ(taken.count(), 90);
}

TEST(Buffer, FillsAheadOfTime) {
  Buffer buffer("b", Bytes(100));
  Picoseconds at(5);
  sc_core::sc_spawn([&] {
    Picoseconds filling;
    buffer.reserve(1, Bytes(60), filling);
    buffer.fill(1, Cause::razor_unit, Picoseconds(80));
  });
  sc_core::sc_spawn([&] { EXPECT_EQ(buffer.await(1, at), Cause::razor_unit); });
  sc_core::sc_start();
  EXPECT_EQ(at.count(), 80);
  EXPECT_EQ(buffer.filled_at(1).count(), 80);
}

TEST(Buffer, RefusesAPanelLargerThanItself) {
  Buffer buffer("b", Bytes(100));
  Picoseconds at;
  EXPECT_THROW(buffer.take(Bytes(101), at), Defect);
}

}  // namespace
}  // namespace razorsim
