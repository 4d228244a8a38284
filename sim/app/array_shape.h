// SPDX-License-Identifier: Apache-2.0
// Rows and columns of an array that costs a given amount.
#pragma once

#include <cstdint>
#include <functional>

namespace razorsim {

struct ArrayShape {
  std::int64_t rows = 1;
  std::int64_t columns = 1;

  bool operator==(const ArrayShape&) const = default;
};

/// The shape whose `cost`, which rises with the columns, is nearest to `target`; of all within 1 %
/// of it the one most like `own`. Rows over columns stay within a factor of 1.5 of `own`'s where
/// any such shape exists; both are at most 1024.
[[nodiscard]] ArrayShape shape_for(const ArrayShape& own, double target,
                                   const std::function<double(const ArrayShape&)>& cost);

}  // namespace razorsim
