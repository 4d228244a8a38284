// SPDX-License-Identifier: Apache-2.0
#include "models/formats/operand_statistics.h"

#include <algorithm>
#include <cstring>

#include "models/formats/format.h"

namespace razorsim {
namespace {

/// The codes as memory holds them, two 16-bit words an element of FP32 and one of all others.
std::vector<std::uint16_t> stored(const EncodedMatrix& operand) {
  std::vector<std::uint16_t> bits;
  if (operand.codes.empty()) {
    bits.resize(2 * operand.reals.size());
    if (!bits.empty()) std::memcpy(bits.data(), operand.reals.data(), 4 * operand.reals.size());
    return bits;
  }
  const NumberFormat& format = format_named(operand.format.name);
  // A virtual call an element would dominate; there are at most 2^16 codes.
  std::vector<std::uint16_t> words(std::size_t{1} << 16);
  const auto [low, high] = std::ranges::minmax(operand.codes);
  for (std::int32_t code = low; code <= high; ++code) {
    const auto narrow = static_cast<std::int16_t>(code);
    words[static_cast<std::uint16_t>(narrow)] = format.stored_bits(operand.format, narrow);
  }
  bits.resize(operand.codes.size());
  std::ranges::transform(operand.codes, bits.begin(), [&](std::int16_t code) {
    return words[static_cast<std::uint16_t>(code)];
  });
  return bits;
}

/// std::popcount without the instruction, which x86-64's baseline lacks (the library's takes a
/// table).
std::int64_t ones(std::uint64_t word) {
  word -= (word >> 1) & 0x5555555555555555;
  word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
  word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return static_cast<std::int64_t>((word * 0x0101010101010101) >> 56);
}

/// Bits in which `count` words differ, four words at a time.
std::int64_t toggles(const std::uint16_t* from, const std::uint16_t* to, std::int64_t count) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < count; i += 4) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    const auto bytes = static_cast<std::size_t>(2 * std::min<std::int64_t>(count - i, 4));
    if (bytes == 8) {  // a constant size, which becomes one load
      std::memcpy(&left, from + i, 8);
      std::memcpy(&right, to + i, 8);
    } else {
      std::memcpy(&left, from + i, bytes);
      std::memcpy(&right, to + i, bytes);
    }
    sum += ones(left ^ right);
  }
  return sum;
}

}  // namespace

OperandStatistics statistics_of(const EncodedMatrix& operand) {
  OperandStatistics result;
  const FormatTraits traits = traits_of(operand.format);
  const std::vector<std::uint16_t> bits = stored(operand);
  const std::int64_t cols = operand.cols;
  const std::int64_t words = operand.codes.empty() ? 2 : 1;  // an element
  // The sign of a floating zero does not make it a number.
  const unsigned sign =
      traits.is_integer ? 0 : 1U << (static_cast<unsigned>(traits.element_bits.count() - 1) % 32);
  const auto is_zero = [&](std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    return words == 2 ? operand.reals[at] == 0 : (bits[at] & ~sign) == 0;
  };
  result.codes = operand.rows * cols;
  for (std::int64_t row = 0; row < operand.rows; ++row) {
    const std::uint16_t* line = bits.data() + row * cols * words;
    if (cols > 0) result.toggles_along_k += toggles(line, line + words, (cols - 1) * words);
    if (row > 0) result.toggles_across += toggles(line - cols * words, line, cols * words);
    const std::int64_t width =
        traits.has_groups ? operand.format.group : std::max<std::int64_t>(cols, 1);
    for (std::int64_t first = 0; first < cols; first += width) {
      const std::int64_t last = std::min(first + width, cols);
      std::int64_t zeros = 0;
      for (std::int64_t col = first; col < last; ++col) zeros += is_zero(row * cols + col) ? 1 : 0;
      result.zero_codes += zeros;
      if (!traits.has_groups) continue;
      ++result.groups;
      result.zero_groups += zeros == last - first ? 1 : 0;
      if (!traits.is_integer || operand.group_codes.empty()) continue;
      const auto flag = operand.group_codes[static_cast<std::size_t>(
          row * operand.groups_per_row() + first / width)];
      result.flag_sum += flag;
      result.truncated_bits += flag * (last - first);
    }
  }
  return result;
}

std::vector<std::int64_t> flag_histogram(const EncodedMatrix& operand) {
  const FormatTraits traits = traits_of(operand.format);
  promise(traits.is_integer && traits.has_groups, "only SDR has flags");
  std::vector<std::int64_t> counts(static_cast<std::size_t>(traits.largest_group_code) + 1);
  for (const std::uint8_t flag : operand.group_codes) ++counts.at(flag);
  return counts;
}

}  // namespace razorsim
