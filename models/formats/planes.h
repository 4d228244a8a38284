// SPDX-License-Identifier: Apache-2.0
// Wide operands on the SDR unit: magnitude bits cut from the top into planes of 3 bits.
#pragma once

#include <vector>

#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Magnitude bits of one operand of the 4-bit sign-magnitude multiplier (SDR, W4A4).
inline constexpr int plane_bits = 3;

/// How many passes the operand takes on the SDR unit: 5 for base 16, 3 for base 8 and for an m = 7
/// code, 1 for a 4-bit code. Two wide operands take the product of both. Integer formats only.
[[nodiscard]] int passes(const FormatSpec& operand);

/// The shift of each plane of at most `bits` bits that `magnitude_bits` bits are cut into, top
/// first: in planes of 3, 12 9 6 3 0 for 15 magnitude bits, 4 1 0 for 7, 0 for 3.
[[nodiscard]] std::vector<int> plane_shifts(int magnitude_bits, int bits = plane_bits);

/// The exact razored operands that add up to `wide`, top plane first; each has m = 3, flags of its
/// own (plane shift + the operand's flag) and groups of `group`, which must divide the operand's
/// own group where it has one. Scales are those of `wide`.
[[nodiscard]] std::vector<EncodedMatrix> planes(const EncodedMatrix& wide, int group);

}  // namespace razorsim
