// SPDX-License-Identifier: Apache-2.0
// The memory controller of one channel: queues, first-ready first-come scheduling, write drain,
// refresh.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/hardware/dram_banks.h"
#include "models/hardware/dram_counters.h"
#include "models/hardware/dram_log.h"
#include "models/hardware/dram_queue.h"
#include "models/hardware/dram_refresh.h"
#include "models/hardware/dram_waits.h"

namespace razorsim {

/// A transaction accepted at `arrival` whose last data is over at `cycle`.
struct DramCompletion {
  std::int64_t id = 0;
  std::int64_t arrival = 0;
  std::int64_t cycle = 0;
  bool is_write = false;
};

/// Knows no SystemC: its user calls accept() and tick() with ascending cycles, tick() at least at
/// every cycle that wake() names; cycles between cost nothing. A request accepted at cycle c can
/// have its first command at c + 1.
///
/// Preferred in a cycle: the column command a row was opened for; refresh, which holds back all
/// others; then, of the queue whose turn it is, the oldest request whose next command is ready.
/// Writes have their turn from above the high watermark, or when no read waits, to below the low
/// watermark. A request that opens a row leaves its queue then, and makes room. Reads of queued
/// writes are answered at once, and writes of the same bytes merged.
class DramController {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max() / 4;

  DramController(const DramSpec& spec, std::int64_t channel);

  /// All banks closed, nothing queued, cycle 0; counters and causes go on.
  void reset();

  [[nodiscard]] bool can_accept(const DramRequest& request) const {
    return !(request.is_write ? writes_ : reads_).full() || writes_.holds(request);
  }
  [[nodiscard]] bool has_room(bool is_write) const { return !(is_write ? writes_ : reads_).full(); }
  [[nodiscard]] std::int64_t read_room() const {
    return spec_.controller.read_queue - reads_.size();
  }
  [[nodiscard]] std::int64_t write_room() const {
    return spec_.controller.write_queue - writes_.size();
  }
  /// Writes queued.
  [[nodiscard]] std::int64_t writes() const { return writes_.size(); }
  [[nodiscard]] std::int64_t banks() const { return banks_.count(); }
  /// Precondition: can_accept(request).
  void accept(const DramRequest& request, std::int64_t cycle);
  /// First cycle at which tick() can have an effect, unless something is accepted before.
  [[nodiscard]] std::int64_t wake() const { return wake_; }
  void tick(std::int64_t cycle);
  /// Ticks through to `cycle` and no further, accepting nothing.
  void idle_until(std::int64_t cycle) {
    while (wake_ <= cycle) tick(wake_);
  }

  /// A streak: columns of row hits follow each other while no row command is due and the turn
  /// stays. Up to cycle streak_until() its user may call streak_accept() and streak_tick() in
  /// place of accept() and tick(), at the same cycles, as long as streak_goes_on(); the commands
  /// and their cycles are the same, for a fraction of the work. Afterwards end_streak().
  [[nodiscard]] std::int64_t streak_until() const;
  /// False: nothing is to be done in a streak now.
  [[nodiscard]] bool may_streak() const {
    return plain_rows_ || (column_.step == Step::column && column_.preference != opener &&
                           column_.ready < row_.ready);
  }
  /// Whether streak_tick() may serve the row hit that is due next, at streak_wake().
  [[nodiscard]] bool streak_goes_on(std::int64_t until) const;
  [[nodiscard]] std::int64_t streak_wake() const { return column_.ready; }
  /// False, with nothing done, if accept() must do it, and streak_until() be asked again.
  bool streak_accept(const DramRequest& request, std::int64_t cycle);
  /// Carries the column command out and returns what it completes.
  DramCompletion streak_tick(std::int64_t cycle);
  /// `cycle` is the last one ticked or passed.
  void end_streak(std::int64_t cycle) { set_wake(cycle + 1); }

  /// The part of a streak in which columns leave in the order the requests came, at one pace.
  class Train;

  /// Transactions whose column command went out since the caller last cleared this, in that order.
  std::vector<DramCompletion> completions;

  /// Transactions accepted and still without their column command.
  [[nodiscard]] std::int64_t waiting() const {
    return reads_.size() + writes_.size() + static_cast<std::int64_t>(opened_.size());
  }
  [[nodiscard]] DramWaits& waits() { return waits_; }
  [[nodiscard]] const DramWaits& waits() const { return waits_; }

  /// Brings time and energy in the counters up to `cycle`, refreshes included.
  void finish(std::int64_t cycle);
  [[nodiscard]] const DramCounters& counters() const { return counters_; }
  void log_to(DramLog* log) { log_ = log; }

 private:
  enum class Step : std::uint8_t { none, column, activate, precharge, refresh };
  struct Choice {
    std::int64_t ready = never;
    std::int64_t preference = 0;  ///< lower first among commands ready in the same cycle
    std::int64_t order = 0;
    std::int32_t bank = 0;
    Step step = Step::none;

    [[nodiscard]] bool before(const Choice& other) const {
      if (ready != other.ready) return ready < other.ready;
      if (preference != other.preference) return preference < other.preference;
      return order < other.order;
    }
  };
  struct Bank {
    bool has_opener = false;  ///< the request the row was opened for still lacks its column command
    bool fresh = false;       ///< no column command since the activate
    bool after_conflict = false;  ///< closed by a request for another row, before this activate
    std::int64_t began = 0;       ///< cycle of the precharge or activate that began the opening
    std::int64_t served = 0;      ///< column commands since the activate
    std::int64_t conflicts =
        0;  ///< 0 to 3: rises with each row left by conflict, falls with each hit
  };

