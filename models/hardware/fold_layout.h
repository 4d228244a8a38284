// SPDX-License-Identifier: Apache-2.0
// How an array in which one operand stays lays K along its rows: what an element holds, which rows
// share a shift unit, and the folds that K is cut into.
#pragma once

#include <array>
#include <cstdint>

#include "models/arithmetic/saturating.h"
#include "models/arithmetic/unit_plan.h"
#include "models/base/index_range.h"
#include "models/hardware/specs.h"

namespace razorsim {

/// An element holds `per_element` consecutive k of one line of the operand that stays: a group or
/// several (dot units), one (scalar units). Rows are stacked in blocks: a sum leaves each block
/// shifted, so a dot unit or a full element is a block of its own, while lean elements hand their
/// group sum down the rows of a group to one shift-add. A fold is what all rows hold at once. With
/// fewer lean rows than a group has elements, a fold is a part of one group: the group's flags are
/// read again with each part, which is exact because the shift is linear.
class FoldLayout {
 public:
  FoldLayout(const UnitPlan& plan, std::int64_t rows);

  [[nodiscard]] std::int64_t per_element() const { return per_element_; }
  /// Beats an element takes for what it holds, in one pass.
  [[nodiscard]] std::int64_t beats() const { return beats_; }
  [[nodiscard]] std::int64_t block() const { return block_; }           ///< rows of a block
  [[nodiscard]] std::int64_t blocks() const { return blocks_; }         ///< of the array
  [[nodiscard]] std::int64_t rows() const { return block_ * blocks_; }  ///< that are ever used
  [[nodiscard]] std::int64_t depth() const { return depth_; }           ///< k of a fold at most

  /// k that one addition to a partial sum covers at most.
  [[nodiscard]] std::int64_t reach() const { return reach_; }

  [[nodiscard]] std::int64_t folds(std::int64_t k) const;
  [[nodiscard]] IndexRange fold(std::int64_t index, std::int64_t k) const;
  /// Folds of k by size, so that sums over folds need no loop.
  struct SizeClass {
    std::int64_t count = 0;
    std::int64_t size = 0;
  };
  [[nodiscard]] std::array<SizeClass, 3> sizes(std::int64_t k) const;

  /// Cycles to shift a fold of `size` k in from the top, one word an element and beat; a block is
  /// filled up with zeros, since its flag stands with its last word.
  [[nodiscard]] std::int64_t load_cycles(std::int64_t size) const {
    return ceil_div(size, per_element_ * block_) * block_ * beats_;
  }
  /// Cycles by which row `row` works behind row 0: its place in its block, and a cycle a block for
  /// the partial sum's register.
  [[nodiscard]] std::int64_t lag(std::int64_t row) const { return row % block_ + row / block_; }
  [[nodiscard]] std::int64_t last_lag() const { return lag(rows() - 1); }
  /// Additions to one output's partial sum over all of k, in one pass.
  [[nodiscard]] std::int64_t additions(std::int64_t k) const;
  /// Flags of groups of `group` that one line reads for k: a group cut by folds reads again.
  [[nodiscard]] std::int64_t groups_read(std::int64_t k, std::int64_t group) const;

 private:
  std::int64_t per_element_;
  std::int64_t beats_ = 1;
  std::int64_t block_ = 1;
  std::int64_t blocks_;
  std::int64_t depth_;
  std::int64_t span_;  ///< no fold crosses a multiple of it
  std::int64_t reach_;
};

/// The order in which `array` adds up a tile of k.
[[nodiscard]] FoldedOrder order_of(const ArraySpec& array, const UnitPlan& plan, std::int64_t k);

}  // namespace razorsim
