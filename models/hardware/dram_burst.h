// SPDX-License-Identifier: Apache-2.0
// Bursts as a channel sees them: walking their transactions, and several of them taking turns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/base/cause.h"
#include "models/hardware/dram_address.h"
#include "models/hardware/dram_controller.h"

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
  void step();
  /// Transactions left, this one included.
  [[nodiscard]] std::int64_t left() const;

 private:
  void enter_line();
  void find_block();

  const AddressMap* map_;
  DramBurst burst_;
  std::int64_t channel_;
  std::uint64_t channels_, interleave_, transaction_;
  std::int64_t line_ = 0;
  std::uint64_t at_ = 0, block_end_ = 0, line_end_ = 0;
};

/// One burst's share of one channel, while under way.
struct DramShare {
  DramShare(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
            std::int64_t channel)
      : walk(spec, map, burst, channel), is_write(burst.is_write), waiting(walk.left()) {}

  DramWalk walk;
  bool is_write;
  std::int64_t serial = 0;           ///< of the channel's shares, from 1; set when it begins
  std::int64_t waiting;              ///< transactions the queue has not taken yet
  std::int64_t under_way = 0;        ///< reads taken and not yet answered by a column command
  std::int64_t start = 0;            ///< cycle of arrival
  std::int64_t taken_at = 0;         ///< cycle after the last transaction was taken
  std::int64_t end = 0;              ///< end of the last data (reads) or taken_at (writes)
  std::int64_t data_end_before = 0;  ///< of the channel at `start` ...
  ByCause<std::int64_t> causes_before;

  [[nodiscard]] bool done() const { return waiting == 0 && under_way == 0; }
};

/// One channel: its controller, and the shares waiting to enter its queues. A share's turn lasts
/// `controller.burst_turn` transactions; a share whose queue is full passes its turn on.
class DramChannel {
 public:
  DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel);

  /// Begins at `cycle`. `share` must stay where it is until done. Precondition: now() <= cycle.
  void begin(DramShare& share, std::int64_t cycle);
  /// Simulates up to `cycle`.
  void advance(std::int64_t cycle);
  [[nodiscard]] std::int64_t now() const { return now_; }
  /// No sooner can `share` be done; exact once all its column commands went out.
  [[nodiscard]] std::int64_t done_not_before(const DramShare& share) const;
  /// No sooner do the queues take more of `share`.
  [[nodiscard]] std::int64_t next_taken(const DramShare& share) const;
  [[nodiscard]] bool idle() const { return shares_.empty() && controller_.waiting() == 0; }
  /// No sooner is the channel idle; now() when it is.
  [[nodiscard]] std::int64_t idle_not_before() const;
  void reset();
  /// How the share's time divides by cause, in cycles; sums to end - start.
  [[nodiscard]] ByCause<std::int64_t> delay(const DramShare& share) const;

  [[nodiscard]] DramController& controller() { return controller_; }
  [[nodiscard]] const DramController& controller() const { return controller_; }

 private:
  std::int64_t shares_begun_ = 0;
  bool offer();
  void take(std::size_t index, const DramRequest& request);
  void collect();
  [[nodiscard]] DramRequest request_of(const DramShare& share) const;

  const AddressMap* map_;
  DramRules rules_;
  std::int64_t turn_length_;
  std::uint64_t transaction_;
  DramController controller_;
  std::int64_t now_ = 0;
  std::int64_t taken_in_ = -1;      ///< cycle in which the queues last took a transaction
  std::vector<DramShare*> shares_;  ///< with transactions waiting, the one in turn first
  std::int64_t turn_left_ = 0;
  std::optional<DramRequest> front_;  ///< of the share in turn, decoded ...
  std::uint64_t front_address_ = 0;   ///< ... from this address
};

}  // namespace razorsim