  // Preferences. An opener goes first: nothing may close its row before it was served.
  static constexpr std::int64_t opener = 0, refresh_first = 1, queued = 2;

  void schedule(std::int64_t from);
  void reschedule(const Choice& done, std::int64_t from);
  void choose_column(std::int64_t from);
  void choose_hit(std::int64_t from);
  void choose_row(std::int64_t from);
  /// With so few requests left in the queue in turn, the turn may change: no streak goes on.
  [[nodiscard]] std::int64_t streak_floor() const {
    return write_turn_ && reads_.size() > 0 ? low_ + 2 : 1;
  }
  void choose_row_after(std::int32_t bank, std::int64_t from);
  void consider_openers(std::int64_t from);
  void consider_refresh(std::int64_t from);
  [[nodiscard]] std::int64_t row_ready(std::int64_t bank) const;
  void take_row(const DramQueue::Entry& entry, std::int64_t ready);
  void consider_row(const DramQueue::Entry& entry, std::int64_t from);
  /// Whether hold_back() may find anything.
  [[nodiscard]] bool may_hold_back(std::int64_t from) const {
    const DramQueue& queue = in_turn();
    return queue.any_other() &&
           (spec_.controller.row_hit_cap > 0 ||
            from - queue.oldest_other().arrival > spec_.controller.starvation_limit.count());
  }
  void hold_back(std::int64_t from);
  void welcome(const DramRequest& request, std::int64_t from);
  void welcome_hit(std::int64_t bank, std::int64_t order, std::int64_t from);
  void set_wake(std::int64_t from);
  [[nodiscard]] bool next_turn(std::int64_t cycle) const;
  void settle_turn(std::int64_t cycle) {
    if (write_mode_ != write_turn_ && turn_from_ < cycle) change_turn();
  }
  void change_turn();
  [[nodiscard]] DramQueue& in_turn() { return write_turn_ ? writes_ : reads_; }
  [[nodiscard]] const DramQueue& in_turn() const { return write_turn_ ? writes_ : reads_; }

  void issue(const Choice& choice, std::int64_t cycle);
  void issue_column(const Choice& choice, std::int64_t cycle);
  [[nodiscard]] std::int64_t data_end(bool writes, std::int64_t cycle) const {
    return cycle + (writes ? rules_.write_data_end : rules_.read_data_end);
  }
  void count_columns(bool writes, std::int64_t columns, std::int64_t last) {
    (writes ? counters_.writes : counters_.reads) += columns;
    busy_cycles_ += rules_.burst * columns;
    clock_until_ = std::max(clock_until_, data_end(writes, last) + spec_.timing.wck_post.count());
  }
  DramCompletion move_column(const DramRequest& request, std::int64_t arrival, std::int64_t cycle);
  void issue_activate(const Choice& choice, std::int64_t cycle);
  void issue_precharge(const Choice& choice, std::int64_t cycle);
  void open_row(std::int64_t bank, std::int64_t row, std::int64_t cycle);
  void close_row(std::int64_t bank, std::int64_t cycle);
  void issue_refresh(std::int64_t cycle);
  Choice tick_single(std::int64_t cycle);
  void finish_activate(std::int64_t cycle);
  void reopen(std::int64_t bank);
  void count(DramQueue::Entry& entry);
  [[nodiscard]] bool closes_after(std::int64_t bank) const;
  void note(std::int64_t cycle, DramCommand command, std::int64_t bank, std::int64_t row,
            std::int64_t column) {
    if (log_ != nullptr) append(cycle, command, bank, row, column);
  }
  void append(std::int64_t cycle, DramCommand command, std::int64_t bank, std::int64_t row,
              std::int64_t column);

  DramSpec spec_;
  DramRules rules_;
  std::int64_t channel_;
  std::int64_t high_, low_;  ///< writes: more than so many begin a drain, fewer end it
  DramBanks banks_;
  DramQueue reads_, writes_;
  DramRefresh refresh_;
  DramWaits waits_;
  std::vector<Bank> state_;
  std::vector<std::int64_t> held_in_;  ///< of each bank: the last look that held its hits back
  std::int64_t look_ = 0;
  std::vector<DramQueue::Entry> openers_;  ///< of each bank that has one
  std::vector<std::int32_t> opened_;       ///< banks with an opener
  std::int64_t order_ = 0;
  Choice column_, row_;
  std::int64_t wake_ = never;

  bool write_mode_ = false;         ///< whose turn it was when a queue was last asked
  bool write_turn_ = false;         ///< whose turn the choices assume ...
  std::int64_t turn_from_ = never;  ///< ... from this cycle on
  std::int64_t reads_wait_since_ = 0, writes_wait_since_ = 0;
  std::int64_t owed_ = 0;  ///< requests of the turn that go before any other, after starving

  bool streaks_;     ///< whether page policy and cap have them
  bool plain_rows_;  ///< one command bus, and one command opens a row: trains open and close them
  bool openers_only_ = false;
  std::int64_t opening_ = -1;  ///< bank between its two activate commands
  std::int64_t opening_deadline_ = 0;
  bool synced_ = false;  ///< the last command was the CAS of column_
  std::int64_t clock_until_ = 0;

  DramCounters counters_;
  DramBanks::Standby counted_standby_;
  std::int64_t counted_until_ = 0;
  std::int64_t busy_cycles_ = 0;
  DramLog* log_ = nullptr;
};

}  // namespace razorsim
