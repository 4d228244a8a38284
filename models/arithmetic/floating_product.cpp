// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/floating_product.h"

#include <algorithm>
#include <thread>

#include "models/arithmetic/floating_kernel.h"
#include "models/arithmetic/fp32_datapath.h"
#include "models/arithmetic/group_scales.h"
#include "models/base/errors.h"

namespace razorsim {
namespace {

using floating_kernel::columns;
constexpr std::int64_t macs_worth_a_thread = std::int64_t{1} << 20;

/// One thread's columns.
void multiply_serial(const UnitPlan& plan, const FloatingOperand& a, IndexRange m,
                     const FloatingOperand& w, IndexRange n, IndexRange k,
                     MatrixView<std::int64_t> c, bool accumulate) {
  const std::int64_t panels = ceil_div(n.size(), columns);
  std::vector<float> sums(static_cast<std::size_t>(panels * columns * m.size()), 0.0F);
  const auto at = [&](std::int64_t row, std::int64_t col) -> float& {
    return sums[static_cast<std::size_t>((col / columns * m.size() + row) * columns +
                                         col % columns)];
  };
  if (accumulate) {
    for (std::int64_t row = 0; row < m.size(); ++row) {
      for (std::int64_t col = 0; col < n.size(); ++col)
        at(row, col) = datapath::as_fp32(c(row, col));
    }
  }
  // A slab of whole terms that keeps a panel of the right operand in the first-level cache.
  const std::int64_t slab = round_up<std::int64_t>(64, plan.group);
  for (std::int64_t from = k.begin; from < k.end; from += slab) {
    const IndexRange part{from, std::min(from + slab, k.end)};
    const bool fp16 = plan.plane_bits_a == 0;
    const floating_kernel::Job job{a, m, w, n, part, plan.group, sums.data()};
    fp16 ? floating_kernel::add_fp16(job) : floating_kernel::add_scaled(job);
  }
  for (std::int64_t row = 0; row < m.size(); ++row) {
    for (std::int64_t col = 0; col < n.size(); ++col) c(row, col) = datapath::bits_of(at(row, col));
  }
}

}  // namespace

FloatingOperand::FloatingOperand(const EncodedMatrix& matrix)
    : rows_(matrix.rows), k_(matrix.cols), elements_(fixed_point_elements(matrix)) {
  const GroupScales scales = group_scales(matrix);
  if (scales.exponents.empty()) return;
  group_ = matrix.format.group;
  groups_per_row_ = matrix.groups_per_row();
  for (std::size_t i = 0; i < scales.exponents.size(); ++i) {
    const int significand = scales.significands.empty() ? 1 : scales.significands[i];
    scales_.push_back(significand * power_of_two(scales.exponents[i]));
  }
}

void multiply_floating(const UnitPlan& plan, const FloatingOperand& a, IndexRange m,
                       const FloatingOperand& w, IndexRange n, IndexRange k,
                       MatrixView<std::int64_t> c, bool accumulate, int threads) {
  promise(plan.floating && plan.passes() == 1, "a floating product has one pass");
  promise(k.begin % plan.group == 0 && 0 <= m.begin && m.end <= a.rows() && 0 <= n.begin &&
              n.end <= w.rows() && k.end <= a.k() && k.end <= w.k() && c.rows() == m.size() &&
              c.cols() == n.size(),
          "a product's ranges leave its operands, or cut a group");
  if (c.empty()) return;
  const std::int64_t macs = m.size() * n.size() * k.size();
  const std::int64_t shares = std::clamp<std::int64_t>(
      std::min(macs / macs_worth_a_thread, ceil_div(n.size(), columns)), 1, std::max(threads, 1));
  const std::int64_t width = round_up(ceil_div(n.size(), shares), columns);
  std::vector<std::jthread> helpers;
  for (std::int64_t from = n.begin; from < n.end; from += width) {
    const IndexRange part{from, std::min(from + width, n.end)};
    const MatrixView<std::int64_t> out = c.block(0, from - n.begin, m.size(), part.size());
    const auto work = [=, &plan, &a, &w] {
      multiply_serial(plan, a, m, w, part, k, out, accumulate);
    };
    part.end < n.end ? static_cast<void>(helpers.emplace_back(work)) : work();
  }
}

}  // namespace razorsim
