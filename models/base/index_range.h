// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace razorsim {

/// Half-open range [begin, end) of rows, columns or of the reduction.
struct IndexRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] constexpr std::int64_t size() const { return end - begin; }
  bool operator==(const IndexRange&) const = default;
};

}  // namespace razorsim
