// SPDX-License-Identifier: Apache-2.0
// Operands as the fast products read them, whichever kind of sum their product has.
#pragma once

#include <cstdint>
#include <type_traits>

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
template <class Packed, class... How>
[[nodiscard]] Packed packed_of(const EncodedMatrix& matrix, How... how) {
  if constexpr (std::is_same_v<Packed, PackedLeft>) {
    if (matrix.format.name == "sdr" && matrix.format.group == kernel_group)
      return {matrix.values_view(), matrix.codes_view(), matrix.group_codes.data()};
  }
  return Packed(matrix.values_view(), how...);
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

  /// Makes the form that products with FP32 sums, or with integer sums, read; once. `how` is for
  /// the packed integers.
  template <class... How>
  void prepare(const EncodedMatrix& matrix, bool floating, How... how) {
    if (floating && floating_.rows() == 0) floating_ = FloatingOperand(matrix);
    if (!floating && packed_.rows() == 0) packed_ = packed_of<Packed>(matrix, how...);
  }
  [[nodiscard]] const Packed& packed() const { return packed_; }
  [[nodiscard]] const FloatingOperand& floating() const { return floating_; }

 private:
  Packed packed_;
  FloatingOperand floating_;
};
using LeftFactor = Factor<PackedLeft>;
using RightFactor = Factor<PackedRight>;

/// From which packing on a right factor takes what it is: left ones of `format` multiply that fast.
[[nodiscard]] inline Packing least_packing(const FormatSpec& format) {
  return element_bits(format) <= Bits(8) ? Packing::nibbles : Packing::bytes;
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
