// SPDX-License-Identifier: Apache-2.0
// A channel that goes to the end of the share that is done first, and takes in what comes behind
// others without a look, does what it does looked at in every cycle.
#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "models/hardware/dram_channel.h"
#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

/// Initiators that keep a number of bursts under way: the next one begins where one ends, or soon
/// after.
struct Loop {
  DramSpec spec;
  std::vector<std::vector<DramBurst>> bursts;  ///< of each initiator
  std::size_t under_way = 3;
};

struct Outcome {
  std::vector<std::int64_t> ends;  ///< by the order they began
  std::vector<ByCause<std::int64_t>> delays;
  DramCounters counters;
  int unseen = 0;  ///< begun without a look at the channel
};

/// `go`: brings the channel on, up to a cycle at most and no further than a share's end. Returns
/// whether nothing that is under way ends before that cycle any more.
template <class Go>
Outcome outcome_of(const Loop& loop, const Go& go) {
  const AddressMap map(loop.spec);
  RowChanges row_changes;
  DramChannel channel(loop.spec, map, 0, row_changes);
  std::deque<DramShare> shares;
  std::vector<std::size_t> begun(loop.bursts.size());
  std::multimap<std::pair<std::int64_t, std::size_t>, int> begins;  // by time, then initiator
  const auto begin_at = [&](std::int64_t cycle, std::size_t initiator) {
    if (begun[initiator] == loop.bursts[initiator].size()) return;
    begins.insert({{cycle, initiator}, static_cast<int>(begun[initiator]++)});
  };
  for (std::size_t i = 0; i < loop.bursts.size(); ++i) {
    for (std::size_t first = 0; first < loop.under_way; ++first)
      begin_at(static_cast<std::int64_t>(i * 40), i);
  }
  Outcome outcome;
  const auto collect = [&] {
    const std::vector<DramShare*> done = std::move(channel.finished);
    channel.finished.clear();
    for (const DramShare* each : done) {
      EXPECT_LE(channel.now(), each->end);
      const std::int64_t later = each->number % 3 == 0 ? 0 : each->number * 37 % 400;
      begin_at(each->end + later, static_cast<std::size_t>(each->initiator));
    }
    return !done.empty();
  };
  const auto waits = [&] {
    return std::any_of(shares.begin(), shares.end(),
                       [](const DramShare& each) { return !each.done(); });
  };
  while (!begins.empty() || waits()) {
    collect();  // what a begin has brought to its end
    const std::int64_t next = begins.empty() ? DramController::never : begins.begin()->first.first;
    const bool is_there = go(channel, next - 1);
    if (collect() || !is_there || begins.empty()) continue;
    const std::size_t initiator = begins.begin()->first.second;
    const DramBurst& burst =
        loop.bursts[initiator][static_cast<std::size_t>(begins.begin()->second)];
    begins.erase(begins.begin());
    shares.emplace_back(loop.spec, map, burst, 0, static_cast<int>(initiator));
    channel.begin(shares.back(), next);
    outcome.unseen += channel.now() < next ? 1 : 0;
  }
  constexpr std::int64_t late = 1'000'000;
  channel.advance((channel.now() / late + 1) * late);
  channel.controller().finish(channel.now());
  outcome.counters = channel.controller().counters();
  for (const DramShare& each : shares) {
    outcome.ends.push_back(each.end);
    outcome.delays.push_back(each.delay());
  }
  return outcome;
}

/// Returns how many bursts began without a look.
int expect_same(const Loop& loop, bool only_reads, const std::string& name) {
  const Outcome one_by_one = outcome_of(loop, [](DramChannel& channel, std::int64_t cycle) {
    if (channel.now() < cycle) channel.advance(channel.now() + 1);
    return channel.now() >= cycle;
  });
  const Outcome at_once = outcome_of(loop, [&](DramChannel& channel, std::int64_t cycle) {
    if (only_reads && channel.any_done_not_before() > cycle) return true;
    if (channel.now() < cycle) channel.advance_to_done(cycle);
    return channel.now() >= cycle;
  });
  EXPECT_EQ(at_once.ends, one_by_one.ends) << name;
  EXPECT_EQ(at_once.counters, one_by_one.counters) << name;
  for (std::size_t i = 0; i < std::min(at_once.delays.size(), one_by_one.delays.size()); ++i)
    EXPECT_EQ(at_once.delays[i].values, one_by_one.delays[i].values) << name << " " << i;
  return at_once.unseen;
}

std::map<std::string, DramSpec> machines() {
  std::map<std::string, DramSpec> all;
  for (const char* mapping : {"ro-ba-bg-co", "ro-ba-co-bg-64B"}) {
    const auto add = [&](const std::string& name) -> DramSpec& {
      DramSpec& spec = all[name + ", " + mapping];
      spec.controller.mapping = mapping;
      return spec;
    };
    add("as it is");
    add("small queues").controller.read_queue = 6;
    add("a wide queue").controller.read_queue = 80;
    add("turns of one").controller.burst_turn = 1;
    add("a cap").controller.row_hit_cap = 4;
    add("requests that starve soon").controller.starvation_limit = MemoryCycles(100);
    add("groups three columns apart").timing.ccd_l = MemoryCycles(12);
    add("two ranks").organisation.ranks = 2;
    add("two buses").interface.row_and_column_bus = true;
    add("closed pages").controller.page_policy = PagePolicy::closed;
  }
  return all;
}

Loop random_loop(const DramSpec& spec, std::uint64_t seed, std::size_t readers, bool writes) {
  testing::Lcg random(seed);
  Loop loop{spec, {}, 1 + random.below(6)};
  for (std::size_t i = 0; i < readers; ++i) {
    std::vector<DramBurst>& bursts = loop.bursts.emplace_back();
    std::uint64_t at = random.below(1 << 14) * 64;
    for (int burst = 0; burst < 40; ++burst) {
      const auto size = static_cast<std::int64_t>(64 * (1 + random.below(burst < 20 ? 60 : 900)));
      bursts.push_back({at, 1, size, size, false});
      at =
          random.below(4) == 0 ? random.below(1 << 16) * 64 : at + static_cast<std::uint64_t>(size);
    }
  }
  if (!writes) return loop;
  // Some of what is read next too.
  std::vector<DramBurst>& bursts = loop.bursts.emplace_back();
  for (int burst = 0; burst < 60; ++burst) {
    const DramBurst& read = loop.bursts.front()[static_cast<std::size_t>(burst) % 40];
    const std::uint64_t place = burst % 2 == 0 ? read.address : random.below(1 << 16) * 64;
    bursts.push_back({place, 1, 512, 512, true});
  }
  return loop;
}

/// On every machine; some bursts must have begun without a look.
void expect_same_on_all(std::initializer_list<std::uint64_t> seeds, bool writes) {
  int unseen = 0;
  for (const auto& [name, spec] : machines()) {
    for (const std::uint64_t seed : seeds)
      unseen += expect_same(random_loop(spec, seed, 1 + seed % 2, writes), !writes, name);
  }
  EXPECT_GT(unseen, 100);
}

TEST(DramToDone, ReadersAreTheSameOneByOne) { expect_same_on_all({1, 2, 3}, false); }

TEST(DramToDone, ReadersAndAWriterAreTheSameOneByOne) { expect_same_on_all({4, 5, 6}, true); }

}  // namespace
}  // namespace razorsim
