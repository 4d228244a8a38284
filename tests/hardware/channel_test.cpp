// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/channel.h"

#include <vector>

#include <gtest/gtest.h>

#include "models/hardware/buffer.h"

namespace razorsim {
namespace {

TEST(Channel, KeepsOrderLatencyAndRoom) {
  Channel<int> channel("c", 2, Cause::array);
  std::vector<std::int64_t> pushed;
  std::vector<std::int64_t> popped;
  sc_core::sc_spawn([&] {
    for (int i = 0; i < 4; ++i) {
      channel.push({i, {}, Cause::bandwidth}, Picoseconds(i == 0 ? 100 : 10));
      pushed.push_back(now().count());
    }
  });
  sc_core::sc_spawn([&] {
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(channel.pop().value, i);
      popped.push_back(now().count());
      sc_core::wait(as_time(Picoseconds(50)));
    }
  });
  sc_core::sc_start();
  EXPECT_EQ(popped,
            (std::vector<std::int64_t>{100, 150, 200, 250}));      // the second overtakes nobody
  EXPECT_EQ(pushed, (std::vector<std::int64_t>{0, 0, 100, 150}));  // the third waits for room
  EXPECT_TRUE(channel.empty());
  EXPECT_EQ(channel.most(), 2);
}

TEST(Buffer, HoldsNoMoreThanItsBytes) {
  Buffer buffer("b", Bytes(100));
  std::int64_t reserved_at = -1;
  sc_core::sc_spawn([&] {
    buffer.reserve(1, Bytes(60));
    buffer.fill(1, Cause::row_miss);
    buffer.reserve(2, Bytes(60));
    reserved_at = now().count();
    buffer.fill(2, Cause::bandwidth);
  });
  sc_core::sc_spawn([&] {
    EXPECT_EQ(buffer.await(1), Cause::row_miss);
    sc_core::wait(as_time(Picoseconds(70)));
    buffer.release(1);
    EXPECT_EQ(buffer.await(2), Cause::bandwidth);
    buffer.release(2);
  });
  sc_core::sc_start();
  EXPECT_EQ(reserved_at, 70);
  EXPECT_EQ(buffer.most_used().count(), 60);
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, RefusesAPanelLargerThanItself) {
  Buffer buffer("b", Bytes(100));
  EXPECT_THROW(buffer.take(Bytes(101)), Defect);
}

}  // namespace
}  // namespace razorsim
