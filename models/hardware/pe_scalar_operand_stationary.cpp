// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <deque>

#include "models/arithmetic/sdr_datapath.h"
#include "models/arithmetic/sdr_rows.h"
#include "models/hardware/pe_fold_sequence.h"
#include "models/hardware/pe_scalar.h"

namespace razorsim {
namespace {

/// What an element needs of a beat.
struct Beat {
  const Fold* fold = nullptr;  ///< null in a bubble
  bool takes_over = false;
  const std::int8_t* codes = nullptr;    ///< by row
  const std::uint8_t* shifts = nullptr;  ///< by group, `lines` apart
  std::int64_t columns = 0;              ///< that the fold fills
  std::int64_t* outputs = nullptr;       ///< by column, `output_step` apart
};

/// A fold on its way across the columns, one a cycle: its words (`load`), or their turn to work.
struct Front {
  std::int64_t start = 0;
  std::int64_t fold = 0;
};

class Stepper {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, PeProduct& product)
      : plan_(plan(unit, left.format, right.format)),
        layout_(plan_, array.rows),
        roles_(array, plan_, left, right),
        sequence_(roles_, layout_, array.cols),
        form_{unit.accumulator_bits, unit.accumulator_overflow},
        still_(roles_.still, roles_.weights_stay ? plan_.plane_bits_w : plan_.plane_bits_a,
               plan_.group),
        moving_(roles_.moving, roles_.weights_stay ? plan_.plane_bits_a : plan_.plane_bits_w,
                plan_.group),
        rows_(layout_.rows()),
        cols_(array.cols),
        product_(product),
        lags_(layout_.last_lag() + cols_),
        beats_(static_cast<std::size_t>(2 * lags_)),
        words_(static_cast<std::size_t>(rows_), ShiftRow(cols_)),
        held_(rows_, cols_),
        shifted_in_(rows_, cols_),
        sums_(rows_ + 1, cols_),
        flags_(static_cast<std::size_t>(layout_.blocks()), ShiftRow(cols_)),
        held_shifts_(layout_.blocks(), cols_),
        partial_sums_(layout_.blocks() + 1, cols_),
        clocks_(static_cast<std::size_t>(rows_)),
        shifts_(static_cast<std::size_t>(layout_.blocks())) {}

  void run() {
    for (sums_left_ = sequence_.sums_at_foot(); sums_left_ > 0; ++cycle_) clock();
    constexpr std::int64_t foot = 1;
    product_.preload = sequence_.first_entry();
    product_.beats = sequence_.last_entry() + 1 - sequence_.first_entry();
    product_.skew = cycle_ - sequence_.last_entry() - 1 + plan_.latency_cycles + foot;
  }

 private:
  [[nodiscard]] std::int64_t columns_of(const Fold& fold) const {
    return std::min(cols_, roles_.still.rows - fold.wave * cols_);
  }

  void clock() {
    // Beats move on by turning the numbers of a ring, written twice to be read in one piece.
    head_ = (head_ == 0 ? lags_ : head_) - 1;
    Beat* beats = beats_.data() + head_;
    beats[0] = beats[lags_] = enter();
    const LoadControl load = sequence_.next_load();
    if (load.valid && load.step == 0) loads_.push_back({cycle_, load.fold});
    take_over();
    shift_in();
    // From the bottom, so that a row's sums are read before they change.
    for (std::int64_t row = rows_ - 1; row >= 0; --row) {
      const Beat& beat = beats[layout_.lag(row)];
      const bool has_code = beat.fold != nullptr && row < beat.fold->k.size();
      ShiftRow& words = words_[static_cast<std::size_t>(row)];
      words.shift(has_code ? beat.codes[row] : std::int8_t{0});
      const std::int64_t above = row % layout_.block() == 0 ? 0 : row;
      clocks_[static_cast<std::size_t>(rows_ - 1 - row)] = {words.codes(), held_.row(row),
                                                            sums_.row(above), sums_.row(row + 1)};
    }
    clock_rows(clocks_, cols_);
    for (std::int64_t block = layout_.blocks() - 1; block >= 0; --block) {
      const std::int64_t bottom = (block + 1) * layout_.block() - 1;
      const Beat& beat = beats[layout_.lag(bottom)];
      ShiftRow& flags = flags_[static_cast<std::size_t>(block)];
      flags.shift(fills(beat.fold, block) ? flag_of(beat, block) : std::int8_t{0});
      shifts_[static_cast<std::size_t>(layout_.blocks() - 1 - block)] = {
          sums_.row(bottom + 1), flags.codes(), held_shifts_.row(block), partial_sums_.row(block),
          partial_sums_.row(block + 1)};
    }
    product_.counters.overflows += shift_rows(shifts_, cols_, form_);
    add_at_feet(beats + layout_.last_lag());
  }

  /// Whether any row of `block` holds a code of the fold.
  [[nodiscard]] bool fills(const Fold* fold, std::int64_t block) const {
    return fold != nullptr && block * layout_.block() < fold->k.size();
  }
  /// The group that a block's rows belong to, counted from that of the fold's first k. A lean block
  /// is a group or a part of one; a full element is a block of its own.
  [[nodiscard]] std::int64_t group_of(const Fold& fold, std::int64_t block) const {
    return (fold.k.begin + block * layout_.block()) / plan_.group - fold.k.begin / plan_.group;
  }
  [[nodiscard]] std::int8_t flag_of(const Beat& beat, std::int64_t block) const {
    return static_cast<std::int8_t>(beat.shifts[group_of(*beat.fold, block) * roles_.moving.rows]);
  }

