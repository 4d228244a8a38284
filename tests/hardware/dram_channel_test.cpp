// SPDX-License-Identifier: Apache-2.0
// Bursts go through streaks and trains, single requests do not: command for command they are the
// same.
#include "models/hardware/dram_channel.h"

#include <deque>

#include <gtest/gtest.h>

#include "models/hardware/dram_trace_run.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

DramSpec hbm2() {
  DramSpec spec;
  spec.organisation.row = Bytes(1024);
  spec.organisation.burst_length = 4;
  spec.timing.burst = spec.timing.ccd_s = spec.timing.ccd_s_write = MemoryCycles(2);
  spec.timing.burst_same_group = MemoryCycles(2);
  spec.timing.ccd_l = spec.timing.ccd_l_write = MemoryCycles(4);
  spec.interface.row_and_column_bus = true;
  spec.interface.activate_cycles = 2;
  return spec;
}

DramSpec lpddr5() {
  DramSpec spec = hbm2();
  spec.interface = {};
  spec.interface.split_activate = spec.interface.write_clock_sync = true;
  spec.timing.aad = MemoryCycles(8);
  spec.timing.wck_post = MemoryCycles(1);
  return spec;
}

struct Case {
  const char* name;
  DramSpec spec;
};

std::vector<Case> cases() {
  std::vector<Case> all{{"ddr4", {}}, {"hbm2", hbm2()}, {"lpddr5", lpddr5()}};
  for (std::size_t i = 0; i < 3; ++i) {
    all.push_back(all[i]);
    all.back().spec.controller.mapping = "ro-ba-co-bg-64B";
  }
  all.push_back({"two ranks, small queues, a cap", {}});
  all.back().spec.organisation.ranks = 2;
  all.back().spec.controller.read_queue = 7;
  all.back().spec.controller.write_queue = 9;
  all.back().spec.controller.row_hit_cap = 4;
  all.push_back({"unprotected hits", {}});
  all.back().spec.controller.protect_row_hits = false;
  all.push_back({"adaptive", {}});
  all.back().spec.controller.page_policy = PagePolicy::adaptive;
  return all;
}

/// Runs `bursts` of one initiator, all there from the start, and returns the commands.
DramLog log_of(const DramSpec& spec, const std::vector<DramBurst>& bursts) {
  const AddressMap map(spec);
  RowChanges row_changes;
  DramChannel channel(spec, map, 0, row_changes);
  DramLog log;
  channel.controller().log_to(&log);
  std::deque<DramShare> shares;
  for (const DramBurst& each : bursts) {
    shares.emplace_back(spec, map, each, 0);
    channel.begin(shares.back(), 0);
  }
  while (channel.any_done_not_before() < DramController::never)
    channel.advance(channel.any_done_not_before());
  while (!channel.idle()) channel.advance(channel.idle_not_before());
  for (const DramShare& each : shares) EXPECT_TRUE(each.done());
  return log;
}

/// The same as 64-byte requests.
DramLog log_of_requests(const DramSpec& spec, const std::vector<DramBurst>& bursts) {
  testing::Stream stream;
  for (const DramBurst& each : bursts) {
    for (std::int64_t line = 0; line < each.lines; ++line) {
      for (std::int64_t at = 0; at < each.line; at += 64) {
        stream.push_back(
            {0, each.address + static_cast<std::uint64_t>(line * each.pitch + at), each.is_write});
      }
    }
  }
  DramLog log;
  (void)run_dram_trace(spec, "", stream, &log);
  return log;
}

/// Commands up to the last column: refreshes after it depend on how long each was looked at.
void trim(DramLog& log) {
  while (!log.empty() && (log.back().command == DramCommand::refresh_all ||
                          log.back().command == DramCommand::precharge_all))
    log.pop_back();
}

void expect_same(const Case& each, const std::vector<DramBurst>& bursts) {
  DramLog log = log_of(each.spec, bursts), requests = log_of_requests(each.spec, bursts);
  trim(log);
  trim(requests);
  for (std::size_t i = 0; i < std::min(log.size(), requests.size()); ++i)
    ASSERT_EQ(to_line(log[i]), to_line(requests[i])) << each.name << ", command " << i;
  ASSERT_EQ(log.size(), requests.size()) << each.name;
}

TEST(DramChannel, ALongBurstIsItsRequests) {
  for (const Case& each : cases()) {
    for (const bool write : {false, true})
      expect_same(each, {{0, 1, 1 << 20, 1 << 20, write}, {1 << 20, 1, 1 << 18, 0, write}});
  }
}

