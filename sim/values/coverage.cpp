// SPDX-License-Identifier: Apache-2.0
#include "sim/values/coverage.h"

#include <algorithm>

namespace razorsim {
namespace {

bool adjacent(IndexRange a, IndexRange b) { return a.end == b.begin || b.end == a.begin; }

IndexRange joined(IndexRange a, IndexRange b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

/// Joins `next` to `box` where together they are one box; false where they are not.
bool join(Box& box, const Box& next) {
  const bool m = box.m == next.m;
  const bool n = box.n == next.n;
  const bool k = box.k == next.k;
  if (m && n && box.k.end == next.k.begin && !next.first_k) {
    box.k = joined(box.k, next.k);
  } else if (m && k && adjacent(box.n, next.n) && box.first_k == next.first_k) {
    box.n = joined(box.n, next.n);
  } else if (n && k && adjacent(box.m, next.m) && box.first_k == next.first_k) {
    box.m = joined(box.m, next.m);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void Coverage::add(Box box) {
  boxes_.push_back(box);
  while (boxes_.size() > 1 && join(boxes_[boxes_.size() - 2], boxes_.back())) boxes_.pop_back();
}

}  // namespace razorsim
