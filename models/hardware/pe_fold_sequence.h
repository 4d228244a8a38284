// SPDX-License-Identifier: Apache-2.0
// What enters an array in which one operand stays, cycle by cycle, at the corner of row 0 and
// column 0: beats of the operand that moves, words of the one that stays. Everything else follows,
// registers later.
#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/encoded_matrix.h"
#include "models/hardware/fold_layout.h"

namespace razorsim {

/// What the array holds at once: one plane of a range of K of one wave of lines.
struct Fold {
  std::int64_t wave = 0;
  IndexRange k;
  int plane = 0;  ///< of the operand that stays
};

/// Travels one register ahead of the beat it steers.
struct BeatControl {
  bool valid = false;
  bool takes_over = false;  ///< first beat of a fold: what was shifted in goes to work
  std::int64_t fold = 0;
  std::int64_t line = 0;  ///< of the operand that moves
  int plane = 0;          ///< of the operand that moves
  std::int64_t beat = 0;  ///< of what an element holds
};

/// A word that enters a column at the top.
struct LoadControl {
  bool valid = false;
  std::int64_t fold = 0;
  std::int64_t step = 0;
};

/// Which operand stays, and the counts that follow from it.
struct StationaryRoles {
  bool weights_stay = true;
  const EncodedMatrix& still;
  const EncodedMatrix& moving;
  int still_planes = 1;
  int moving_planes = 1;

  StationaryRoles(const ArraySpec& array, const UnitPlan& plan, const EncodedMatrix& left,
                  const EncodedMatrix& right)
      : weights_stay(array.dataflow == Dataflow::weight_stationary),
        still(weights_stay ? right : left),
        moving(weights_stay ? left : right),
        still_planes(weights_stay ? plan.planes_w : plan.planes_a),
        moving_planes(plan.passes() / still_planes) {}

  [[nodiscard]] int pass_of(int still_plane, int moving_plane) const {
    return weights_stay ? moving_plane * still_planes + still_plane
                        : still_plane * moving_planes + moving_plane;
  }
  /// Index of the output of a line that stays and one that moves, row-major.
  [[nodiscard]] std::int64_t output(std::int64_t still_line, std::int64_t moving_line) const {
    return weights_stay ? moving_line * still.rows + still_line
                        : still_line * moving.rows + moving_line;
  }
};

class FoldSequence {
 public:
  FoldSequence(const StationaryRoles& roles, const FoldLayout& layout, std::int64_t cols);

  /// The corner in the next cycle. A fold starts when the one before has passed and its own words
  /// are in place; the load of the next begins with it.
  [[nodiscard]] BeatControl next_beat();
  [[nodiscard]] LoadControl next_load();  ///< in the same cycle, after next_beat()

  [[nodiscard]] const Fold& fold(std::int64_t index) const {
    return folds_[static_cast<std::size_t>(index)];
  }
  /// Sums that reach a column's foot, all columns together.
  [[nodiscard]] std::int64_t sums_at_foot() const { return sums_; }
  [[nodiscard]] std::int64_t first_entry() const { return first_entry_; }  ///< cycle
  [[nodiscard]] std::int64_t last_entry() const { return last_entry_; }

 private:
  const FoldLayout& layout_;
  std::vector<Fold> folds_;
  std::int64_t moving_planes_;
  std::int64_t beats_;  ///< that a fold lets pass
  std::int64_t sums_;
  std::int64_t cycle_ = -1;
  std::int64_t fold_ = 0;     ///< whose beats enter
  std::int64_t entered_ = 0;  ///< of its beats
  std::int64_t loading_ = 0;  ///< whose words enter
  std::int64_t load_step_ = 0;
  std::int64_t loaded_ = -1;  ///< whose words are in place
  std::int64_t first_entry_ = -1;
  std::int64_t last_entry_ = -1;
};

}  // namespace razorsim
