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
  int pass = 0;
};

/// Gives one lane of an edge its codes: nothing for `index` cycles, then line after line of the
/// waves, each group padded to its full length.
class LaneFeed {
 public:
  LaneFeed(std::int64_t index, const ScalarOperand* operand) : wait_(index), operand_(operand) {}

  /// `line_of(wave)` is -1 where the lane has no line in a wave.
  template <class LineOf>
  std::int8_t next(const std::vector<Visit>& visits, std::int64_t waves, std::int64_t group,
                   const std::vector<int>& planes, LineOf&& line_of) {
    if (wait_ > 0) return --wait_, 0;
    if (left_ == 0) {
      if (visit_ == visits.size()) {
        visit_ = 0;
        ++wave_;
      }
      if (wave_ >= waves) return 0;
      const Visit& visit = visits[visit_];
      const std::int64_t line = line_of(wave_);
      at_ = line < 0 ? nullptr
                     : operand_->codes(planes[static_cast<std::size_t>(visit.pass)], line) +
                           visit.group * group;
      codes_ = line < 0 ? 0 : visit.size;
      left_ = group;
      ++visit_;
    }
    --left_;
    if (codes_ == 0) return 0;
    --codes_;
    return *at_++;
  }

 private:
  std::int64_t wait_;
  const ScalarOperand* operand_;
  std::int64_t wave_ = 0;
  std::size_t visit_ = 0;
  std::int64_t left_ = 0;
  std::int64_t codes_ = 0;
  const std::int8_t* at_ = nullptr;
};

class Stepper {
 public:
  Stepper(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
          const EncodedMatrix& right, PeProduct& product)
      : array_(array),
        plan_(plan(unit, left.format, right.format)),
        form_{unit.accumulator_bits, unit.accumulator_overflow},
        left_(left, plan_.plane_bits_a, plan_.group),
        right_(right, plan_.plane_bits_w, plan_.group),
        m_(left.rows),
        n_(right.rows),
        n_waves_(ceil_div(n_, array.cols)),
        waves_(ceil_div(m_, array.rows) * n_waves_),
        product_(product),
        a_(array.rows, array.cols),
        w_(array.rows, array.cols),
        sums_(array.rows, array.cols),
        clocks_(static_cast<std::size_t>(array.rows)) {
    for (std::int64_t group = 0; group < left_.groups(); ++group) {
      const std::int64_t size =
          std::min<std::int64_t>(plan_.group, left.cols - group * plan_.group);
      for (int pass = 0; pass < plan_.passes(); ++pass) visits_.push_back({group, size, pass});
    }
    for (int pass = 0; pass < plan_.passes(); ++pass) {
      planes_a_.push_back(pass / plan_.planes_w);
      planes_w_.push_back(pass % plan_.planes_w);
    }
    for (std::int64_t row = 0; row < array.rows; ++row) rows_.emplace_back(row, &left_);
    for (std::int64_t col = 0; col < array.cols; ++col) cols_.emplace_back(col, &right_);
  }

  void run() {
    product_.beats = waves_ * static_cast<std::int64_t>(visits_.size()) * plan_.group;
    outputs_left_ = m_ * n_;
    while (outputs_left_ > 0) clock();
    product_.skew = cycle_ - product_.beats + plan_.latency_cycles;
  }

 private:
  void clock() {
    // Rows of w go one down: the registers stay where they are, and the rows' numbers turn.
    top_ = top_ == 0 ? array_.rows - 1 : top_ - 1;
    for (std::int64_t col = 0; col < array_.cols; ++col) {
      w_.at(top_, col) = cols_[static_cast<std::size_t>(col)].next(
          visits_, waves_, plan_.group, planes_w_, [&](std::int64_t wave) {
            const std::int64_t line = wave % n_waves_ * array_.cols + col;
            return line < n_ ? line : -1;
          });
    }
    for (std::int64_t row = 0; row < array_.rows; ++row) {
      const std::int8_t entering = rows_[static_cast<std::size_t>(row)].next(
          visits_, waves_, plan_.group, planes_a_, [&](std::int64_t wave) {
            const std::int64_t line = wave / n_waves_ * array_.rows + row;
            return line < m_ ? line : -1;
          });
      const std::int64_t w_row = top_ + row < array_.rows ? top_ + row : top_ + row - array_.rows;
      clocks_[static_cast<std::size_t>(row)] = {a_.row(row), entering, w_.row(w_row),
                                                sums_.row(row), sums_.row(row)};
    }
    clock_rows(clocks_, array_.cols);
    // Elements on one diagonal are at the same beat: those at the end of a group add it up.
    for (std::int64_t diagonal = (cycle_ + 1) % plan_.group;
         diagonal < array_.rows + array_.cols - 1; diagonal += plan_.group)
      end_group(diagonal);
    ++cycle_;
  }

  void end_group(std::int64_t diagonal) {
    const std::int64_t beat = cycle_ - diagonal;
    const auto visits = static_cast<std::int64_t>(visits_.size());
    if (beat < 0 || beat >= product_.beats) return;
    const std::int64_t index = beat / plan_.group;
    const std::int64_t wave = index / visits;
    const Visit& visit = visits_[static_cast<std::size_t>(index % visits)];
    const std::int64_t first_line = wave / n_waves_ * array_.rows;
    const std::int64_t first_col = wave % n_waves_ * array_.cols;
    const std::int64_t rows = std::min(array_.rows, m_ - first_line);
    const std::int64_t cols = std::min(array_.cols, n_ - first_col);
    const std::int64_t begin = std::max<std::int64_t>(0, diagonal - cols + 1);
    const std::int64_t end = std::min(rows, diagonal + 1);
    const int plane_a = planes_a_[static_cast<std::size_t>(visit.pass)];
    const int plane_w = planes_w_[static_cast<std::size_t>(visit.pass)];
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t col = diagonal - row;
      const int shift = left_.shifts(plane_a, first_line + row)[visit.group] +
                        right_.shifts(plane_w, first_col + col)[visit.group];
      std::int16_t& sum = sums_.at(row, col);
      // An element's accumulator is that of its output from the wave's first beat to its last.
      std::int64_t& accumulator =
          product_.sums[static_cast<std::size_t>((first_line + row) * n_ + first_col + col)];
      if (form_.add(accumulator, datapath::barrel_shift(sum, shift))) ++product_.counters.overflows;
      sum = 0;
    }
    const std::int64_t ends = std::max<std::int64_t>(0, end - begin);
    product_.counters.products += ends * visit.size;
    if (visit.pass == 0) product_.counters.macs += ends * visit.size;
    product_.counters.flag_adds += ends;
    product_.counters.group_ends += ends;
    if (index % visits == visits - 1) outputs_left_ -= ends;
  }

  const ArraySpec& array_;
  UnitPlan plan_;
  datapath::Accumulator form_;
  ScalarOperand left_;
  ScalarOperand right_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t n_waves_;
  std::int64_t waves_;
  PeProduct& product_;
  std::vector<Visit> visits_;
  std::vector<int> planes_a_;  ///< by pass
  std::vector<int> planes_w_;
  std::vector<LaneFeed> rows_;
  std::vector<LaneFeed> cols_;
  RowRegisters<std::int8_t> a_;
  RowRegisters<std::int8_t> w_;
  RowRegisters<std::int16_t> sums_;
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