  Beat enter() {
    const BeatControl control = sequence_.next_beat();
    if (!control.valid) return {};
    const Fold& fold = sequence_.fold(control.fold);
    if (control.takes_over) turns_.push_back({cycle_, control.fold});
    const std::int64_t columns = columns_of(fold);
    const std::int64_t shifts = columns * ceil_div(fold.k.size(), layout_.reach());
    UnitCounters& counters = product_.counters;
    counters.products += columns * fold.k.size();
    if (roles_.pass_of(fold.plane, control.plane) == 0) counters.macs += columns * fold.k.size();
    counters.flag_adds += shifts;
    counters.group_ends += shifts + columns;
    return {&fold,
            control.takes_over,
            moving_.codes(control.plane, control.line) + fold.k.begin,
            moving_.shifts(control.plane, fold.k.begin / plan_.group) + control.line,
            columns,
            product_.sums.data() + roles_.output(fold.wave * cols_, control.line)};
  }

  void take_over() {
    while (!turns_.empty() && cycle_ - turns_.front().start > layout_.last_lag() + cols_)
      turns_.pop_front();
    for (const Front& turn : turns_) {
      const Fold& fold = sequence_.fold(turn.fold);
      for (std::int64_t row = 0; row < layout_.load_cycles(fold.k.size()); ++row) {
        const std::int64_t col = cycle_ - turn.start - layout_.lag(row);
        if (col < 0 || col >= cols_) continue;
        held_.at(row, col) = shifted_in_.at(row, col);
        const std::int64_t block = row / layout_.block();
        if ((row + 1) % layout_.block() == 0 && col < columns_of(fold) && fills(&fold, block))
          held_shifts_.at(block, col) = still_shift(fold, block, col);
      }
    }
  }

  /// Words go down their column, the deepest first; a register moves from the first word's arrival
  /// on. A column is a cycle behind the one to its left, so those that move are neighbours.
  void shift_in() {
    while (!loads_.empty() && cycle_ - loads_.front().start >= cols_ + rows_) loads_.pop_front();
    for (const Front& load : loads_) {
      const Fold& fold = sequence_.fold(load.fold);
      const std::int64_t words = layout_.load_cycles(fold.k.size());
      const std::int64_t age = cycle_ - load.start;
      const std::int64_t first = std::max<std::int64_t>(0, age - words + 1);
      for (std::int64_t row = std::min(words - 1, age); row > 0; --row) {
        const std::int64_t end = std::min(cols_, age - row + 1);
        if (first < end)
          std::memcpy(shifted_in_.row(row) + first, shifted_in_.row(row - 1) + first,
                      static_cast<std::size_t>(end - first));
      }
      const std::int64_t columns = columns_of(fold);
      for (std::int64_t col = first; col < std::min(cols_, age + 1); ++col) {
        const std::int64_t row = words - 1 - (age - col);  // where the word will stay
        shifted_in_.at(0, col) =
            col < columns && row < fold.k.size()
                ? still_.codes(fold.plane, fold.wave * cols_ + col)[fold.k.begin + row]
                : std::int8_t{0};
      }
    }
  }

  /// The last block's partial sums go to the accumulators.
  void add_at_feet(const Beat* beat) {
    const std::int64_t output_step = roles_.output(1, 0) - roles_.output(0, 0);
    const std::int64_t* sums = partial_sums_.row(layout_.blocks());
    for (std::int64_t col = 0; col < cols_; ++col, ++beat) {
      if (col >= beat->columns) continue;
      if (form_.add(beat->outputs[col * output_step], sums[col])) ++product_.counters.overflows;
      --sums_left_;
    }
  }

  [[nodiscard]] std::uint8_t still_shift(const Fold& fold, std::int64_t block,
                                         std::int64_t col) const {
    const std::int64_t group = fold.k.begin / plan_.group + group_of(fold, block);
    return still_.shifts(fold.plane, group)[fold.wave * cols_ + col];
  }

  UnitPlan plan_;
  FoldLayout layout_;
  StationaryRoles roles_;
  FoldSequence sequence_;
  datapath::Accumulator form_;
  ScalarOperand still_;
  ScalarOperand moving_;
  std::int64_t rows_;
  std::int64_t cols_;
  PeProduct& product_;
  std::int64_t lags_;        ///< registers from the corner to the last element
  std::vector<Beat> beats_;  ///< by lag and column
  std::int64_t head_ = 0;
  std::deque<Front> turns_;
  std::deque<Front> loads_;
  std::vector<ShiftRow> words_;
  RowRegisters<std::int8_t> held_;
  RowRegisters<std::int8_t> shifted_in_;
  RowRegisters<std::int16_t> sums_;  ///< row 0 is the zero that enters a block
  std::vector<ShiftRow> flags_;      ///< that move with the codes, one a block
  RowRegisters<std::uint8_t> held_shifts_;
  RowRegisters<std::int64_t> partial_sums_;  ///< row 0 is the zero that enters the first block
  std::vector<RowClock> clocks_;
  std::vector<RowShift> shifts_;
  std::int64_t cycle_ = 0;
  std::int64_t sums_left_ = 0;
};

}  // namespace

void step_scalar_operand_stationary(const ArraySpec& array, const UnitSpec& unit,
                                    const EncodedMatrix& left, const EncodedMatrix& right,
                                    PeProduct& product) {
  Stepper(array, unit, left, right, product).run();
}

}  // namespace razorsim
