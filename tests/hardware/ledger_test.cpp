// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/ledger.h"

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

TEST(Ledger, EveryPicosecondIsBusyWaitingOrIdle) {
  Ledger ledger("array");
  ledger.keep_slices(true);
  ledger.waited_in_until(Picoseconds(100), Picoseconds(40), Cause::row_miss, 0);
  ledger.busy_until(Picoseconds(250), 0);
  ledger.waited_out_until(Picoseconds(260), Cause::vector_unit, 0);
  ledger.idle_until(Picoseconds(300));
  EXPECT_EQ(ledger.time().idle.count(), 40 + 40);  // before the work was issued, and at the end
  EXPECT_EQ(ledger.time().waiting_in[Cause::row_miss].count(), 60);
  EXPECT_EQ(ledger.time().busy.count(), 150);
  EXPECT_EQ(ledger.time().waiting_out[Cause::vector_unit].count(), 10);
  EXPECT_EQ(ledger.time().total().count(), 300);
  EXPECT_EQ(ledger.slices().size(), 3u);
}

TEST(Ledger, WorkIssuedLaterThanNowIsAllIdle) {
  Ledger ledger("array");
  ledger.waited_in_until(Picoseconds(10), Picoseconds(50), Cause::bandwidth, 0);
  EXPECT_EQ(ledger.time().idle.count(), 10);
  EXPECT_EQ(ledger.time().total().count(), 10);
}

TEST(Ledger, RefusesTimeThatRunsBackwards) {
  Ledger ledger("array");
  ledger.busy_until(Picoseconds(10), 0);
  EXPECT_THROW(ledger.busy_until(Picoseconds(9), 0), Defect);
}

}  // namespace
}  // namespace razorsim