TEST(DramChannel, AStridedBurstIsItsRequests) {
  for (const Case& each : cases()) {
    for (const bool write : {false, true}) expect_same(each, {{0, 2048, 64, 2048, write}});
  }
}

TEST(DramChannel, ReadsAndWritesInAnyOrderAreTheirRequests) {
  for (const Case& each : cases()) {
    testing::Lcg random(7);
    std::vector<DramBurst> bursts;
    for (int i = 0; i < 200; ++i) {
      const auto place = random.below(3) == 0 ? random.below(64) : random.below(1 << 18);
      bursts.push_back({place * 4096, 1 + static_cast<std::int64_t>(random.below(4)),
                        64 * (1 + static_cast<std::int64_t>(random.below(96))),
                        8192 * static_cast<std::int64_t>(random.below(3)), random.below(3) == 0});
    }
    expect_same(each, bursts);
  }
}

/// What became of bursts of some initiators: commands, and each burst's end and time by cause.
struct Outcome {
  DramLog log;
  std::vector<std::int64_t> ends;
  std::vector<ByCause<std::int64_t>> delays;
  DramCounters counters;
};

/// Looks at the channel every `step` cycles, and last at a multiple of `look`.
constexpr std::int64_t look = 1'000'000;
Outcome outcome_of(const DramSpec& spec, const std::vector<DramBurst>& bursts, std::int64_t step,
                   bool logs = true, std::size_t initiators = 3) {
  const AddressMap map(spec);
  RowChanges row_changes;
  DramChannel channel(spec, map, 0, row_changes);
  Outcome outcome;
  if (logs) channel.controller().log_to(&outcome.log);
  std::deque<DramShare> shares;
  for (std::size_t i = 0; i < bursts.size(); ++i) {
    shares.emplace_back(spec, map, bursts[i], 0, static_cast<int>(i % initiators));
    channel.begin(shares.back(), static_cast<std::int64_t>(i / initiators) * 100);
  }
  while (!channel.idle()) {
    const std::int64_t goal = channel.now() + step;
    channel.advance(goal);
    EXPECT_EQ(channel.now(), goal);
  }
  channel.advance((channel.now() / look + 1) * look);
  channel.controller().finish(channel.now());
  outcome.counters = channel.controller().counters();
  trim(outcome.log);
  for (const DramShare& each : shares) {
    outcome.ends.push_back(each.end);
    outcome.delays.push_back(each.delay());
  }
  return outcome;
}

/// Who logs sees every column, who does not may pass many by.
void expect_same_unlogged(const Case& each, const std::vector<DramBurst>& bursts,
                          const Outcome& logged, std::int64_t step = 100000,
                          std::size_t initiators = 3) {
  const Outcome unlogged = outcome_of(each.spec, bursts, step, false, initiators);
  EXPECT_EQ(unlogged.ends, logged.ends) << each.name;
  EXPECT_EQ(unlogged.counters, logged.counters) << each.name;
  for (std::size_t i = 0; i < bursts.size(); ++i)
    EXPECT_EQ(unlogged.delays[i].values, logged.delays[i].values) << each.name << " " << i;
}

/// cases() and such as make a train of columns hard to keep going.
std::vector<Case> train_cases() {
  std::vector<Case> all = cases();
  const auto add = [&](const char* name) -> DramSpec& {
    all.push_back({name, {}});
    all.back().spec.controller.mapping = "ro-ba-co-bg-64B";
    return all.back().spec;
  };
  add("a queue that is no number of rounds").controller.read_queue = 5;
  add("a wide queue").controller.read_queue = 80;
  add("requests that starve soon").controller.starvation_limit = MemoryCycles(100);
  add("hits that others close").controller.protect_row_hits = false;
  DramSpec& spec = add("hits that others close, and starve soon after");
  spec.controller.protect_row_hits = false;
  spec.controller.starvation_limit = MemoryCycles(300);
  spec.controller.mapping = "ro-co-ba-bg-64B";
  add("activates of two cycles").interface.activate_cycles = 2;
  add("activates longer than the pace").interface.activate_cycles = 6;
  add("columns that hold their row").timing.rtp = MemoryCycles(180);
  add("rows that open late again").timing.rc = MemoryCycles(700);
  add("activates far apart").timing.faw = MemoryCycles(500);
  add("groups three columns apart").timing.ccd_l = MemoryCycles(9);
  return all;
}

