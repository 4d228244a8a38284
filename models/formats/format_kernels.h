// SPDX-License-Identifier: Apache-2.0
// The element loops of the formats by vectors. Each equals its definition (scales.h, sdr.h,
// format.h) in every bit, on every instruction set; the tests compare them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/base/scheme.h"
#include "models/formats/number_format.h"

namespace razorsim {

/// Bit pattern of the largest magnitude, 0 for none; a NaN counts as larger than infinity.
[[nodiscard]] std::uint32_t largest_magnitude_bits(std::span<const float> numbers);

/// quantise() of scales.h without its checks: `numbers` are finite, `scale` positive.
void quantise_vectors(int bits, std::span<const float> numbers, float scale,
                      std::span<std::int16_t> out);

/// razor_group() of sdr.h for each group of a row; `flags` has one entry a group.
void razor_row(const FormatSpec& spec, std::span<const std::int16_t> base,
               std::span<std::int16_t> codes, std::span<std::int16_t> values,
               std::span<std::uint8_t> flags);

/// E2M1 codes of number / unit, the quotient in FP32: encode_minifloat(e2m1, ..) of minifloat.h.
/// `numbers` are finite, `unit` positive.
void e2m1_codes(std::span<const float> numbers, float unit, std::span<std::int16_t> codes);

/// stored_bits() of format.h for each code.
void store_vectors(const FormatTraits& traits, std::span<const std::int16_t> codes,
                   std::span<std::uint16_t> words);

/// Bits in which two runs of words differ.
[[nodiscard]] std::int64_t toggles(std::span<const std::uint16_t> from,
                                   std::span<const std::uint16_t> to);

/// Words that are zero under `mask`, and the groups of `group` words (the last may be shorter) in
/// which all are.
struct Zeros {
  std::int64_t words = 0;
  std::int64_t groups = 0;
};
[[nodiscard]] Zeros zeros(std::span<const std::uint16_t> words, std::uint16_t mask,
                          std::size_t group);

/// Sum of (number - value * scale)^2 in double, the decoded number in FP32 as decode() has it.
/// Element i goes to chain i % error_chains, then the chains add up.
inline constexpr std::size_t error_chains = 8;
[[nodiscard]] double squared_error(std::span<const float> numbers,
                                   std::span<const std::int16_t> values, float scale);

}  // namespace razorsim
