// SPDX-License-Identifier: Apache-2.0
// An encoded tensor as the hardware holds it: codes, what a group shares, and the real scales.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "models/base/units.h"

namespace razorsim {

/// A rows x cols matrix in some number format. Groups and dot products run along the columns:
/// weights are n x k (row = output channel), activations m x k (row = token).
///   values       exact integers of the integer formats, rows x cols: what the arithmetic units
///   multiply
///                (sign * magnitude << flag for SDR, the code itself for INT4/8/16); empty for
///                floating formats
///   codes        one signed code an element: SDR mantissas -8..7 (or -128..127), INT codes, the
///   FP4
///                bit pattern of MXFP4/NVFP4, FP16's bits; empty for FP32
///   reals        FP32's elements as they are; empty for all other formats
///   group_codes  one byte a group, ceil(cols / group) a row: SDR flag, E8M0 or E4M3 scale; else
///   empty scales       real scales: 1 entry (tensor), `rows` entries (row), rows x groups (group),
///   or none
/// Element value in real units = values * scale for integer formats.
struct EncodedMatrix {
  FormatSpec format;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<std::int16_t> values;
  std::vector<std::int16_t> codes;
  std::vector<float> reals;
  std::vector<std::uint8_t> group_codes;
  std::vector<float> scales;

  [[nodiscard]] std::int64_t groups_per_row() const {
    return ceil_div<std::int64_t>(cols, format.group);
  }
  [[nodiscard]] MatrixView<const std::int16_t> values_view() const {
    return {values.data(), rows, cols};
  }
  [[nodiscard]] MatrixView<const std::int16_t> codes_view() const {
    return {codes.data(), rows, cols};
  }
  [[nodiscard]] float scale_of(std::int64_t row) const {
    return scales.size() == 1 ? scales[0] : scales[static_cast<std::size_t>(row)];
  }
  bool operator==(const EncodedMatrix&) const = default;
};

}  // namespace razorsim
