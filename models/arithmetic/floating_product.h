// SPDX-License-Identifier: Apache-2.0
// The fast product of operands whose sums are FP32: real scales a group, or FP16 elements. Equal to
// the units of units.def bit for bit, on every instruction set.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/unit_plan.h"
#include "models/base/index_range.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// An operand prepared once and multiplied often.
class FloatingOperand {
 public:
  FloatingOperand() = default;
  explicit FloatingOperand(const EncodedMatrix& matrix);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t k() const { return k_; }
  /// Integers as the multipliers take them; of FP16 the codes.
  [[nodiscard]] const std::int16_t* row(std::int64_t row) const {
    return elements_.data() + row * k_;
  }
  /// Scale of the group that element `k` of a row is in; 1 where the format has none.
  [[nodiscard]] double scale(std::int64_t row, std::int64_t k) const {
    if (scales_.empty()) return 1;
    return scales_[static_cast<std::size_t>(row * groups_per_row_ + k / group_)];
  }
  [[nodiscard]] std::int64_t group() const { return scales_.empty() ? k_ : group_; }

 private:
  std::int64_t rows_ = 0;
  std::int64_t k_ = 0;
  std::int64_t group_ = 1;
  std::int64_t groups_per_row_ = 0;
  std::vector<std::int16_t> elements_;
  std::vector<double> scales_;
};

/// c (m.size() x n.size(), FP32 bits) = the accumulators of a[m, k] * w[n, k] transposed, or what
/// they become from there with `accumulate`. `k` begins where a beat does. `plan` is floating and
/// has one pass; `threads` changes the time only.
void multiply_floating(const UnitPlan& plan, const FloatingOperand& a, IndexRange m,
                       const FloatingOperand& w, IndexRange n, IndexRange k,
                       MatrixView<std::int64_t> c, bool accumulate = false, int threads = 1);

}  // namespace razorsim
