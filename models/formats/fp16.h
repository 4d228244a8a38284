// SPDX-License-Identifier: Apache-2.0
// IEEE 754 binary16, converted in software: the same bits with and without the F16C instructions.
#pragma once

#include <cstdint>

namespace razorsim {

inline constexpr float fp16_largest = 65504.0F;

/// Nearest binary16, ties to even, as IEEE 754 has it: beyond the largest value infinity, NaN stays
/// a (quiet) NaN. Every bit pattern of `x` is legal.
[[nodiscard]] std::uint16_t to_fp16(float x);

/// Exact value of any binary16 pattern.
[[nodiscard]] float from_fp16(std::uint16_t bits);

}  // namespace razorsim
