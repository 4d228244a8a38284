// SPDX-License-Identifier: Apache-2.0
// Significant data razoring, stage 2. Source: QRazor, arXiv 2501.13331.
#pragma once

#include <cstdint>
#include <span>

#include "models/base/scheme.h"

namespace razorsim {

/// Bits cut off a group: max(0, index of the leading one of the OR of all magnitudes - (m - 1)), 0
/// for a group of zeros.
[[nodiscard]] int razor_flag(std::span<const std::int16_t> group, int magnitude_bits);

/// Razors one group: signed codes, and their values `code * 2^flag` in units of the base. All spans
/// have one length; no element is -2^(b-1). Returns the flag.
int razor_group(const FormatSpec& spec, std::span<const std::int16_t> base,
                std::span<std::int16_t> codes, std::span<std::int16_t> values);

/// The largest flag a base and code width allow: 12 for base 16 and m = 3, 4 for base 8.
[[nodiscard]] constexpr int largest_flag(int base_bits, int magnitude_bits) {
  return base_bits - 1 - magnitude_bits > 0 ? base_bits - 1 - magnitude_bits : 0;
}

}  // namespace razorsim
