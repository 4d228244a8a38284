// SPDX-License-Identifier: Apache-2.0
// What arithmetic energy depends on: statistics of an encoded operand, computed once a tensor.
#pragma once

#include <cstdint>

#include "models/base/fields.h"

namespace razorsim {

/// Counts over all codes of one operand. "Along K" compares each code with the one before it in its
/// row, "across" with the code of the row before in the same column.
struct OperandStatistics {
  std::int64_t codes = 0;
  std::int64_t zero_codes = 0;
  std::int64_t toggles_along_k = 0;
  std::int64_t toggles_across = 0;
  std::int64_t groups = 0;
  std::int64_t zero_groups = 0;
  std::int64_t flag_sum = 0;
  std::int64_t truncated_bits = 0;

  bool operator==(const OperandStatistics&) const = default;
};
template <>
inline constexpr auto fields<OperandStatistics> = field_table<OperandStatistics>(
    field("codes", &OperandStatistics::codes, "", non_negative, "elements encoded"),
    field("zero_codes", &OperandStatistics::zero_codes, "", non_negative,
          "elements whose code is zero"),
    field("toggles_along_k", &OperandStatistics::toggles_along_k, "bit", non_negative,
          "bits that differ from the code before in the row, first column not counted"),
    field("toggles_across", &OperandStatistics::toggles_across, "bit", non_negative,
          "bits that differ from the code of the row before, first row not counted"),
    field("groups", &OperandStatistics::groups, "", non_negative, "groups with a flag or a scale"),
    field("zero_groups", &OperandStatistics::zero_groups, "", non_negative,
          "groups whose elements are all zero"),
    field("flag_sum", &OperandStatistics::flag_sum, "", non_negative,
          "sum of the flags over all groups"),
    field("truncated_bits", &OperandStatistics::truncated_bits, "bit", non_negative,
          "sum over elements of their group's flag"));

}  // namespace razorsim
