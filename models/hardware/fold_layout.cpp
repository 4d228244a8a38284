// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/fold_layout.h"

#include <algorithm>

namespace razorsim {

FoldLayout::FoldLayout(const UnitPlan& plan, std::int64_t rows)
    : per_element_(plan.products_per_beat), blocks_(rows) {
  reach_ = per_element_;
  if (plan.shifts && !plan.scalar) {
    per_element_ = std::int64_t{plan.group} * plan.shifters();
    beats_ = plan.beats_per_group();
    reach_ = plan.group;
  } else if (plan.shares_shifter) {
    block_ = std::min<std::int64_t>(rows, plan.group);
    blocks_ = std::max<std::int64_t>(1, rows / plan.group);
    reach_ = block_;
  }
  depth_ = per_element_ * block_ * blocks_;
  span_ = plan.shares_shifter ? std::max<std::int64_t>(depth_, plan.group) : depth_;
}

std::int64_t FoldLayout::folds(std::int64_t k) const {
  return k / span_ * ceil_div(span_, depth_) + ceil_div(k % span_, depth_);
}

IndexRange FoldLayout::fold(std::int64_t index, std::int64_t k) const {
  const std::int64_t parts = ceil_div(span_, depth_);
  const std::int64_t begin = index / parts * span_ + index % parts * depth_;
  return {begin, std::min({begin + depth_, (index / parts + 1) * span_, k})};
}

std::array<FoldLayout::SizeClass, 3> FoldLayout::sizes(std::int64_t k) const {
  const std::int64_t spans = k / span_;
  const std::int64_t tail = k % span_;
  return {{{spans * (span_ / depth_) + tail / depth_, depth_},
           {span_ % depth_ == 0 ? 0 : spans, span_ % depth_},
           {tail % depth_ == 0 ? 0 : 1, tail % depth_}}};
}

std::int64_t FoldLayout::additions(std::int64_t k) const {
  std::int64_t sum = 0;
  for (const SizeClass& each : sizes(k)) sum += each.count * ceil_div(each.size, reach_);
  return sum;
}

std::int64_t FoldLayout::groups_read(std::int64_t k, std::int64_t group) const {
  if (depth_ % group == 0) return ceil_div(k, group);
  if (group % span_ == 0) return folds(k);  // each within one group
  std::int64_t groups = 0;
  for (std::int64_t f = 0; f < folds(k); ++f) {
    const IndexRange range = fold(f, k);
    groups += ceil_div(range.end, group) - range.begin / group;
  }
  return groups;
}

FoldedOrder order_of(const ArraySpec& array, const UnitPlan& plan, std::int64_t k) {
  FoldedOrder order;
  if (array.dataflow == Dataflow::output_stationary) return order;
  const FoldLayout layout(plan, array.rows);
  for (std::int64_t f = 0; f < layout.folds(k); ++f) order.folds.push_back(layout.fold(f, k));
  order.reach = layout.reach();
  order.weights_stay = array.dataflow == Dataflow::weight_stationary;
  return order;
}

}  // namespace razorsim
