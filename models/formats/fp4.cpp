// SPDX-License-Identifier: Apache-2.0
#include "models/formats/fp4.h"

#include <algorithm>
#include <array>

#include "models/formats/format_kernels.h"
#include "models/formats/minifloat.h"

namespace razorsim {

FormatTraits Fp4::element_traits() {
  FormatTraits traits;
  traits.has_groups = true;
  traits.element_bits = Bits(4);
  traits.group_bits = Bits(8);
  traits.largest_code = 15;
  return traits;
}

void Fp4::check_block(const FormatSpec& spec, int block, Complaints& complaints) {
  if (spec.group != block) {
    complaints.add("group", "is " + std::to_string(spec.group) + "; " + spec.name +
                                " has blocks of " + std::to_string(block));
  }
  if (spec.calibration == Calibration::unit_range) {
    complaints.add("calibration",
                   "is 'unit'; a block scale comes from the block's own maximum, allowed: 'static' "
                   "or 'dynamic'");
  }
}

void Fp4::encode(MatrixView<const float> numbers, const ScaleSource& source,
                 EncodedMatrix& out) const {
  out.scales = tensor_scale(numbers, source);
  const float whole = out.scales.empty() ? 1.0F : out.scales[0];
  out.codes.resize(static_cast<std::size_t>(numbers.size()));
  const auto group = static_cast<std::size_t>(out.format.group);
  auto to = std::span(out.codes);
  for (std::int64_t row = 0; row < numbers.rows(); ++row) {
    const auto from = numbers.row(row);
    for (std::size_t col = 0; col < from.size(); col += group) {
      const auto block = from.subspan(col, std::min(group, from.size() - col));
      const std::uint8_t code = block_code(absmax(block), whole);
      const float unit = step(code, whole);
      out.group_codes.push_back(code);
      if (unit > 0) e2m1_codes(block, unit, to.first(block.size()));  // else they stay 0
      to = to.subspan(block.size());
    }
  }
}

void Fp4::decode(const EncodedMatrix& encoded, MatrixView<float> out) const {
  // An element times a step is exact in double, so one product in FP32 rounds it as well.
  std::array<float, 16> values{};
  for (std::uint32_t code = 0; code < values.size(); ++code)
    values[code] = static_cast<float>(decode_minifloat(e2m1, code));
  const float whole = encoded.scales.empty() ? 1.0F : encoded.scales[0];
  auto group_code = encoded.group_codes.begin();
  for (std::int64_t row = 0; row < encoded.rows; ++row) {
    const std::int16_t* codes = encoded.codes_view().row(row).data();
    float* numbers = out.row(row).data();
    for (std::int64_t first = 0; first < encoded.cols; first += encoded.format.group) {
      const float unit = step(*group_code++, whole);
      const std::int64_t last = std::min(first + encoded.format.group, encoded.cols);
      for (std::int64_t col = first; col < last; ++col)
        numbers[col] = values[static_cast<std::size_t>(codes[col] & 15)] * unit;
    }
  }
}

}  // namespace razorsim
