// SPDX-License-Identifier: Apache-2.0
// The product in accumulators of a given width: the fast kernel where no sum can leave them, the
// canonical order of accumulation, addition by addition, where one could.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/arithmetic/units.h"
#include "models/base/index_range.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Signed bits that hold every prefix of every sum of `k` products of two integer formats:
/// 1 + ceil(log2(largest |a| * largest |w| * k + 1)); 37 for base 16 by base 8 SDR at k = 11008.
/// Throws ConfigError for floating formats.
[[nodiscard]] int accumulator_bits_needed(const FormatSpec& a, const FormatSpec& w, std::int64_t k);

/// True where no order of accumulation can overflow: of FP32 accumulators always, else found from
/// the operands' actual elements: an output is at most (sum of |a| in its row) * (max |w| in its
/// column's row) and the other way round.
[[nodiscard]] bool never_overflows(const UnitSpec& spec, const EncodedMatrix& a,
                                   const EncodedMatrix& w);

/// Where an operand stays in the array, sums of a fold of K are added up on their way down a column
/// (each in a register as wide as the accumulator), a pass at a time, and only the fold's sum is
/// added to the accumulator. No folds: the order told at multiply_by_unit.
struct FoldedOrder {
  std::vector<IndexRange> folds;
  std::int64_t reach = 1;    ///< k that one addition of a fold covers
  bool weights_stay = true;  ///< a fold passes once for each plane of what stays, outermost

  [[nodiscard]] bool folded() const { return !folds.empty(); }
};

/// What multiply_by_unit gives, accumulators, saturations and counters bit for bit, but fast: only
/// outputs whose bound exceeds the accumulator are added up one group at a time. `sums` (m x n, or
/// empty for zeros) is what the accumulators hold before. Order and counts do not depend on
/// `threads`.
[[nodiscard]] UnitProduct multiply_on_unit(const UnitSpec& spec, const EncodedMatrix& a,
                                           const EncodedMatrix& w, int threads = 1,
                                           const FoldedOrder& order = {},
                                           std::span<const std::int64_t> sums = {});

}  // namespace razorsim
