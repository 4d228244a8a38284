// SPDX-License-Identifier: Apache-2.0
// A queue of sets of bits answers as a plain list by age does.
#include "models/hardware/dram_queue.h"

#include <algorithm>
#include <array>
#include <list>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/dram_streams.h"

namespace razorsim {
namespace {

constexpr std::int64_t banks = 16;

/// The definition.
struct PlainQueue {
  std::list<DramQueue::Entry> entries;
  std::array<std::int64_t, banks> open{};

  [[nodiscard]] bool is_hit(const DramQueue::Entry& each) const {
    return each.request.row == open[static_cast<std::size_t>(each.request.bank)];
  }
  /// The oldest hit or other of a bank, or of any (-1); nullptr where there is none.
  [[nodiscard]] const DramQueue::Entry* oldest(bool hit, std::int64_t bank = -1) const {
    for (const DramQueue::Entry& each : entries) {
      if (is_hit(each) == hit && (bank < 0 || each.request.bank == bank)) return &each;
    }
    return nullptr;
  }
  void drop(std::int64_t order) {
    entries.remove_if([&](const DramQueue::Entry& each) { return each.order == order; });
  }
};

void expect_same(DramQueue& queue, const PlainQueue& plain) {
  ASSERT_EQ(queue.size(), static_cast<std::int64_t>(plain.entries.size()));
  ASSERT_EQ(queue.any_hit(), plain.oldest(true) != nullptr);
  ASSERT_EQ(queue.any_other(), plain.oldest(false) != nullptr);
  if (queue.any_hit()) {
    ASSERT_EQ(queue.oldest_hit().order, plain.oldest(true)->order);
  }
  if (queue.any_other()) {
    ASSERT_EQ(queue.oldest_other().order, plain.oldest(false)->order);
  }
  for (std::int64_t bank = 0; bank < banks; ++bank) {
    const DramQueue::Entry *hit = plain.oldest(true, bank), *other = plain.oldest(false, bank);
    ASSERT_EQ(queue.any_hit(bank), hit != nullptr);
    ASSERT_EQ(queue.any_other(bank), other != nullptr);
    ASSERT_EQ(queue.leads_with_hit(bank),
              hit != nullptr && (other == nullptr || hit->order < other->order));
    if (other != nullptr) {
      ASSERT_EQ(queue.oldest_other(bank).order, other->order);
    }
    if (hit == nullptr || other == nullptr) continue;
    const auto second = std::find_if(plain.entries.begin(), plain.entries.end(), [&](auto& each) {
      return each.request.bank == bank && each.order != hit->order;
    });
    ASSERT_EQ(queue.leads_with_another_hit(queue.oldest_hit(bank)), plain.is_hit(*second));
  }
  std::vector<std::int64_t> hits, plain_hits, firsts, plain_firsts;
  queue.each_hit([&](const DramQueue::Entry& each) {
    hits.push_back(each.order);
    return false;
  });
  queue.oldest_hits([&](const DramQueue::Entry& each) {
    firsts.push_back(each.order);
    return false;
  });
  for (const DramQueue::Entry& each : plain.entries) {
    if (!plain.is_hit(each)) continue;
    plain_hits.push_back(each.order);
    if (plain.oldest(true, each.request.bank) == &each) plain_firsts.push_back(each.order);
  }
  ASSERT_EQ(hits, plain_hits);
  ASSERT_EQ(firsts, plain_firsts);
  if (!hits.empty()) {
    ASSERT_EQ(queue.youngest_hit().order, hits.back());
  }
}

/// Requests come and go, rows open; `in_order` of ten leave from the front.
void run(std::int64_t capacity, std::uint64_t in_order) {
  testing::Lcg random(static_cast<std::uint64_t>(capacity) + in_order);
  DramQueue queue(capacity, banks, true);
  PlainQueue plain;
  for (std::int64_t order = 0; order < 3000; ++order) {
    const auto bank = static_cast<std::int64_t>(random.below(banks));
    const auto row = static_cast<std::int64_t>(random.below(3));
    if (random.below(8) == 0) {
      plain.open[static_cast<std::size_t>(bank)] = row;
      queue.reopen(bank, row);
    }
    while (queue.full() || (queue.size() > 0 && random.below(3) == 0)) {
      const bool hit = queue.any_hit() && (random.below(2) == 0 || !queue.any_other());
      const DramQueue::Entry* oldest = plain.oldest(hit);
      if (random.below(10) >= in_order)
        oldest = plain.oldest(hit, plain.entries.back().request.bank);
      if (oldest == nullptr) continue;
      const std::int64_t leaving = oldest->order, of_bank = oldest->request.bank;
      plain.drop(leaving);
      queue.drop(hit ? queue.oldest_hit(of_bank) : queue.oldest_other(of_bank));
    }
    const DramRequest request{order, bank, row, static_cast<std::int64_t>(random.below(4)), true};
    ASSERT_EQ(queue.holds(request),
              std::any_of(plain.entries.begin(), plain.entries.end(), [&](auto& each) {
                return each.request.bank == bank && each.request.row == row &&
                       each.request.column == request.column;
              }));
    ASSERT_EQ(queue.any_of_row(bank, row),
              std::any_of(plain.entries.begin(), plain.entries.end(), [&](auto& each) {
                return each.request.bank == bank && each.request.row == row;
              }));
    plain.entries.push_back({request, order, order, false});
    queue.add(request, order, order, plain.open[static_cast<std::size_t>(bank)]);
    expect_same(queue, plain);
  }
}

TEST(DramQueue, IsAListByAge) {
  for (const std::int64_t capacity : {1, 2, 7, 32, 33, 64, 200, 256}) {
    for (const std::uint64_t in_order : {0, 5, 10}) run(capacity, in_order);
  }
}

TEST(DramQueue, TheOldestHitsLeaveTogether) {
  for (const std::int64_t capacity : {8, 100}) {
    DramQueue queue(capacity, banks, false);
    for (std::int64_t i = 0; i < capacity; ++i) queue.add({i, i % 4, i % 3, i}, i, i, 0);
    std::vector<std::int64_t> left;
    queue.drop_hits([&](const DramQueue::Entry& each) {
      if (left.size() == 2) return false;
      left.push_back(each.order);
      return true;
    });
    EXPECT_EQ(left, (std::vector<std::int64_t>{0, 3}));
    EXPECT_EQ(queue.size(), capacity - 2);
    EXPECT_EQ(queue.oldest_hit().order, 6);
    queue.clear();
    EXPECT_EQ(queue.size(), 0);
    EXPECT_FALSE(queue.any_hit() || queue.any_other() || queue.any_hit(0));
  }
}

TEST(DramQueue, IsFilledAtOnceAsByOneAfterTheOther) {
  for (const std::int64_t capacity : {1, 8, 64, 65, 256}) {
    DramQueue queue(capacity, banks, false);
    PlainQueue plain;
    queue.add({0, 5, 1, 0}, 0, 0, 0);  // of which nothing is left
    queue.clear();
    queue.fill(capacity, [&](const auto& add) {
      for (std::int64_t i = 0; i < capacity; ++i) {
        const DramRequest place{.bank = i % 3, .row = i % 3 + 7, .column = i};
        plain.open[static_cast<std::size_t>(place.bank)] = place.row;
        plain.entries.push_back({{i / 2, place.bank, place.row, place.column}, i, 2 * i, false});
        add(i / 2, place, i, 2 * i);
      }
    });
    expect_same(queue, plain);
    EXPECT_TRUE(queue.full());
    EXPECT_EQ(std::ssize(queue.hits_in_a_row()), capacity);
    EXPECT_EQ(queue.hits_in_a_row().data(), &queue.oldest_hit());
    std::size_t filled = 0;
    queue.each_hit([&](const DramQueue::Entry& each) {
      const auto i = static_cast<std::int64_t>(filled++);
      EXPECT_EQ(each.request.id, i / 2);
      EXPECT_EQ(each.request.row, i % 3 + 7);
      EXPECT_EQ(each.request.column, i);
      EXPECT_EQ(each.arrival, 2 * i);
      EXPECT_FALSE(each.request.is_write || each.counted);
      return false;
    });
    if (capacity > 2) {
      queue.drop(queue.oldest_hit(1));  // leaves a gap
      EXPECT_TRUE(queue.hits_in_a_row().empty());
      queue.drop(queue.oldest_hit());
      EXPECT_EQ(std::ssize(queue.hits_in_a_row()), capacity - 2);
      queue.reopen(2, 0);  // whose requests are others now
      EXPECT_TRUE(queue.hits_in_a_row().empty());
      queue.reopen(2, 9);
    }
    queue.clear();
    queue.add({9, 2, 1, 4}, 9, 9, 1);
    EXPECT_EQ(queue.oldest_hit().request.id, 9);
  }
}

}  // namespace
}  // namespace razorsim
