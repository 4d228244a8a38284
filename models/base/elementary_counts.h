// SPDX-License-Identifier: Apache-2.0
// Elementary FP32 operations by kind: what a vector operation is made of and what energy prices.
#pragma once

#include <cstdint>

#include "models/base/fields.h"

namespace razorsim {

struct ElementaryCounts {
  std::int64_t additions = 0;
  std::int64_t multiplications = 0;
  std::int64_t comparisons = 0;
  std::int64_t divisions = 0;
  std::int64_t square_roots = 0;
  std::int64_t exponentials = 0;
  std::int64_t conversions = 0;

  [[nodiscard]] constexpr std::int64_t total() const {
    return additions + multiplications + comparisons + divisions + square_roots + exponentials +
           conversions;
  }
  bool operator==(const ElementaryCounts&) const = default;
};
template <>
inline constexpr auto fields<ElementaryCounts> = field_table<ElementaryCounts>(
    field("additions", &ElementaryCounts::additions, "", non_negative,
          "FP32 additions and subtractions"),
    field("multiplications", &ElementaryCounts::multiplications, "", non_negative,
          "FP32 multiplications"),
    field("comparisons", &ElementaryCounts::comparisons, "", non_negative,
          "comparisons and maxima"),
    field("divisions", &ElementaryCounts::divisions, "", non_negative, "FP32 divisions"),
    field("square_roots", &ElementaryCounts::square_roots, "", non_negative, "FP32 square roots"),
    field("exponentials", &ElementaryCounts::exponentials, "", non_negative, "FP32 exponentials"),
    field("conversions", &ElementaryCounts::conversions, "", non_negative,
          "integer to FP32 and back, rounding included"));

/// Adds `times` as many as `part` says.
constexpr void add_times(ElementaryCounts& whole, const ElementaryCounts& part,
                         std::int64_t times) {
  for_each_field<ElementaryCounts>(
      [&](const auto& each) { whole.*each.member += times * part.*each.member; });
}

}  // namespace razorsim
