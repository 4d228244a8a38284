// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>

#include "models/arithmetic/operand_planes.h"
#include "models/arithmetic/sdr_datapath.h"
#include "models/base/errors.h"
#include "models/hardware/pe_fold_sequence.h"
#include "models/hardware/pe_product.h"

namespace razorsim {
namespace {

/// An operand register.
struct Word {
  std::span<const std::int16_t> codes;
  std::int64_t fold = -1;
};

class Stepper : public PeSnapshot {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, PeProduct& product, PeObserver* observer)
      : unit_(unit),
        plan_(plan(unit, left.format, right.format)),
        layout_(plan_, array.rows),
        roles_(array, plan_, left, right),
        sequence_(roles_, layout_, array.cols),
        step_(unit_step(unit.unit)),
        still_(roles_.still, roles_.weights_stay ? plan_.plane_bits_w : plan_.plane_bits_a),
        moving_(roles_.moving, roles_.weights_stay ? plan_.plane_bits_a : plan_.plane_bits_w),
        lines_(roles_.still.rows),
        rows_(layout_.rows()),
        cols_(array.cols),
        product_(product),
        observer_(observer),
        control_(static_cast<std::size_t>(layout_.last_lag() + cols_)),
        load_control_(static_cast<std::size_t>(cols_)),
        words_(at(rows_, 0)),
        held_(at(rows_ * layout_.beats(), 0)),
        shifted_in_(held_.size()),
        group_sums_(at(rows_, 0)),
        partial_sums_(at(layout_.blocks(), 0)) {}

  void run() {
    if (observer_ != nullptr) observer_->start(plan_);
    std::int64_t sums = sequence_.sums_at_foot();
    for (; sums > 0; ++cycle_) sums -= clock();
    constexpr std::int64_t foot = 1;
    product_.preload = sequence_.first_entry();
    product_.beats = sequence_.last_entry() + 1 - sequence_.first_entry();
    product_.skew = cycle_ - sequence_.last_entry() - 1 + plan_.latency_cycles + foot;
    for (; observer_ != nullptr && cycle_ < product_.cycles(); ++cycle_) clock();
  }

  [[nodiscard]] PeRegisters element(std::int64_t row, std::int64_t col) const override {
    PeRegisters shown;
    if (row >= rows_) return shown;
    const BeatControl& control = control_of(row, col);
    const std::int64_t block = row / layout_.block();
    shown.group_sum = group_sums_[at(row, col)];
    shown.accumulator = partial_sums_[at(block, col)];
    // Below a short group's end the rows of its block hold zeros.
    if (!control.valid || !used(row - row % layout_.block(), col, control)) return shown;
    const Fold& fold = sequence_.fold(control.fold);
    const auto operand = [&](const Word& word, const OperandPlanes& planes, int plane,
                             std::int64_t line) {
      std::vector<int>& shifts = shown_shifts_.emplace_back();
      for_each_group(row, fold,
                     [&](std::int64_t k) { shifts.push_back(planes.shift(plane, line, k)); });
      return PeOperand{true, word.codes, shifts};
    };
    const std::int64_t line = fold.wave * cols_ + col;
    const bool holds = used(row, col, control);
    const Word none;
    const PeOperand moves =
        operand(holds ? words_[at(row, col)] : none, moving_, control.plane, control.line);
    const PeOperand stays =
        operand(holds ? held_[at(row * layout_.beats() + control.beat, col)] : none, still_,
                fold.plane, line);
    shown.a = roles_.weights_stay ? moves : stays;
    shown.w = roles_.weights_stay ? stays : moves;
    shown.pass = roles_.pass_of(fold.plane, control.plane);
    shown.first = row == 0 && fold.k.begin == 0 && shown.pass == 0 && control.beat == 0;
    shown.ends_group = ends_group(row, control);
    shown.last = shown.ends_group && block + 1 == layout_.blocks();
    shown.output_row = roles_.weights_stay ? control.line : line;
    shown.output_col = roles_.weights_stay ? line : control.line;
    return shown;
  }

