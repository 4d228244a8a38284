// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/arithmetic/sdr_datapath.h"
#include "models/arithmetic/sdr_rows.h"
#include "models/hardware/pe_scalar.h"

namespace razorsim {
namespace {

/// A group in one pass: what an element adds up before its sum goes through the shifter.
struct Visit {
  std::int64_t group = 0;
  std::int64_t size = 0;
  int plane_a = 0;
  int plane_w = 0;
  bool first_pass = true;
};

/// A lane of an edge: what enters there, one code a cycle.
struct Lane {
  const std::int8_t* next = nullptr;
  const std::int8_t* end = nullptr;  ///< of the visit
  std::int64_t visit = 0;            ///< that follows, over all waves
};

/// The lines of one wave.
struct Wave {
  std::int64_t row = 0;
  std::int64_t col = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

class Stepper {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, PeProduct& product)
      : rows_(array.rows),
        cols_(array.cols),
        plan_(plan(unit, left.format, right.format)),
        form_{unit.accumulator_bits, unit.accumulator_overflow},
        left_(left, plan_.plane_bits_a, plan_.group),
        right_(right, plan_.plane_bits_w, plan_.group),
        m_(left.rows),
        n_(right.rows),
        product_(product),
        no_codes_(static_cast<std::size_t>(plan_.group)),
        left_lanes_(static_cast<std::size_t>(rows_)),
        right_lanes_(static_cast<std::size_t>(cols_)),
        a_(rows_, cols_),
        w_(rows_, cols_),
        sums_(rows_, cols_),
        accumulators_(static_cast<std::size_t>((rows_ + cols_) * rows_)),
        clocks_(static_cast<std::size_t>(rows_)) {
    for (std::int64_t group = 0; group < left_.groups(); ++group) {
      const std::int64_t size =
          std::min<std::int64_t>(plan_.group, left.cols - group * plan_.group);
      for (int pass = 0; pass < plan_.passes(); ++pass)
        visits_.push_back({group, size, pass / plan_.planes_w, pass % plan_.planes_w, pass == 0});
    }
    waves_ = ceil_div(m_, rows_) * ceil_div(n_, cols_);
  }

  void run() {
    product_.beats = waves_ * static_cast<std::int64_t>(visits_.size()) * plan_.group;
    outputs_left_ = m_ * n_;
    while (outputs_left_ > 0) clock();
    product_.skew = cycle_ - product_.beats + plan_.latency_cycles;
  }

 private:
  [[nodiscard]] Wave wave(std::int64_t index) const {
    const std::int64_t n_waves = ceil_div(n_, cols_);
    const std::int64_t row = index / n_waves * rows_;
    const std::int64_t col = index % n_waves * cols_;
    return {row, col, std::min(rows_, m_ - row), std::min(cols_, n_ - col)};
  }

  void clock() {
    // Rows of w go one down: the registers stay where they are, and the rows' numbers turn.
    top_ = top_ == 0 ? rows_ - 1 : top_ - 1;
    std::int8_t* top = w_.row(top_);
    for (std::int64_t col = 0; col < cols_; ++col) top[col] = enter(col, false);
    a_.shift();
    for (std::int64_t row = 0; row < rows_; ++row) {
      std::int8_t* a = a_.row(row);
      a[0] = enter(row, true);
      const std::int64_t w_row = top_ + row < rows_ ? top_ + row : top_ + row - rows_;
      clocks_[static_cast<std::size_t>(row)] = {a, w_.row(w_row), sums_.row(row), sums_.row(row)};
    }
    clock_rows(clocks_, cols_);
    // Elements on one diagonal are at the same beat: those at the end of a group add it up.
    for (std::int64_t diagonal = (cycle_ + 1) % plan_.group; diagonal < rows_ + cols_ - 1;
         diagonal += plan_.group)
      end_group(diagonal);
    ++cycle_;
  }

