// SPDX-License-Identifier: Apache-2.0
// Operands as the fast products read them, whichever kind of sum their product has.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "models/arithmetic/floating_product.h"
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/unit_plan.h"
#include "models/base/index_range.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "models/formats/format.h"

namespace razorsim {

/// Integers packed as kernel.h has it. What razoring has found out about left ones is not looked
/// for again.
[[nodiscard]] inline PackedLeft packed_left(const EncodedMatrix& matrix, IndexRange rows) {
  const auto part = [&](auto whole) {
    return whole.block(rows.begin, 0, rows.size(), whole.cols());
  };
  if (matrix.format.name != "sdr" || matrix.format.group != kernel_group)
    return PackedLeft(part(matrix.values_view()));
  return {part(matrix.values_view()), part(matrix.codes_view()),
          matrix.group_codes.data() + rows.begin * matrix.groups_per_row()};
}

/// One operand: packed integers for integer sums, elements and scales for FP32 sums. An operand of
/// both kinds of product has both.
template <class Packed>
class Factor {
 public:
  Factor() = default;
  template <class... How>
  Factor(const EncodedMatrix& matrix, bool floating, How... how) {
    prepare(matrix, floating, how...);
  }
  /// Of integers packed already.
  explicit Factor(Packed packed) : packed_(std::move(packed)) {}

  /// Makes the form that products with FP32 sums, or with integer sums, read; once. `how` is for
  /// the packed integers.
  template <class... How>
  void prepare(const EncodedMatrix& matrix, bool floating, How... how) {
    if (floating && floating_.rows() == 0) floating_ = FloatingOperand(matrix);
    if (floating || packed_.rows() > 0) return;
    if constexpr (std::is_same_v<Packed, PackedLeft>) {
      packed_ = packed_left(matrix, {0, matrix.rows});
    } else {
      packed_ = Packed(matrix.values_view(), how...);
    }
  }
  [[nodiscard]] const Packed& packed() const { return packed_; }
  [[nodiscard]] const FloatingOperand& floating() const { return floating_; }

 private:
  Packed packed_;
  FloatingOperand floating_;
};
using LeftFactor = Factor<PackedLeft>;
using RightFactor = Factor<PackedRight>;

/// From which packing on a right factor takes what it is: left ones of `format`, few rows of them
/// or many, multiply that fast.
[[nodiscard]] inline Packing least_packing(const FormatSpec& format, bool few_rows = false) {
  return few_rows || element_bits(format) <= Bits(8) ? Packing::nibbles : Packing::bytes;
}

/// c = (or with `accumulate` +=) a[m, k] * w[n, k] transposed as accumulators of `plan` hold it,
/// where no accumulator can overflow; `beside` as in kernel.h.
inline void multiply(const UnitPlan& plan, const LeftFactor& a, IndexRange m, const RightFactor& w,
                     IndexRange n, IndexRange k, MatrixView<std::int64_t> c,
                     bool accumulate = false, int threads = 1,
                     MatrixView<const float> beside = {}) {
  if (plan.floating) {
    multiply_floating(plan, a.floating(), m, w.floating(), n, k, c, accumulate, threads);
  } else {
    multiply(a.packed(), m, w.packed(), n, k, c, accumulate, threads, beside);
  }
}

}  // namespace razorsim
