// SPDX-License-Identifier: Apache-2.0
#include "models/formats/operand_statistics.h"

#include <algorithm>
#include <cstring>

#include "models/formats/format.h"
#include "models/formats/format_kernels.h"

namespace razorsim {
namespace {

/// The codes as memory holds them, two 16-bit words an element of FP32 and one of all others.
std::vector<std::uint16_t> stored(const EncodedMatrix& operand, const FormatTraits& traits) {
  std::vector<std::uint16_t> words;
  if (operand.codes.empty()) {
    words.resize(2 * operand.reals.size());
    if (!words.empty()) std::memcpy(words.data(), operand.reals.data(), 4 * operand.reals.size());
    return words;
  }
  words.resize(operand.codes.size());
  store_vectors(traits, operand.codes, words);
  return words;
}

}  // namespace

OperandStatistics statistics_of(const EncodedMatrix& operand) {
  OperandStatistics result;
  result.codes = operand.rows * operand.cols;
  if (result.codes == 0) return result;
  const FormatTraits traits = traits_of(operand.format);
  const std::vector<std::uint16_t> all = stored(operand, traits);
  const std::size_t element = operand.codes.empty() ? 2 : 1;  // words
  const std::size_t width = all.size() / static_cast<std::size_t>(operand.rows);
  // The sign of a floating zero does not make it a number.
  const auto sign = static_cast<unsigned>(traits.element_bits.count() - 1);
  const auto mask = static_cast<std::uint16_t>(traits.is_integer ? 0xFFFF : ~(1U << (sign % 16)));
  const std::size_t group =
      traits.has_groups ? static_cast<std::size_t>(operand.format.group) : width;
  for (std::size_t row = 0; row < static_cast<std::size_t>(operand.rows); ++row) {
    const auto line = std::span(all).subspan(row * width, width);
    result.toggles_along_k += toggles(line.first(width - element), line.subspan(element));
    if (row > 0)
      result.toggles_across += toggles(std::span(all).subspan((row - 1) * width, width), line);
    if (element == 1) {
      const Zeros found = zeros(line, mask, group);
      result.zero_codes += found.words;
      if (traits.has_groups) result.zero_groups += found.groups;
    }
  }
  if (element == 2) result.zero_codes = std::ranges::count(operand.reals, 0.0F);
  if (!traits.has_groups) return result;
  const std::int64_t groups = operand.groups_per_row();
  result.groups = operand.rows * groups;
  if (!traits.is_integer || operand.group_codes.empty()) return result;
  const std::int64_t tail = operand.cols - (groups - 1) * operand.format.group;
  for (std::size_t i = 0; i < operand.group_codes.size(); ++i) {
    const bool last = static_cast<std::int64_t>(i + 1) % groups == 0;
    result.flag_sum += operand.group_codes[i];
    result.truncated_bits += operand.group_codes[i] * (last ? tail : operand.format.group);
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
