// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/arithmetic/operand_planes.h"
#include "models/base/errors.h"
#include "models/hardware/pe_product.h"

namespace razorsim {
namespace {

/// What a register between two elements holds: the codes of one beat and what travels with them.
struct BeatWord {
  std::vector<std::int16_t> codes;
  std::vector<int> shifts;            ///< a group of the beat
  std::vector<std::int32_t> factors;  ///< significands of the same groups' scales
  bool valid = false;
  bool ends_group = false;
  bool first = false;  ///< of its wave
  bool last = false;
  int pass = 0;
  std::int64_t wave = 0;
};

/// Cuts an operand into the beats of one of its rows, in the order in which the unit takes them:
/// groups outside and plane pairs inside where group sums are shifted, plane pairs outside
/// otherwise.
class BeatSource {
 public:
  BeatSource(const EncodedMatrix& operand, const UnitPlan& plan, bool is_left)
      : planes_(operand, is_left ? plan.plane_bits_a : plan.plane_bits_w),
        plan_(plan),
        is_left_(is_left),
        k_(operand.cols) {}

  [[nodiscard]] BeatWord beat(std::int64_t row, std::int64_t index) const {
    const int beats_per_group = plan_.beats_per_group();
    const std::int64_t span = std::int64_t{plan_.group} * plan_.shifters();
    const std::int64_t visits = ceil_div(k_, span);
    const std::int64_t sub = index % beats_per_group;
    const std::int64_t turn = index / beats_per_group;
    const std::int64_t visit = plan_.shifts ? turn / plan_.passes() : turn % visits;
    const auto pass = static_cast<int>(plan_.shifts ? turn % plan_.passes() : turn / visits);
    const int plane = is_left_ ? pass / plan_.planes_w : pass % plan_.planes_w;
    const std::int64_t begin = visit * span;
    const std::int64_t end = std::min(k_, begin + span);
    const std::int64_t from = std::min(end, begin + sub * plan_.products_per_beat);
    const std::int64_t to = std::min(end, from + plan_.products_per_beat);
    BeatWord word;
    const auto codes = planes_.codes(plane, row, from, to);
    word.codes.assign(codes.begin(), codes.end());
    for (std::int64_t at = begin; at < end; at += plan_.group) {
      word.shifts.push_back(planes_.shift(plane, row, at));
      if (plan_.floating) word.factors.push_back(planes_.factor(row, at));
    }
    word.valid = true;
    word.ends_group = sub + 1 == beats_per_group;
    word.pass = pass;
    word.first = index == 0;
    return word;
  }

 private:
  OperandPlanes planes_;
  const UnitPlan& plan_;
  bool is_left_;
  std::int64_t k_;
};

class Stepper : public PeSnapshot {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, PeProduct& product, PeObserver* observer)
      : array_(array),
        unit_(unit),
        plan_(plan(unit, left.format, right.format)),
        left_(left, plan_, true),
        right_(right, plan_, false),
        m_(left.rows),
        n_(right.rows),
        beats_(plan_.beats(left.cols)),
        product_(product),
        observer_(observer),
        a_(elements()),
        w_(elements()),
        states_(elements()) {}

  void run() {
    const std::int64_t waves = ceil_div(m_, array_.rows) * ceil_div(n_, array_.cols);
    outstanding_ = m_ * n_;
    product_.beats = waves * beats_;
    if (observer_ != nullptr) observer_->start(plan_);
    for (; outstanding_ > 0; ++cycle_) clock();
    product_.skew = cycle_ - product_.beats + plan_.latency_cycles;
    // The last sums are on their way to the accumulators: bubbles follow them.
    while (observer_ != nullptr && cycle_ < product_.cycles()) {
      clock();
      ++cycle_;
    }
  }

  [[nodiscard]] PeRegisters element(std::int64_t row, std::int64_t col) const override {
    const BeatWord& a = a_[at(row, col)];
    const BeatWord& w = w_[at(row, col)];
    PeRegisters shown;
    if (a.valid) shown.a = {true, a.codes, a.shifts};
    if (w.valid) shown.w = {true, w.codes, w.shifts};
    shown.group_sum = states_[at(row, col)].group_sum;
    shown.accumulator = states_[at(row, col)].accumulator;
    if (!shown.works()) return shown;
    shown.pass = a.pass;
    shown.first = a.first;
    shown.ends_group = a.ends_group;
    shown.last = a.last;
    shown.output_row = output_row(a.wave, row);
    shown.output_col = output_col(a.wave, col);
    return shown;
  }

