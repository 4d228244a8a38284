// SPDX-License-Identifier: Apache-2.0
// Bursts as a channel sees them: which of their transactions are its own, and how far they are.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

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

/// The transactions of a burst that lie in one channel, in address order within each line. An
/// address is decoded once a stretch: as far as transactions follow each other in one round of
/// banks, the next one's place follows from the last one's.
class DramWalk {
 public:
  DramWalk(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
           std::int64_t channel);

  /// Transactions left, this one included.
  [[nodiscard]] std::int64_t left() const { return left_; }
  /// Where the transaction lies. Precondition: left() > 0.
  [[nodiscard]] const DramAddress& place() const { return place_; }
  /// How many of those left, this one included, follow each other in one round of banks.
  [[nodiscard]] std::int64_t in_stretch() const { return stretch_left_; }
  /// Goes on to the next one.
  void step() {
    --left_;
    if (--stretch_left_ == 0) {
      leave_stretch();
    } else {
      go_on();
    }
  }
  /// The bank of the transaction `ahead` < in_stretch() behind this one; its row is the same.
  [[nodiscard]] std::int64_t bank_ahead(std::int64_t ahead) const {
    const std::size_t turn = (turn_ + static_cast<std::size_t>(ahead)) &
                             static_cast<std::size_t>(map_->rotation_banks() - 1);
    return place_.bank ^ map_->rotation_bank(turn_) ^ map_->rotation_bank(turn);
  }
  /// Where the next transaction of this one's round of banks lies, be it the walk's or not.
  [[nodiscard]] DramAddress place_after() const {
    DramAddress place = place_;
    place.column += turn_ + 1 == static_cast<std::size_t>(map_->rotation_banks()) ? 1 : 0;
    place.bank ^= map_->rotation_bank(turn_) ^ map_->rotation_bank(turn_ + 1);
    return place;
  }
  /// Goes on by `count` < in_stretch(), and shows `see` each place on the way.
  template <class See>
  void pass(std::int64_t count, const See& see) {
    left_ -= count;
    stretch_left_ -= count;
    // In locals, for `see` may write anywhere.
    const std::int64_t* banks = map_->rotation();
    const auto round = static_cast<std::size_t>(map_->rotation_banks());
    DramAddress place = place_;
    std::size_t turn = turn_;
    for (; count > 0; --count) {
      see(place);
      place.bank ^= banks[turn] ^ banks[turn + 1];
      if (++turn < round) continue;
      turn = 0;
      ++place.column;
    }
    place_ = place;
    turn_ = turn;
  }
  /// Goes on beyond its last one. Precondition: in_stretch() == left().
  void finish() { left_ = stretch_left_ = 0; }
  /// Goes on by `count` < in_stretch().
  void skip(std::int64_t count) {
    left_ -= count;
    stretch_left_ -= count;
    turn_to(turn_ + static_cast<std::size_t>(count));
  }

 private:
  [[nodiscard]] std::int64_t count() const;
  void enter_line();
  void leave_stretch();
  void enter_stretch();
  /// To the next place of the round.
  void go_on() {
    place_.bank ^= map_->rotation_bank(turn_) ^ map_->rotation_bank(turn_ + 1);
    if (++turn_ < static_cast<std::size_t>(map_->rotation_banks())) return;
    turn_ = 0;
    ++place_.column;
  }
  void turn_to(std::size_t turn) {
    const auto banks = static_cast<std::size_t>(map_->rotation_banks());  // a power of two
    const std::int64_t before = map_->rotation_bank(turn_);
    place_.column += static_cast<std::int64_t>(turn >> std::countr_zero(banks));
    turn &= banks - 1;
    place_.bank ^= before ^ map_->rotation_bank(turn);
    turn_ = turn;
  }

  const AddressMap* map_;
  DramBurst burst_;
  std::uint64_t channel_;
  std::uint64_t transaction_;
  std::int64_t left_ = 0;
  std::int64_t line_ = 0;
  std::uint64_t at_ = 0, line_end_ = 0;  ///< addresses: of the stretch, after the line
  std::int64_t stretch_ = 0, stretch_left_ = 0;
  std::size_t turn_ = 0;  ///< place in the round of banks
  DramAddress place_;
};

/// One burst's share of one channel, while under way.
struct DramShare {
  DramShare(const DramSpec& spec, const AddressMap& map, const DramBurst& burst,
            std::int64_t channel, int from = 0)
      : walk(spec, map, burst, channel), is_write(burst.is_write), initiator(from) {}

  DramWalk walk;
  bool is_write;
  int initiator;
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  std::size_t owner = nobody;    ///< the caller's own number for it
  std::int64_t number = 0;       ///< among the channel's shares, from 0; set when it begins
  DramShare* behind = nullptr;   ///< the initiator's next one in the channel
  std::int64_t under_way = 0;    ///< reads taken and not yet answered by a column command
  std::int64_t start = 0;        ///< cycle of arrival
  std::int64_t end = 0;          ///< of the last data (reads), after the last taking (writes)
  ByCause<std::int64_t> causes;  ///< of the channel at `start`; once done, since then

  /// Transactions the queue has not taken yet.
  [[nodiscard]] std::int64_t waiting() const { return walk.left(); }
  [[nodiscard]] bool done() const { return waiting() == 0 && under_way == 0; }
  /// How its time divides by cause, in cycles; sums to end - start. Precondition: done().
  [[nodiscard]] ByCause<std::int64_t> delay() const;
};

/// So many transactions of a share come in one after the other.
struct DramComing {
  DramShare* share;
  std::int64_t count;
};

/// Which share each of those is of, by the order they come in.
class DramComingIds {
 public:
  explicit DramComingIds(std::span<const DramComing> coming)
      : run_(coming.begin()), end_(run_->count) {}
  /// Of the one behind `before` others. Precondition: `before` does not fall from call to call.
  [[nodiscard]] std::int64_t of(std::int64_t before) {
    while (before >= end_) end_ += (++run_)->count;
    return run_->share->number;
  }
  /// How many behind `before` others are of the same share, as far as its run goes. Precondition:
  /// of(before) was the last question.
  [[nodiscard]] std::int64_t more(std::int64_t before) const { return end_ - before; }

 private:
  std::span<const DramComing>::iterator run_;
  std::int64_t end_;  ///< how many come in up to the end of the run
};

}  // namespace razorsim
