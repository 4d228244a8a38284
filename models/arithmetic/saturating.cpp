// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/saturating.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>

#include "models/arithmetic/floating_product.h"
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/operand_planes.h"
#include "models/arithmetic/sdr_datapath.h"
#include "models/base/errors.h"
#include "models/formats/format.h"

namespace razorsim {
namespace {

/// Sum and maximum of |element| of each row.
struct RowBounds {
  std::vector<std::int64_t> sums;
  std::vector<std::int64_t> largest;

  explicit RowBounds(const EncodedMatrix& matrix) {
    for (std::int64_t row = 0; row < matrix.rows; ++row) {
      std::int64_t sum = 0;
      std::int64_t most = 0;
      for (const std::int16_t element : matrix.values_view().row(row)) {
        sum += std::abs(element);
        most = std::max<std::int64_t>(most, std::abs(element));
      }
      sums.push_back(sum);
      largest.push_back(most);
    }
  }
};

std::int64_t bound_of(const RowBounds& a, std::size_t row, const RowBounds& w, std::size_t col) {
  return std::min(a.sums[row] * w.largest[col], a.largest[row] * w.sums[col]);
}

/// One output, addition by addition, in the order told at multiply_by_unit.
class InOrder {
 public:
  InOrder(const UnitSpec& spec, const UnitPlan& plan, const FoldedOrder& order,
          const EncodedMatrix& a, const EncodedMatrix& w)
      : plan_(plan),
        order_(order),
        form_{spec.accumulator_bits, spec.accumulator_overflow},
        k_(a.cols),
        a_(a, plan.plane_bits_a),
        w_(w, plan.plane_bits_w) {}

  /// Adds output (row, col) to `accumulator`.
  void operator()(std::int64_t row, std::int64_t col, std::int64_t& accumulator,
                  std::int64_t& overflows) const {
    if (order_.folded()) return fold_by_fold(row, col, accumulator, overflows);
    const std::int64_t span = std::int64_t{plan_.group} * plan_.shifters();
    if (plan_.shifts) {
      for (std::int64_t k = 0; k < k_; k += span) {
        for (int pass = 0; pass < plan_.passes(); ++pass) {
          overflows += add(accumulator, row, col, {k, k + span}, plan_.group, pass);
        }
      }
    } else {
      for (int pass = 0; pass < plan_.passes(); ++pass) {
        overflows += add(accumulator, row, col, {0, k_}, plan_.group, pass);
      }
    }
  }

 private:
  void fold_by_fold(std::int64_t row, std::int64_t col, std::int64_t& accumulator,
                    std::int64_t& overflows) const {
    for (const IndexRange& fold : order_.folds) {
      for (int turn = 0; turn < plan_.passes(); ++turn) {
        const int pass = order_.weights_stay
                             ? turn % plan_.planes_a * plan_.planes_w + turn / plan_.planes_a
                             : turn;
        std::int64_t partial = 0;
        overflows += add(partial, row, col, fold, order_.reach, pass);
        overflows += form_.add(accumulator, partial) ? 1 : 0;
      }
    }
  }

  /// Adds the sums of `reach` products each, over a range of k of one plane pair.
  std::int64_t add(std::int64_t& accumulator, std::int64_t row, std::int64_t col, IndexRange range,
                   std::int64_t reach, int pass) const {
    const int plane_a = pass / plan_.planes_w;
    const int plane_w = pass % plan_.planes_w;
    std::int64_t overflows = 0;
    const std::int64_t end = std::min(range.end, k_);
    for (std::int64_t k = range.begin; k < end; k += reach) {
      const std::int64_t last = std::min(k + reach, end);
      const std::int32_t sum =
          datapath::dot(a_.codes(plane_a, row, k, last).data(),
                        w_.codes(plane_w, col, k, last).data(), static_cast<int>(last - k));
      const int shift = a_.shift(plane_a, row, k) + w_.shift(plane_w, col, k);
      overflows += form_.add(accumulator, datapath::barrel_shift(sum, shift)) ? 1 : 0;
    }
    return overflows;
  }

  UnitPlan plan_;
  const FoldedOrder& order_;
  datapath::Accumulator form_;
  std::int64_t k_;
  OperandPlanes a_;
  OperandPlanes w_;
};

}  // namespace

int accumulator_bits_needed(const FormatSpec& a, const FormatSpec& w, std::int64_t k) {
  promise(is_integer(a) && is_integer(w), "accumulator bits are asked of integer formats");
  const auto worst =
      static_cast<std::uint64_t>(traits_of(a).largest_value * traits_of(w).largest_value * k);
  return 1 + static_cast<int>(std::bit_width(worst));
}

bool never_overflows(const UnitSpec& spec, const EncodedMatrix& a, const EncodedMatrix& w) {
  if (plan(spec, a.format, w.format).floating) return true;
  const RowBounds left(a);
  const RowBounds right(w);
  const auto largest = [](const std::vector<std::int64_t>& bounds) {
    return bounds.empty() ? 0 : *std::max_element(bounds.begin(), bounds.end());
  };
  const datapath::Accumulator form{spec.accumulator_bits, spec.accumulator_overflow};
  return std::min(largest(left.sums) * largest(right.largest),
                  largest(left.largest) * largest(right.sums)) <= form.largest();
}

UnitProduct multiply_on_unit(const UnitSpec& spec, const EncodedMatrix& a, const EncodedMatrix& w,
                             int threads, const FoldedOrder& order,
                             std::span<const std::int64_t> sums) {
  promise(a.cols == w.cols, "operands of a product differ in k");
  const UnitPlan how = plan(spec, a.format, w.format);
  UnitProduct product;
  product.accumulators.assign(sums.begin(), sums.end());
  product.accumulators.resize(static_cast<std::size_t>(a.rows * w.rows));
  product.counters = count(how, a.rows, w.rows, a.cols);
  const std::vector<std::int64_t> before = product.accumulators;
  const MatrixView<const std::int64_t> start(before.data(), a.rows, w.rows);
  const MatrixView<std::int64_t> c(product.accumulators.data(), a.rows, w.rows);
  if (how.floating) {
    promise(!order.folded(), "FP32 sums are not folded");
    if (how.passes() > 1) {  // wider than any scheme's by name
      promise(sums.empty(), "a wide product with scales a group starts at zero");
      return multiply_by_unit(spec, a, w);
    }
    multiply_floating(how, FloatingOperand(a), {0, a.rows}, FloatingOperand(w), {0, w.rows},
                      {0, a.cols}, c, true, threads);
    return product;
  }
  multiply(PackedLeft(a.values_view()), {0, a.rows}, PackedRight(w.values_view()), {0, w.rows},
           {0, a.cols}, c, true, threads);

  const datapath::Accumulator form{spec.accumulator_bits, spec.accumulator_overflow};
  const RowBounds left(a);
  const RowBounds right(w);
  std::optional<InOrder> in_order;  // planes cost memory and time: only where one output needs them
  for (std::int64_t row = 0; row < a.rows; ++row) {
    for (std::int64_t col = 0; col < w.rows; ++col) {
      const auto bound = std::abs(start(row, col)) + bound_of(left, static_cast<std::size_t>(row),
                                                              right, static_cast<std::size_t>(col));
      if (bound <= form.largest()) continue;
      if (!in_order) in_order.emplace(spec, how, order, a, w);
      c(row, col) = start(row, col);
      (*in_order)(row, col, c(row, col), product.counters.overflows);
    }
  }
  return product;
}

}  // namespace razorsim
