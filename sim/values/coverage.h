// SPDX-License-Identifier: Apache-2.0
// Which parts of a product tiles have covered, in as few boxes as their order allows.
#pragma once

#include <vector>

#include "models/base/index_range.h"

namespace razorsim {

/// c[m, n] (+)= a[m, k] w[n, k]; `first_k` starts the sums. A block of a matrix has k = {0, 1}.
struct Box {
  IndexRange m;
  IndexRange n;
  IndexRange k;
  bool first_k = true;

  bool operator==(const Box&) const = default;
};

/// Boxes in the order they came. One that continues the one before it in m, n or k is joined to it,
/// which changes no sum, K going on where it stopped: tiles that walk a product in nested loops end
/// as one box.
class Coverage {
 public:
  void add(Box box);
  void add(IndexRange m, IndexRange n) { add({m, n, {0, 1}, true}); }

  [[nodiscard]] const std::vector<Box>& boxes() const { return boxes_; }

 private:
  std::vector<Box> boxes_;
};

}  // namespace razorsim
