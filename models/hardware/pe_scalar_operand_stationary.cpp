// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <deque>
#include <type_traits>

#include "models/arithmetic/sdr_datapath.h"
#include "models/arithmetic/sdr_rows.h"
#include "models/hardware/pe_fold_sequence.h"
#include "models/hardware/pe_scalar.h"

namespace razorsim {
namespace {

/// What an element needs of a beat.
struct Beat {
  std::int64_t size = 0;                 ///< codes of the fold; 0 in a bubble
  const std::int8_t* codes = nullptr;    ///< by row
  const std::uint8_t* shifts = nullptr;  ///< by group, `lines` apart
  std::int64_t phase = 0;                ///< of the fold's first k in its group
  std::int64_t columns = 0;              ///< that the fold fills
  std::int64_t* outputs = nullptr;       ///< by column, `output_step` apart
};

/// A fold on its way across the columns, one a cycle: its words (`load`), or their turn to work.
struct Front {
  std::int64_t start = 0;
  std::int64_t fold = 0;
};

/// `Sum` holds a partial sum: 32 bits where `fits_narrow`, else 64.
template <class Sum>
class Stepper {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, const ScalarOperand& still, const ScalarOperand& moving,
          PeProduct& product)
      : plan_(plan(unit, left.format, right.format)),
        layout_(plan_, array.rows),
        roles_(array, plan_, left, right),
        sequence_(roles_, layout_, array.cols),
        form_{unit.accumulator_bits, unit.accumulator_overflow},
        still_(still),
        moving_(moving),
        block_(layout_.block()),
        blocks_(layout_.blocks()),
        rows_(layout_.rows()),
        cols_(array.cols),
        product_(product),
        lags_(layout_.last_lag() + cols_),
        beats_(static_cast<std::size_t>(2 * lags_)),
        words_(rows_, cols_),
        held_(rows_, cols_),
        shifted_in_(rows_, cols_),
        sums_(rows_ + 1, cols_),
        flags_(blocks_, cols_),
        held_shifts_(blocks_, cols_),
        partial_sums_(blocks_ + 1, cols_) {
    for (std::int64_t k = 0; k < rows_ + plan_.group; ++k) group_at_.push_back(k / plan_.group);
    // From the bottom, so that a row's sums are read before they change.
    for (std::int64_t row = rows_ - 1; row >= 0; --row) {
      const std::int64_t above = row % block_ == 0 ? 0 : row;
      clocks_.push_back({nullptr, held_.row(row), sums_.row(above), sums_.row(row + 1)});
    }
    for (std::int64_t block = blocks_ - 1; block >= 0; --block) {
      shifts_.push_back({sums_.row((block + 1) * block_), nullptr, held_shifts_.row(block),
                         partial_sums_.row(block), partial_sums_.row(block + 1)});
    }
  }

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
    move_codes(beats);
    clock_rows(clocks_, cols_);
    if constexpr (std::is_same_v<Sum, std::int32_t>) {
      shift_rows(shifts_, cols_);
    } else {
      product_.counters.overflows += shift_rows(shifts_, cols_, form_);
    }
    add_at_feet(beats + layout_.last_lag());
  }

  /// Codes and flags go one element to the right; the left edge takes those of the beat there.
  void move_codes(const Beat* beats) {
    words_.shift();
    flags_.shift();
    RowClock* clock = &clocks_.back();  // the top row's, see the constructor
    RowShift<Sum>* shift = &shifts_.back();
    for (std::int64_t block = 0; block < blocks_; ++block) {
      const std::int64_t top = block * block_;
      for (std::int64_t place = 0; place < block_; ++place) {
        const Beat& beat = beats[block + place];
        const std::int64_t row = top + place;
        std::int8_t* words = words_.row(row);
        words[0] = row < beat.size ? beat.codes[row] : std::int8_t{0};
        (clock--)->a = words;
      }
      const Beat& beat = beats[block + block_ - 1];
      std::int8_t* flags = flags_.row(block);
      flags[0] = top < beat.size ? flag_of(beat, top) : std::int8_t{0};
      (shift--)->flags_moving = flags;
    }
  }