 private:
  [[nodiscard]] std::size_t at(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * cols_ + col);
  }
  [[nodiscard]] const BeatControl& control_of(std::int64_t row, std::int64_t col) const {
    return control_[static_cast<std::size_t>(layout_.lag(row) + col)];
  }
  [[nodiscard]] IndexRange held_range(std::int64_t row, const Fold& fold) const {
    const std::int64_t begin = fold.k.begin + row * layout_.per_element();
    return {std::min(begin, fold.k.end), std::min(begin + layout_.per_element(), fold.k.end)};
  }
  [[nodiscard]] bool used(std::int64_t row, std::int64_t col, const BeatControl& control) const {
    const Fold& fold = sequence_.fold(control.fold);
    return held_range(row, fold).size() > 0 && fold.wave * cols_ + col < lines_;
  }
  [[nodiscard]] bool ends_group(std::int64_t row, const BeatControl& control) const {
    return (row + 1) % layout_.block() == 0 && control.beat + 1 == layout_.beats();
  }
  /// The first k of each group that meets in row `row`: of its block, which a lean group fills.
  template <class Visit>
  void for_each_group(std::int64_t row, const Fold& fold, Visit&& visit) const {
    const IndexRange range = held_range(row - row % layout_.block(), fold);
    const std::int64_t step = plan_.shifts ? plan_.group : layout_.per_element();
    for (std::int64_t k = range.begin; k < range.end; k += step) visit(k);
  }
  /// Beat `beat` of what row `row` takes of a line.
  [[nodiscard]] Word word_of(const OperandPlanes& planes, int plane, std::int64_t line,
                             std::int64_t row, std::int64_t beat, std::int64_t fold) const {
    const IndexRange range = held_range(row, sequence_.fold(fold));
    const std::int64_t from = std::min(range.end, range.begin + beat * plan_.products_per_beat);
    const std::int64_t to = std::min(range.end, from + plan_.products_per_beat);
    return {planes.codes(plane, line, from, to), fold};
  }

  /// One clock; returns the partial sums that reached a column's foot.
  std::int64_t clock() {
    shown_shifts_.clear();
    std::rotate(control_.rbegin(), control_.rbegin() + 1, control_.rend());
    std::rotate(load_control_.rbegin(), load_control_.rbegin() + 1, load_control_.rend());
    control_[0] = sequence_.next_beat();
    load_control_[0] = sequence_.next_load();
    move_words();
    take_over();
    shift_in();
    std::int64_t sums = 0;
    for (std::int64_t row = rows_ - 1; row >= 0; --row) {
      for (std::int64_t col = 0; col < cols_; ++col) sums += work(row, col) ? 1 : 0;
    }
    if (observer_ != nullptr) observer_->clock(cycle_, *this);
    return sums;
  }

  /// Operands that move go one element to the right; the left edge takes new ones.
  void move_words() {
    for (std::int64_t row = 0; row < rows_; ++row) {
      const auto first = words_.begin() + row * cols_;
      std::copy_backward(first, first + cols_ - 1, first + cols_);
      const BeatControl& control = control_of(row, 0);
      *first = control.valid
                   ? word_of(moving_, control.plane, control.line, row, control.beat, control.fold)
                   : Word{};
    }
  }

  void take_over() {
    for (std::int64_t row = 0; row < rows_; ++row) {
      for (std::int64_t col = 0; col < cols_; ++col) {
        const BeatControl& control = control_of(row, col);
        if (!control.valid || !control.takes_over || !used(row, col, control)) continue;
        for (std::int64_t beat = 0; beat < layout_.beats(); ++beat) {
          const std::size_t entry = at(row * layout_.beats() + beat, col);
          promise(shifted_in_[entry].fold == control.fold, "an element took over another fold");
          held_[entry] = shifted_in_[entry];
        }
      }
    }
  }

