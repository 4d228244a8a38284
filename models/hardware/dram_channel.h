// SPDX-License-Identifier: Apache-2.0
// One channel: its controller, and the bursts waiting to enter its queues.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/hardware/dram_burst.h"
#include "models/hardware/dram_controller.h"
#include "models/hardware/dram_row_change.h"

namespace razorsim {

/// Shares of one initiator enter in the order they began; initiators take turns of
/// `controller.burst_turn` transactions, and one whose queue is full passes its turn on. The queues
/// take one transaction a memory cycle.
class DramChannel {
 public:
  /// What channels of the same `spec` learn they share.
  DramChannel(const DramSpec& spec, const AddressMap& map, std::int64_t channel,
              RowChanges& row_changes);

  /// Begins at `cycle`. `share` must stay where it is until done. Precondition: now() <= cycle.
  void begin(DramShare& share, std::int64_t cycle);
  /// Simulates up to `cycle`.
  void advance(std::int64_t cycle) { advance(cycle, false); }
  /// The same, but no further than to the end of the share that is done first.
  void advance_to_done(std::int64_t cycle) { advance(cycle, true); }
  [[nodiscard]] std::int64_t now() const { return now_; }
  /// Shares that have become done since the caller last cleared this.
  std::vector<DramShare*> finished;

  /// No sooner can `share` be done, unless it is a write that is merged with one that is queued;
  /// exact once it is done.
  [[nodiscard]] std::int64_t done_not_before(const DramShare& share) const;
  /// The least of these over all shares under way; DramController::never where there is none.
  [[nodiscard]] std::int64_t any_done_not_before() const;
  /// No sooner do the queues take more of `share`.
  [[nodiscard]] std::int64_t next_taken(const DramShare& share) const;
  [[nodiscard]] bool idle() const { return sources_.empty() && controller_.waiting() == 0; }
  /// No sooner is the channel idle; now() when it is.
  [[nodiscard]] std::int64_t idle_not_before() const;
  void reset();

  [[nodiscard]] DramController& controller() { return controller_; }
  [[nodiscard]] const DramController& controller() const { return controller_; }

 private:
  /// An initiator with transactions to enter.
  struct Source {
    DramShare* first;
    DramShare* last;
    DramRequest next;  ///< of `first`
  };
  void advance(std::int64_t cycle, bool to_done);
  [[nodiscard]] std::int64_t written() const;
  [[nodiscard]] bool has_enough(const Source& source, std::int64_t cycle) const;
  [[nodiscard]] std::int64_t columns_at_once(const DramController::Train& train) const;
  void offer();
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  /// Index of the first source whose transaction there is room for.
  [[nodiscard]] std::size_t taker() const {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (controller_.can_accept(sources_[i].next)) return i;
    }
    return nobody;
  }
  /// Whether the next cycle may take what this one could not, for it took another.
  [[nodiscard]] bool offers_next() const { return taken_in_ == now_ && taker() != nobody; }
  void taken(std::size_t index);
  void stream();
  bool stream_offer();
  void stream_at_pace(std::int64_t until);
  /// Fewer columns cost less one by one than at once.
  static constexpr std::int64_t few_columns = 8;
  /// `count` transactions that an initiator enters in its turn.
  struct Turn {
    std::size_t source;
    std::int64_t count;
  };
  bool go_at_once(DramController::Train& train, std::int64_t& look_in);
  [[nodiscard]] std::int64_t takes(const DramController::Train& train, const Source& source,
                                   std::int64_t most) const;
  std::int64_t leave(DramController::Train& train, std::int64_t most);
  void come(DramController::Train& train, std::size_t index, std::int64_t count,
            std::int64_t cycle);
  bool goes_on(std::size_t index);
  void go_round(std::int64_t beyond);
  /// The sources had their turns with `count` transactions.
  void turn_on(std::int64_t count) {
    if (count < turn_left_) {
      turn_left_ -= count;
    } else {
      go_round(count - turn_left_);
    }
  }
  /// `count` reads of one round of banks came in, from `first` to before `after`.
  void run_on(const DramRequest& first, std::int64_t count, const DramAddress& after) {
    run_ = run_before(first) + count;
    after_run_ = after;
  }
  /// Where several take turns, nobody asks how far one has come.
  void end_run() { run_ = 0; }
  /// How many reads of one round of banks have come in one after the other, up to `next`.
  [[nodiscard]] std::int64_t run_before(const DramRequest& next) const {
    const bool follows = next.row == after_run_.row && next.bank == after_run_.bank &&
                         next.column == after_run_.column;
    return follows ? run_ : 0;
  }
  std::int64_t flow(DramController::Train& train, std::int64_t most);
  std::int64_t look_along_round(DramShare* share, DramWalk walk);
  [[nodiscard]] static DramAddress place_after_round(DramWalk walk);
  void enter_coming(std::int64_t count);
  void go_on_behind(Source& source, std::int64_t run);
  bool pass_rounds(DramController::Train& train, std::int64_t most);
  bool change_rows(DramController::Train& train, std::int64_t rest, std::int64_t most);
  void learn_row_change(const DramController::Train& train);
  bool pass_through(DramController::Train& train, std::int64_t most);
  [[nodiscard]] std::int64_t plan_turns(const DramController::Train& train, std::int64_t most);
  [[nodiscard]] bool is_round_open(const DramController::Train& train, const DramWalk& walk) const;
  [[nodiscard]] std::int64_t in_open_rows(const DramController::Train& train,
                                          const DramShare& share) const;
  void enrol(DramShare& share);
  [[nodiscard]] std::size_t ring_place(std::int64_t number) const {
    return static_cast<std::size_t>(number) & (under_way_.size() - 1);
  }
  [[nodiscard]] DramShare*& of_number(std::int64_t number) {
    return under_way_[ring_place(number)];
  }
  /// The column commands of `count` reads of a share have gone out.
  void answer(std::int64_t id, std::int64_t count, std::int64_t end) {
    DramShare& share = *of_number(id);
    share.under_way -= count;
    share.end = std::max(share.end, end);
    if (share.done()) finish(share);
  }
  void collect();
  void finish(DramShare& share);
  static void aim(Source& source);

  std::int64_t rotation_banks_;
  DramRules rules_;
  std::int64_t turn_length_;
  DramController controller_;
  std::int64_t now_ = 0;
  std::int64_t until_ = 0;       ///< of advance()
  bool to_done_ = false;         ///< advance() is over once a share is done ...
  bool any_done_ = false;        ///< ... and now one is
  std::int64_t taken_in_ = -1;   ///< cycle in which the queues last took a transaction
  std::vector<Source> sources_;  ///< the one in turn first
  std::int64_t turn_left_ = 0;
  std::int64_t run_ = 0;            ///< of run_before() ...
  DramAddress after_run_;           ///< ... where a read at this place is next
  std::vector<DramComing> coming_;  ///< of pass_rounds()
  std::optional<WatchedRowChange> watched_;
  RowChanges* row_changes_;
  std::vector<Turn> turns_;         ///< of plan_turns()
  std::vector<std::int64_t> open_;  ///< of each source: its transactions in open rows
  /// Shares number first_ to numbered_ - 1, by number modulo their room; null once done.
  std::vector<DramShare*> under_way_ = std::vector<DramShare*>(16);
  std::int64_t first_ = 0, numbered_ = 0;
};

}  // namespace razorsim