  /// What enters lane `index` of an edge: line after line of the waves, each `index` cycles behind
  /// lane 0.
  std::int8_t enter(std::int64_t index, bool is_left) {
    Lane& lane = (is_left ? left_lanes_ : right_lanes_)[static_cast<std::size_t>(index)];
    if (lane.next == lane.end) {
      if (cycle_ < index) return 0;
      const auto visits = static_cast<std::int64_t>(visits_.size());
      if (lane.visit == waves_ * visits) return 0;
      const Visit& visit = visits_[static_cast<std::size_t>(lane.visit % visits)];
      const Wave at = wave(lane.visit / visits);
      ++lane.visit;
      const std::int64_t from = visit.group * plan_.group;
      if (index >= (is_left ? at.rows : at.cols)) {
        lane.next = no_codes_.data();
      } else {
        lane.next = from + (is_left ? left_.codes(visit.plane_a, at.row + index)
                                    : right_.codes(visit.plane_w, at.col + index));
      }
      lane.end = lane.next + plan_.group;
    }
    return *lane.next++;
  }

  void end_group(std::int64_t diagonal) {
    const std::int64_t beat = cycle_ - diagonal;
    const auto visits = static_cast<std::int64_t>(visits_.size());
    if (beat < 0 || beat >= product_.beats) return;
    const std::int64_t index = beat / plan_.group % visits;
    const Visit& visit = visits_[static_cast<std::size_t>(index)];
    const Wave at = wave(beat / plan_.group / visits);
    const std::int64_t begin = std::max<std::int64_t>(0, diagonal - at.cols + 1);
    const std::int64_t end = std::min(at.rows, diagonal + 1);
    const std::uint8_t* left = left_.shifts(visit.plane_a, visit.group) + at.row;
    const std::uint8_t* right = right_.shifts(visit.plane_w, visit.group) + at.col + diagonal;
    std::int64_t* accumulators = accumulators_.data() + diagonal * rows_;
    std::int64_t* outputs = product_.sums.data() + at.row * n_ + at.col + diagonal;
    if (index == 0) {
      for (std::int64_t row = begin; row < end; ++row) accumulators[row] = outputs[row * (n_ - 1)];
    }
    for (std::int64_t row = begin; row < end; ++row) {
      std::int16_t& sum = sums_.at(row, diagonal - row);
      const std::int64_t shifted = datapath::barrel_shift(sum, left[row] + right[-row]);
      if (form_.add(accumulators[row], shifted)) ++product_.counters.overflows;
      sum = 0;
    }
    const std::int64_t ends = std::max<std::int64_t>(0, end - begin);
    product_.counters.products += ends * visit.size;
    if (visit.first_pass) product_.counters.macs += ends * visit.size;
    product_.counters.flag_adds += ends;
    product_.counters.group_ends += ends;
    if (index + 1 < visits) return;
    for (std::int64_t row = begin; row < end; ++row) outputs[row * (n_ - 1)] = accumulators[row];
    outputs_left_ -= ends;
  }

  std::int64_t rows_;
  std::int64_t cols_;
  UnitPlan plan_;
  datapath::Accumulator form_;
  ScalarOperand left_;
  ScalarOperand right_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t waves_ = 0;
  PeProduct& product_;
  std::vector<Visit> visits_;
  std::vector<std::int8_t> no_codes_;
  std::vector<Lane> left_lanes_;
  std::vector<Lane> right_lanes_;
  ShiftRows a_;
  RowRegisters<std::int8_t> w_;
  RowRegisters<std::int16_t> sums_;
  std::vector<std::int64_t> accumulators_;  ///< by diagonal and row: neighbours end together
  std::vector<RowClock> clocks_;
  std::int64_t top_ = 0;  ///< row of `w_` that is the array's first
  std::int64_t cycle_ = 0;
  std::int64_t outputs_left_ = 0;
};

}  // namespace

void step_scalar_output_stationary(const ArraySpec& array, const UnitSpec& unit,
                                   const EncodedMatrix& left, const EncodedMatrix& right,
                                   PeProduct& product) {
  Stepper(array, unit, left, right, product).run();
}

}  // namespace razorsim