  /// Words of the next fold go down their column, the deepest first. An entry moves only from the
  /// first word's arrival on: below it, words may still wait to go to work.
  void shift_in() {
    for (std::int64_t col = 0; col < cols_; ++col) {
      const LoadControl& control = load_control_[static_cast<std::size_t>(col)];
      if (!control.valid) continue;
      const Fold& fold = sequence_.fold(control.fold);
      for (std::int64_t entry = control.step; entry > 0; --entry)
        shifted_in_[at(entry, col)] = shifted_in_[at(entry - 1, col)];
      const std::int64_t line = fold.wave * cols_ + col;
      const std::int64_t entry = layout_.load_cycles(fold.k.size()) - 1 - control.step;
      shifted_in_[at(0, col)] = line < lines_
                                    ? word_of(still_, fold.plane, line, entry / layout_.beats(),
                                              entry % layout_.beats(), control.fold)
                                    : Word{};
    }
  }

  bool work(std::int64_t row, std::int64_t col) {
    const BeatControl& control = control_of(row, col);
    if (!control.valid) return false;
    const Fold& fold = sequence_.fold(control.fold);
    const std::int64_t line = fold.wave * cols_ + col;
    if (line >= lines_) return false;
    const std::int64_t block = row / layout_.block();
    const std::int64_t row_in_block = row % layout_.block();
    const bool ends = ends_group(row, control);
    std::int64_t& partial = partial_sums_[at(block, col)];
    UnitState state;
    if (ends && block > 0) state.accumulator = partial_sums_[at(block - 1, col)];
    if (layout_.block() == 1) {
      state.group_sum = group_sums_[at(row, col)];
    } else if (row_in_block > 0) {
      state.group_sum = group_sums_[at(row - 1, col)];
    }
    if (held_range(row - row_in_block, fold).size() > 0) {
      shifts_.clear();
      for_each_group(row, fold, [&](std::int64_t k) {
        shifts_.push_back(moving_.shift(control.plane, control.line, k) +
                          still_.shift(fold.plane, line, k));
      });
      Word moves = words_[at(row, col)];
      Word stays = held_[at(row * layout_.beats() + control.beat, col)];
      if (used(row, col, control)) {
        promise(moves.fold == control.fold && stays.fold == control.fold,
                "operands of different folds met in an element");
      } else {
        moves = stays = {};  // below the group's end the element holds nothing
      }
      step_(unit_, plan_, state,
            {moves.codes, stays.codes, shifts_, roles_.pass_of(fold.plane, control.plane), ends},
            product_.counters);
    }
    group_sums_[at(row, col)] = state.group_sum;
    if (!ends) return false;
    partial = state.accumulator;
    if (block + 1 < layout_.blocks()) return false;
    add_at_foot(control, line, partial);
    return true;
  }

  void add_at_foot(const BeatControl& control, std::int64_t line, std::int64_t partial) {
    const std::int64_t output = roles_.output(line, control.line);
    const datapath::Accumulator form{unit_.accumulator_bits, unit_.accumulator_overflow};
    if (form.add(product_.sums[static_cast<std::size_t>(output)], partial))
      ++product_.counters.overflows;
    ++product_.counters.group_ends;
  }

  const UnitSpec& unit_;
  UnitPlan plan_;
  FoldLayout layout_;
  StationaryRoles roles_;
  FoldSequence sequence_;
  UnitStep step_;
  OperandPlanes still_;
  OperandPlanes moving_;
  std::int64_t lines_;  ///< of the operand that stays
  std::int64_t rows_;
  std::int64_t cols_;
  PeProduct& product_;
  PeObserver* observer_;
  std::vector<BeatControl> control_;       ///< by lag and column
  std::vector<LoadControl> load_control_;  ///< by column
  std::vector<Word> words_;                ///< of the operand that moves
  std::vector<Word> held_;                 ///< at work, `beats` an element
  std::vector<Word> shifted_in_;           ///< on their way down
  std::vector<std::int32_t> group_sums_;
  std::vector<std::int64_t> partial_sums_;  ///< that leave each block
  std::vector<int> shifts_;
  mutable std::deque<std::vector<int>> shown_shifts_;
  std::int64_t cycle_ = 0;
};

}  // namespace

void step_operand_stationary(const ArraySpec& array, const UnitSpec& unit,
                             const EncodedMatrix& left, const EncodedMatrix& right,
                             PeProduct& product, PeObserver* observer) {
  Stepper(array, unit, left, right, product, observer).run();
}

}  // namespace razorsim
