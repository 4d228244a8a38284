// SPDX-License-Identifier: Apache-2.0
// What the groups of an encoded operand share, as integer significands and exponents of two.
#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Of each group, row by row: scale = significand * 2^exponent. `significands` is empty where all
/// are one (flags, E8M0); both are empty for formats without groups. An E2M1 element counts as
/// twice its value, which the exponent makes up for.
struct GroupScales {
  std::vector<std::int16_t> exponents;
  std::vector<std::int16_t> significands;
};
[[nodiscard]] GroupScales group_scales(const EncodedMatrix& matrix);

/// Elements as the integers that multipliers take: E2M1 doubled, all others their codes.
[[nodiscard]] std::vector<std::int16_t> fixed_point_elements(const EncodedMatrix& matrix);

}  // namespace razorsim
