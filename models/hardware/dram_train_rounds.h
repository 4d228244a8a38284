// SPDX-License-Identifier: Apache-2.0
// Many columns of one initiator in one step: what a train's queue and its user see of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "models/hardware/dram_train.h"

namespace razorsim {

/// Of a full queue and of what is coming the first `count` leave, all columns at one pace.
/// `answer` hears of every run of neighbours of one id: the last of them, by the order they came
/// in, and all before have left by column_of() it.
template <class Answer, class ColumnOf>
void DramController::Train::hear(std::int64_t count, std::span<const DramComing> coming,
                                 const Answer& answer, const ColumnOf& column_of) {
  const std::int64_t first = due_;
  std::int64_t seen = 0, heard = 0, id = -1;
  const auto up_to = [&](std::int64_t end) {
    const std::int64_t due = first + end * distance_, columns = (due - due_) / distance_;
    due_ = due;
    account(columns);
  };
  const auto tell = [&] {
    if (seen == heard) return;
    const std::int64_t column = column_of(seen - 1);
    up_to(column + 1);
    answer(id, seen - heard, controller_.data_end(false, first + column * distance_));
    heard = seen;
  };
  if (queue_.oldest_hit().request.id == queue_.youngest_hit().request.id) {
    id = queue_.oldest_hit().request.id;
    seen = std::min(count, queue_.size());
  } else {
    queue_.each_hit([&](const Entry& each) {
      if (seen == count) return true;
      if (each.request.id != id) {
        tell();
        id = each.request.id;
      }
      ++seen;
      return false;
    });
  }
  for (const DramComing& each : coming) {
    if (seen == count) break;
    if (each.share->number != id) {
      tell();
      id = each.share->number;
    }
    seen += std::min(each.count, count - seen);
  }
  tell();
  up_to(count);
}

template <class Answer>
void DramController::Train::pass_whole_rounds(const DramWalk& walk, std::int64_t count,
                                              std::int64_t banks,
                                              std::span<const DramComing> coming,
                                              const Answer& answer) {
  const std::int64_t size = queue_.size(), first = due_, columns = count / banks;
  hear(count, coming, answer, [](std::int64_t last) { return last; });
  std::int64_t hits = count;
  // In place of each comes the one that will be as many places from the oldest.
  const auto moves_on = [=](Entry& each, std::int64_t id, std::int64_t arrival, bool counted) {
    each.request.id = id;
    each.request.column += columns;
    each.order += count;
    each.arrival = arrival;
    each.counted = counted;
  };
  DramComingIds ids(coming);
  std::int64_t came = std::max<std::int64_t>(0, count - size);
  if (const std::span<Entry> all = queue_.hits_in_a_row(); count >= size && !all.empty()) {
    const std::int64_t distance = distance_;
    std::int64_t arrival = first + came * distance;
    for (auto each = all.begin(); each != all.end();) {
      const std::int64_t id = ids.of(came), more = ids.more(came);
      const auto end = each + std::min<std::ptrdiff_t>(more, all.end() - each);
      came += more;
      for (; each != end; ++each, arrival += distance) {
        hits -= each->counted ? 1 : 0;
        moves_on(*each, id, arrival, false);
      }
    }
  } else {
    std::array<Entry*, DramQueue::most> entries;
    std::size_t filled = 0;
    queue_.each_hit([&](Entry& each) {
      entries[filled++] = &each;
      return false;
    });
    const auto leaving = static_cast<std::size_t>(std::min(count, size));
    const std::size_t staying = filled - leaving;
    for (std::size_t i = 0; i < leaving; ++i) hits -= entries[i]->counted ? 1 : 0;
    for (std::size_t i = 0; i < staying; ++i) {
      const Entry& other = *entries[i + leaving];
      moves_on(*entries[i], other.request.id, other.arrival, other.counted);
    }
    for (std::size_t i = staying; i < filled; ++i, ++came)
      moves_on(*entries[i], ids.of(came), first + came * distance_, false);
  }
  for (std::int64_t i = 1; i <= banks; ++i)
    controller_.banks_.read_apart(walk.bank_ahead(-size - i), due_ - i * distance_);
  controller_.order_ += count;
  controller_.counters_.row_hits += hits;
}

}  // namespace razorsim