// A step of one cycle leaves no room for many columns at once.
TEST(DramChannel, ManyColumnsAtOnceAreTheSameOneByOne) {
  for (const std::uint64_t seed : {11, 12, 13, 14, 15, 108}) {
    testing::Lcg random(seed);
    std::vector<DramBurst> bursts;
    for (int i = 0; i < 60; ++i) {
      const auto size = static_cast<std::int64_t>(64 << random.below(12));
      bursts.push_back({random.below(64) << 16, 1, size, size, random.below(4) == 0});
    }
    for (Case each : train_cases()) {
      each.spec.controller.burst_turn = 1 + static_cast<std::int64_t>(random.below(9));
      const Outcome at_once = outcome_of(each.spec, bursts, 100000);
      const Outcome one_by_one = outcome_of(each.spec, bursts, 1);
      for (std::size_t i = 0; i < std::min(at_once.log.size(), one_by_one.log.size()); ++i) {
        ASSERT_EQ(to_line(at_once.log[i]), to_line(one_by_one.log[i]))
            << each.name << ", seed " << seed << ", command " << i;
      }
      EXPECT_EQ(at_once.log.size(), one_by_one.log.size()) << each.name;
      EXPECT_EQ(at_once.ends, one_by_one.ends) << each.name;
      for (std::size_t i = 0; i < bursts.size(); ++i)
        EXPECT_EQ(at_once.delays[i].values, one_by_one.delays[i].values) << each.name << " " << i;
      expect_same_unlogged(each, bursts, one_by_one);
    }
  }
}

// Long bursts go round the same banks for whole rows, and from row to row.
TEST(DramChannel, LongStreamsAtOnceAreTheSameOneByOne) {
  for (const std::uint64_t seed : {21, 22, 23}) {
    testing::Lcg random(seed);
    std::vector<DramBurst> bursts;
    for (int i = 0; i < 9; ++i) {
      const auto size = static_cast<std::int64_t>(64 * (1 + random.below(2048)));
      bursts.push_back({random.below(1 << 12) * 4160, 1, size, size, random.below(5) == 0});
    }
    for (const Case& each : train_cases())
      expect_same_unlogged(each, bursts, outcome_of(each.spec, bursts, 1));
  }
}

/// Looked at now and then, one initiator's bursts are the same as looked at in every cycle.
void expect_same_stream(const std::vector<DramBurst>& bursts, std::uint64_t seed) {
  for (const Case& each : train_cases()) {
    const Outcome one_by_one = outcome_of(each.spec, bursts, 1, true, 1);
    for (const std::int64_t step : {100000, 1531}) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", looked at every " << step);
      expect_same_unlogged(each, bursts, one_by_one, step, 1);
    }
  }
}

// Changes of rows repeat, whether their banks have rows open or not, wherever bursts end, and with
// writes queued.
TEST(DramChannel, AStreamFromRowToRowIsTheSameOneByOne) {
  for (const std::uint64_t seed : {31, 32, 33, 34}) {
    testing::Lcg random(seed);
    std::vector<DramBurst> bursts;
    std::uint64_t at = random.below(1 << 12) * 64;
    for (int i = 0; i < 48; ++i) {
      const auto size = static_cast<std::int64_t>(64 * (1 + random.below(1024)));
      bursts.push_back({at, 1, size, size, false});
      at =
          random.below(8) == 0 ? random.below(1 << 18) * 64 : at + static_cast<std::uint64_t>(size);
      if (random.below(5) == 0) {
        const std::uint64_t place = random.below(2) == 0 ? 0 : at;  // or what is read soon
        bursts.push_back({place + random.below(2048) * 64, 1, 128, 128, true});
      }
    }
    expect_same_stream(bursts, seed);
  }
}

// What a change leaves in its banks counts where the next one follows at once, in the same banks.
TEST(DramChannel, ChangesOfRowsThatFollowEachOtherAreTheSameOneByOne) {
  constexpr std::uint64_t round = 4 * 8192, row = 4 * round;  // bytes, "ro-ba-co-bg-64B"
  for (const std::uint64_t seed : {41, 42, 43, 44}) {
    testing::Lcg random(seed);
    std::vector<DramBurst> bursts;
    for (int i = 0; i < 150; ++i) {
      const std::uint64_t border = row * (1 + random.below(8)) + round * (1 + random.below(2));
      const std::uint64_t from = border - 64 * (8 + random.below(120));
      const std::uint64_t split = border - 64 * (1 + random.below(6));
      const std::uint64_t to = border + 64 * (36 + random.below(24));
      bursts.push_back({from, 1, static_cast<std::int64_t>(split - from), 0, false});
      bursts.push_back({split, 1, static_cast<std::int64_t>(to - split), 0, false});
    }
    expect_same_stream(bursts, seed);
  }
}

