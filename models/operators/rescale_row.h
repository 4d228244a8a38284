// SPDX-License-Identifier: Apache-2.0
// Inside rescale: one element, and a row of them by vectors. Users include rescale.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace razorsim {

[[nodiscard]] inline float rescaled(std::int64_t accumulator, float scale_a, float scale_w) {
  return static_cast<float>(accumulator) * (scale_a * scale_w);
}

/// The same for `count` elements of a row; `w` has one scale for all or one each. Equal in every
/// bit on every instruction set.
void rescale_row(const std::int64_t* from, float a, const float* w, bool one_w, float* to,
                 std::size_t count);

}  // namespace razorsim
