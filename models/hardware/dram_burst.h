// SPDX-License-Identifier: Apache-2.0
// Bursts as a channel sees them: which of their transactions are its own, and how far they are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/base/cause.h"
#include "models/hardware/dram_address.h"

namespace razorsim {

/// `lines` pieces of `line` bytes whose starts lie `pitch` bytes apart. Each piece is moved in
/// whole transactions; one that two pieces share is moved twice.
struct DramBurst {
  std::uint64_t address = 0;
  std::int64_t lines = 1;
  std::int64_t line = 0;
  std::int64_t pitch = 0;
  bool is_write = false;
};

/// The transactions of a burst that lie in one channel, in address order within each line.
class DramWalk {
 public:
  DramWalk(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
           std::int64_t channel);

  [[nodiscard]] bool done() const { return line_ == burst_.lines; }
  /// Byte address of the transaction. Precondition: !done().
  [[nodiscard]] std::uint64_t address() const { return at_; }
  /// Goes on to the next one. Returns whether that is the next column of the same row.
  bool step() {
    at_ += transaction_;
    if (at_ >= block_end_) {
      leave_block();
      return false;
    }
    return (at_ & (map_->contiguous() - 1)) != 0;
  }
  /// Transactions left, this one included.
  [[nodiscard]] std::int64_t left() const;
  /// How many of them, this one included, follow each other in one round of banks.
  [[nodiscard]] std::int64_t in_rotation() const;
  /// Goes on by `count` of those, to one that is not the last.
  void skip(std::int64_t count);

 private:
  void enter_line();
  void leave_block();
  void find_block();
  [[nodiscard]] std::uint64_t within_channel(std::uint64_t address) const;

  const AddressMap* map_;
  DramBurst burst_;
  std::int64_t channel_;
  std::uint64_t transaction_;
  std::int64_t line_ = 0;
  std::uint64_t at_ = 0, block_end_ = 0, line_end_ = 0;
};

/// One burst's share of one channel, while under way.
struct DramShare {
  DramShare(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
            std::int64_t channel, int from = 0)
      : walk(spec, map, burst, channel),
        is_write(burst.is_write),
        initiator(from),
        waiting(walk.left()) {}

  DramWalk walk;
  bool is_write;
  int initiator;
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  std::size_t owner = nobody;    ///< the caller's own number for it
  std::int64_t number = 0;       ///< among the channel's shares, from 0; set when it begins
  DramShare* behind = nullptr;   ///< the initiator's next one in the channel
  std::int64_t waiting;          ///< transactions the queue has not taken yet
  std::int64_t under_way = 0;    ///< reads taken and not yet answered by a column command
  std::int64_t start = 0;        ///< cycle of arrival
  std::int64_t end = 0;          ///< of the last data (reads), after the last taking (writes)
  ByCause<std::int64_t> causes;  ///< of the channel at `start`; once done, since then

  [[nodiscard]] bool done() const { return waiting == 0 && under_way == 0; }
  /// How its time divides by cause, in cycles; sums to end - start. Precondition: done().
  [[nodiscard]] ByCause<std::int64_t> delay() const;
};

}  // namespace razorsim
