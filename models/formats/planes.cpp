// SPDX-License-Identifier: Apache-2.0
#include "models/formats/planes.h"

#include <algorithm>
#include <cstdlib>

#include "models/formats/format.h"

namespace razorsim {

int passes(const FormatSpec& operand) {
  const FormatTraits traits = traits_of(operand);
  promise(traits.is_integer, "only integer formats run on the SDR unit");
  return ceil_div(traits.magnitude_bits, plane_bits);
}

std::vector<int> plane_shifts(int magnitude_bits, int bits) {
  std::vector<int> shifts;
  for (int shift = magnitude_bits - bits; shift > 0; shift -= bits) shifts.push_back(shift);
  shifts.push_back(0);
  return shifts;
}

std::vector<EncodedMatrix> planes(const EncodedMatrix& wide, int group) {
  const FormatTraits traits = traits_of(wide.format);
  promise(traits.is_integer, "only integer formats run on the SDR unit");
  const bool has_flags = !wide.group_codes.empty();
  promise(!has_flags || wide.format.group % group == 0,
          "planes are cut in groups that divide the operand's own");

  FormatSpec spec = wide.format;
  spec.name = "sdr";
  spec.base_bits = traits.base_bits > 8 ? 16 : 8;
  spec.magnitude_bits = plane_bits;
  spec.group = group;
  const std::int64_t own_groups = has_flags ? wide.groups_per_row() : 0;

  std::vector<EncodedMatrix> parts;
  int above = traits.magnitude_bits + 1;  // a saturating code reaches 2^m, one bit more
  for (const int shift : plane_shifts(traits.magnitude_bits)) {
    EncodedMatrix part;
    part.format = spec;
    part.rows = wide.rows;
    part.cols = wide.cols;
    part.scales = wide.scales;
    part.codes.resize(wide.codes.size());
    part.values.resize(wide.codes.size());
    part.group_codes.reserve(static_cast<std::size_t>(part.rows * part.groups_per_row()));
    const std::int32_t mask = (1 << (above - shift)) - 1;
    for (std::int64_t row = 0; row < part.rows; ++row) {
      for (std::int64_t first = 0; first < part.cols; first += group) {
        const auto own = static_cast<std::size_t>(row * own_groups + first / wide.format.group);
        const int flag = shift + (has_flags ? wide.group_codes[own] : 0);
        part.group_codes.push_back(static_cast<std::uint8_t>(flag));
        const std::int64_t last = std::min(first + group, part.cols);
        for (std::int64_t col = first; col < last; ++col) {
          const auto at = static_cast<std::size_t>(row * part.cols + col);
          const std::int32_t code = wide.codes[at];
          const std::int32_t piece = (std::abs(code) >> shift) & mask;
          const std::int32_t signed_piece = code < 0 ? -piece : piece;
          part.codes[at] = static_cast<std::int16_t>(signed_piece);
          part.values[at] = static_cast<std::int16_t>(signed_piece * (1 << flag));
        }
      }
    }
    above = shift;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace razorsim