 private:
  [[nodiscard]] std::size_t elements() const {
    return static_cast<std::size_t>(array_.rows * array_.cols);
  }
  [[nodiscard]] std::size_t at(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * array_.cols + col);
  }

  void clock() {
    step();
    if (observer_ != nullptr) observer_->clock(cycle_, *this);
  }

  [[nodiscard]] std::int64_t output_row(std::int64_t wave, std::int64_t row) const {
    return wave / ceil_div(n_, array_.cols) * array_.rows + row;
  }
  [[nodiscard]] std::int64_t output_col(std::int64_t wave, std::int64_t col) const {
    return wave % ceil_div(n_, array_.cols) * array_.cols + col;
  }

  /// One clock: registers move, the edges take new words, every element with two words works.
  void step() {
    for (std::int64_t row = 0; row < array_.rows; ++row) {
      for (std::int64_t col = array_.cols - 1; col > 0; --col)
        std::swap(a_[at(row, col)], a_[at(row, col - 1)]);
      a_[at(row, 0)] = enter(row, true);
    }
    for (std::int64_t col = 0; col < array_.cols; ++col) {
      for (std::int64_t row = array_.rows - 1; row > 0; --row)
        std::swap(w_[at(row, col)], w_[at(row - 1, col)]);
      w_[at(0, col)] = enter(col, false);
    }
    for (std::int64_t row = 0; row < array_.rows; ++row) {
      for (std::int64_t col = 0; col < array_.cols; ++col) work(row, col);
    }
  }

  /// The word that enters lane `index` of an edge in this cycle: lane i is i cycles behind lane 0.
  [[nodiscard]] BeatWord enter(std::int64_t index, bool is_left) const {
    const std::int64_t time = cycle_ - index;
    if (time < 0 || time >= product_.beats) return {};
    const std::int64_t wave = time / beats_;
    const std::int64_t line = is_left ? output_row(wave, index) : output_col(wave, index);
    if (line >= (is_left ? m_ : n_)) return {};
    BeatWord word = (is_left ? left_ : right_).beat(line, time % beats_);
    word.last = time % beats_ == beats_ - 1;
    word.wave = wave;
    return word;
  }

  void work(std::int64_t row, std::int64_t col) {
    const BeatWord& a = a_[at(row, col)];
    const BeatWord& w = w_[at(row, col)];
    if (!a.valid || !w.valid) return;
    promise(a.wave == w.wave && a.pass == w.pass && a.first == w.first,
            "operands of different beats met in an element");
    const std::int64_t output = output_row(a.wave, row) * n_ + output_col(a.wave, col);
    UnitState& state = states_[at(row, col)];
    if (a.first) state = {product_.sums[static_cast<std::size_t>(output)], 0};
    shifts_.clear();
    for (std::size_t i = 0; i < a.shifts.size(); ++i) shifts_.push_back(a.shifts[i] + w.shifts[i]);
    factors_.clear();
    for (std::size_t i = 0; i < a.factors.size(); ++i)
      factors_.push_back(a.factors[i] * w.factors[i]);
    razorsim::step(unit_, plan_, state, {a.codes, w.codes, shifts_, a.pass, a.ends_group, factors_},
                   product_.counters);
    if (!a.last) return;
    product_.sums[static_cast<std::size_t>(output)] = state.accumulator;
    --outstanding_;
  }

  const ArraySpec& array_;
  const UnitSpec& unit_;
  UnitPlan plan_;
  BeatSource left_;
  BeatSource right_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t beats_;
  PeProduct& product_;
  PeObserver* observer_;
  std::vector<BeatWord> a_;
  std::vector<BeatWord> w_;
  std::vector<UnitState> states_;
  std::vector<int> shifts_;
  std::vector<std::int32_t> factors_;
  std::int64_t cycle_ = 0;
  std::int64_t outstanding_ = 0;
};

}  // namespace

void step_output_stationary(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                            const EncodedMatrix& right, PeProduct& product, PeObserver* observer) {
  Stepper(array, unit, left, right, product, observer).run();
}

}  // namespace razorsim
