// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/saturating.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>

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
  InOrder(const UnitSpec& spec, const UnitPlan& plan, const EncodedMatrix& a,
          const EncodedMatrix& w)
      : plan_(plan),
        form_{spec.accumulator_bits, spec.accumulator_overflow},
        k_(a.cols),
        a_(a, plan.plane_bits_a),
        w_(w, plan.plane_bits_w) {}

  std::int64_t operator()(std::int64_t row, std::int64_t col, std::int64_t& overflows) const {
    std::int64_t accumulator = 0;
    const std::int64_t span = std::int64_t{plan_.group} * plan_.shifters();
    if (plan_.shifts) {
      for (std::int64_t k = 0; k < k_; k += span) {
        for (int pass = 0; pass < plan_.passes(); ++pass) {
          overflows += add(accumulator, row, col, k, k + span, pass);
        }
      }
    } else {
      for (int pass = 0; pass < plan_.passes(); ++pass) {
        overflows += add(accumulator, row, col, 0, k_, pass);
      }
    }
    return accumulator;
  }

 private:
  /// Adds the group sums of [begin, end) of one plane pair.
  std::int64_t add(std::int64_t& accumulator, std::int64_t row, std::int64_t col,
                   std::int64_t begin, std::int64_t end, int pass) const {
    const int plane_a = pass / plan_.planes_w;
    const int plane_w = pass % plan_.planes_w;
    std::int64_t overflows = 0;
    for (std::int64_t k = begin; k < std::min(end, k_); k += plan_.group) {
      const std::int64_t last = std::min(k + plan_.group, k_);
      const std::int32_t sum =
          datapath::dot(a_.codes(plane_a, row, k, last).data(),
                        w_.codes(plane_w, col, k, last).data(), static_cast<int>(last - k));
      const int shift = a_.shift(plane_a, row, k) + w_.shift(plane_w, col, k);
      overflows += form_.add(accumulator, datapath::barrel_shift(sum, shift)) ? 1 : 0;
    }
    return overflows;
  }

  UnitPlan plan_;
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
                             int threads) {
  promise(a.cols == w.cols, "operands of a product differ in k");
  const UnitPlan how = plan(spec, a.format, w.format);
  UnitProduct product;
  product.accumulators.resize(static_cast<std::size_t>(a.rows * w.rows));
  product.counters = count(how, a.rows, w.rows, a.cols);
  const MatrixView<std::int64_t> c(product.accumulators.data(), a.rows, w.rows);
  multiply(PackedLeft(a.values_view()), PackedRight(w.values_view()), c, threads);

  const datapath::Accumulator form{spec.accumulator_bits, spec.accumulator_overflow};
  const RowBounds left(a);
  const RowBounds right(w);
  std::optional<InOrder> in_order;  // planes cost memory and time: only where one output needs them
  for (std::int64_t row = 0; row < a.rows; ++row) {
    for (std::int64_t col = 0; col < w.rows; ++col) {
      const auto bound =
          bound_of(left, static_cast<std::size_t>(row), right, static_cast<std::size_t>(col));
      if (bound <= form.largest()) continue;
      if (!in_order) in_order.emplace(spec, how, a, w);
      c(row, col) = (*in_order)(row, col, product.counters.overflows);
    }
  }
  return product;
}

}  // namespace razorsim
