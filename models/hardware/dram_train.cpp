// SPDX-License-Identifier: Apache-2.0
// Many columns of a train at once.
#include "models/hardware/dram_train.h"

namespace razorsim {

bool DramController::Train::is_closed_up() const {
  const DramBanks& banks = controller_.banks_;
  if (writes_ || !queue_.full() || !queue_.others().empty() || departures() < queue_.size() ||
      apart_ > 2 * distance_ || queue_.size() < 2 || due_ < banks.rows_ready())
    return false;
  const std::span<const DramQueue::Entry> line = queue_.hits().entries();
  if (banks.apart_column(line[0].request.bank, false) > due_ ||
      banks.apart_column(line[1].request.bank, false) > due_ + distance_)
    return false;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (!follows(line[i - 1].request.bank, line[i].request.bank)) return false;
  }
  return true;
}

void DramController::Train::depart_unseen(DramWalk& walk, std::int64_t count, std::int64_t banks) {
  columns_ += count;
  controller_.waits_.more_columns(count, distance_);
  // Of each bank only the last column leaves a trace.
  const std::int64_t skipped =
      controller_.log_ != nullptr ? 0 : std::max<std::int64_t>(0, count - banks);
  if (skipped > 0) walk.skip(skipped);
  due_ += skipped * distance_;
  for (std::int64_t i = skipped; i < count; ++i, walk.step()) {
    const DramAddress& place = walk.place();
    controller_.note(due_, DramCommand::read, place.bank, place.row, place.column);
    controller_.banks_.read_apart(place.bank, due_);
    due_ += distance_;
  }
  controller_.counters_.row_hits += count;
}

}  // namespace razorsim