  /// The group that a block's rows belong to, counted from that of the fold's first k. A lean block
  /// is a group or a part of one; a full element is a block of its own.
  [[nodiscard]] std::int64_t group_of(std::int64_t phase, std::int64_t top) const {
    return group_at_[static_cast<std::size_t>(phase + top)];
  }
  [[nodiscard]] std::int8_t flag_of(const Beat& beat, std::int64_t top) const {
    return static_cast<std::int8_t>(beat.shifts[group_of(beat.phase, top) * roles_.moving.rows]);
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
    return {fold.k.size(),
            moving_.codes(control.plane, control.line) + fold.k.begin,
            moving_.shifts(control.plane, fold.k.begin / plan_.group) + control.line,
            fold.k.begin % plan_.group,
            columns,
            product_.sums.data() + roles_.output(fold.wave * cols_, control.line)};
  }

  void take_over() {
    while (!turns_.empty() && cycle_ - turns_.front().start > layout_.last_lag() + cols_)
      turns_.pop_front();
    for (const Front& turn : turns_) {
      const Fold& fold = sequence_.fold(turn.fold);
      const std::int64_t loaded = layout_.load_cycles(fold.k.size());
      for (std::int64_t block = 0; block * block_ < loaded; ++block) {
        // A row of the block is a clock behind the one above: the front is a diagonal.
        const std::int64_t age = cycle_ - turn.start - block;
        for (std::int64_t place = std::max<std::int64_t>(0, age - cols_ + 1);
             place <= std::min(age, block_ - 1); ++place) {
          const std::int64_t row = block * block_ + place;
          const std::int64_t col = age - place;
          held_.at(row, col) = shifted_in_.at(row, col);
          if (place + 1 == block_ && col < columns_of(fold) && block * block_ < fold.k.size())
            held_shifts_.at(block, col) = still_shift(fold, block * block_, col);
        }
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
    const Sum* sums = partial_sums_.row(blocks_);
    for (std::int64_t col = 0; col < cols_; ++col, ++beat) {
      if (col >= beat->columns) continue;
      if (form_.add(beat->outputs[col * output_step], sums[col])) ++product_.counters.overflows;
      --sums_left_;
    }
  }

  [[nodiscard]] std::uint8_t still_shift(const Fold& fold, std::int64_t top,
                                         std::int64_t col) const {
    const std::int64_t group = (fold.k.begin + top) / plan_.group;
    return still_.shifts(fold.plane, group)[fold.wave * cols_ + col];
  }

  UnitPlan plan_;
  FoldLayout layout_;
  StationaryRoles roles_;
  FoldSequence sequence_;
  datapath::Accumulator form_;
  const ScalarOperand& still_;
  const ScalarOperand& moving_;
  std::int64_t block_;
  std::int64_t blocks_;
  std::int64_t rows_;
  std::int64_t cols_;
  PeProduct& product_;
  std::int64_t lags_;        ///< registers from the corner to the last element
  std::vector<Beat> beats_;  ///< by lag and column
  std::int64_t head_ = 0;
  std::deque<Front> turns_;
  std::deque<Front> loads_;
  ShiftRows words_;
  RowRegisters<std::int8_t> held_;
  RowRegisters<std::int8_t> shifted_in_;
  RowRegisters<std::int16_t> sums_;  ///< row 0 is the zero that enters a block
  ShiftRows flags_;                  ///< that move with the codes, one a block
  RowRegisters<std::uint8_t> held_shifts_;
  RowRegisters<Sum> partial_sums_;  ///< row 0 is the zero that enters the first block
  std::vector<RowClock> clocks_;
  std::vector<RowShift<Sum>> shifts_;
  std::vector<std::int64_t> group_at_;  ///< of a k, counted from its group's first
  std::int64_t cycle_ = 0;
  std::int64_t sums_left_ = 0;
};

}  // namespace

void step_scalar_operand_stationary(const ArraySpec& array, const UnitSpec& unit,
                                    const EncodedMatrix& left, const EncodedMatrix& right,
                                    PeProduct& product) {
  const UnitPlan plan = razorsim::plan(unit, left.format, right.format);
  const FoldLayout layout(plan, array.rows);
  const StationaryRoles roles(array, plan, left, right);
  const ScalarOperand a(left, plan.plane_bits_a, plan.group);
  const ScalarOperand w(right, plan.plane_bits_w, plan.group);
  const ScalarOperand& still = roles.weights_stay ? w : a;
  const ScalarOperand& moving = roles.weights_stay ? a : w;
  const datapath::Accumulator form{unit.accumulator_bits, unit.accumulator_overflow};
  if (fits_narrow(layout.blocks(), layout.block(), a.largest_shift() + w.largest_shift(), form)) {
    Stepper<std::int32_t>(array, unit, left, right, still, moving, product).run();
  } else {
    Stepper<std::int64_t>(array, unit, left, right, still, moving, product).run();
  }
}

}  // namespace razorsim