/// train_cases() with so many cycles to a refresh, and in one.
std::vector<Case> refresh_cases(std::int64_t refi, std::int64_t rfc) {
  std::vector<Case> all = train_cases();
  const auto add = [&](const char* name) -> DramSpec& {
    all.push_back({name, {}});
    all.back().spec.controller.mapping = "ro-ba-co-bg-64B";
    return all.back().spec;
  };
  add("one refresh a bank").controller.refresh = RefreshMode::per_bank;
  add("two ranks").organisation.ranks = 2;
  DramSpec& buses = add("two command buses, writes that starve soon");
  buses.interface.row_and_column_bus = true;
  buses.controller.starvation_limit = MemoryCycles(700);
  buses.controller.mapping = "ro-bg-ba-co";
  add("activates that overtake").controller.mapping = "ro-co-bg-ba-64B";
  add("columns before the last activate").timing.rcd_read = MemoryCycles(9);
  add("columns just at the last activate").timing.rcd_read = MemoryCycles(12);
  add("more than one round of banks").controller.read_queue = 4;
  for (Case& each : all) {
    each.spec.timing.refi = each.spec.timing.refi_bank = MemoryCycles(refi);
    each.spec.timing.rfc = each.spec.timing.rfc_bank = MemoryCycles(rfc);
  }
  return all;
}

// A refresh may find a stream anywhere: at the end of a burst or of a round of banks, with writes
// queued that wait for long, with others about to come.
TEST(DramChannel, RefreshesOfAStreamAreTheSameOneByOne) {
  for (const auto& [refi, rfc, initiators] : {std::array<std::int64_t, 3>{1237, 560, 1},
                                              {811, 60, 1},
                                              {640, 5, 1},
                                              {1100, 800, 1},
                                              {1237, 100, 2}}) {
    testing::Lcg random(static_cast<std::uint64_t>(refi));
    std::vector<DramBurst> bursts;
    std::uint64_t at = random.below(1 << 12) * 64;
    for (int i = 0; i < 40; ++i) {
      const auto size = static_cast<std::int64_t>(64 * (1 + random.below(600)));
      bursts.push_back({at, 1, size, size, false});
      at =
          random.below(8) == 0 ? random.below(1 << 18) * 64 : at + static_cast<std::uint64_t>(size);
      if (random.below(2) == 0) bursts.push_back({at + random.below(600) * 64, 1, 128, 128, true});
    }
    for (const Case& each : refresh_cases(refi, rfc)) {
      const auto streams = static_cast<std::size_t>(initiators);
      const Outcome one_by_one = outcome_of(each.spec, bursts, 1, true, streams);
      for (const std::int64_t step : {100000, 1531, 97}) {
        SCOPED_TRACE(::testing::Message() << "every " << refi << ", looked at every " << step);
        expect_same_unlogged(each, bursts, one_by_one, step, streams);
        EXPECT_EQ(outcome_of(each.spec, bursts, step, true, streams).log, one_by_one.log);
      }
    }
  }
}

TEST(DramChannel, InitiatorsTakeTurns) {
  const DramSpec spec;
  const AddressMap map(spec);
  RowChanges row_changes;
  DramChannel channel(spec, map, 0, row_changes);
  DramShare first(spec, map, {0, 1, 65536, 0, false}, 0, 0);
  DramShare behind(spec, map, {65536, 1, 64, 0, false}, 0, 0);
  DramShare other(spec, map, {1 << 24, 1, 64 * 16, 0, false}, 0, 1);
  for (DramShare* each : {&first, &behind, &other}) channel.begin(*each, 0);
  while (!channel.idle()) channel.advance(channel.idle_not_before());
  EXPECT_LT(other.end, first.end / 4);        // 16 transactions among 1024
  EXPECT_GT(behind.end, first.end - 32 * 8);  // the queue may reorder what it holds
  for (const DramShare* each : {&first, &behind, &other})
    EXPECT_EQ(each->delay().sum(), each->end - each->start);
}

}  // namespace
}  // namespace razorsim
