// SPDX-License-Identifier: Apache-2.0
#include "models/formats/operand_statistics.h"

#include <algorithm>
#include <bit>

#include "models/formats/format.h"

namespace razorsim {
namespace {

/// The codes as memory holds them; FP32 elements are their own bits.
std::vector<std::uint32_t> stored(const EncodedMatrix& operand) {
  std::vector<std::uint32_t> bits;
  bits.reserve(static_cast<std::size_t>(operand.rows * operand.cols));
  if (operand.codes.empty()) {
    for (const float real : operand.reals) bits.push_back(std::bit_cast<std::uint32_t>(real));
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
  for (const std::int16_t code : operand.codes) bits.push_back(words[static_cast<std::uint16_t>(code)]);
  return bits;
}

std::int64_t toggles(const std::uint32_t* from, const std::uint32_t* to, std::int64_t count) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += std::popcount(from[i] ^ to[i]);
  return sum;
}

}  // namespace

OperandStatistics statistics_of(const EncodedMatrix& operand) {
  OperandStatistics result;
  const FormatTraits traits = traits_of(operand.format);
  const std::vector<std::uint32_t> bits = stored(operand);
  const std::int64_t cols = operand.cols;
  // The sign of a floating zero does not make it a number.
  const std::uint32_t sign =
      traits.is_integer ? 0 : std::uint32_t{1} << static_cast<unsigned>(traits.element_bits.count() - 1);
  result.codes = operand.rows * cols;
  for (std::int64_t row = 0; row < operand.rows; ++row) {
    const std::uint32_t* line = bits.data() + row * cols;
    if (cols > 0) result.toggles_along_k += toggles(line, line + 1, cols - 1);
    if (row > 0) result.toggles_across += toggles(line - cols, line, cols);
    const std::int64_t width = traits.has_groups ? operand.format.group : std::max<std::int64_t>(cols, 1);
    for (std::int64_t first = 0; first < cols; first += width) {
      const std::int64_t last = std::min(first + width, cols);
      std::int64_t zeros = 0;
      for (std::int64_t col = first; col < last; ++col) zeros += (line[col] & ~sign) == 0 ? 1 : 0;
      result.zero_codes += zeros;
      if (!traits.has_groups) continue;
      ++result.groups;
      result.zero_groups += zeros == last - first ? 1 : 0;
      if (!traits.is_integer || operand.group_codes.empty()) continue;
      const auto flag = operand.group_codes[static_cast<std::size_t>(row * operand.groups_per_row() + first / width)];
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
