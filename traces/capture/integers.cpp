// SPDX-License-Identifier: Apache-2.0
#include "traces/capture/integers.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "traces/io/trace_shapes.h"

namespace razorsim {
namespace {

/// Two 4-bit two's complement codes a byte, the first in the low half; a row starts a byte.
std::vector<std::uint8_t> pack(const EncodedMatrix& encoded) {
  const std::int64_t pitch = ceil_div<std::int64_t>(encoded.cols, 2);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(encoded.rows * pitch));
  for (std::int64_t row = 0; row < encoded.rows; ++row) {
    const auto codes = encoded.codes_view().row(row);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const int nibble = (codes[i] & 15) << (i % 2 * 4);
      auto& byte = bytes[static_cast<std::size_t>(row * pitch) + i / 2];
      byte = static_cast<std::uint8_t>(byte | nibble);
    }
  }
  return bytes;
}

void add_codes(std::map<std::string, Tensor>& tensors, const std::string& name, int bits,
               const std::vector<std::int16_t>& base, std::int64_t rows, std::int64_t cols) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = bits;
  format.group = static_cast<int>(trace_group);
  const EncodedMatrix encoded = encode_integers(format, {base.data(), rows, cols}, {1.0F});
  tensors.emplace(name + ".sdr4.codes",
                  make_tensor(pack(encoded), {rows, ceil_div<std::int64_t>(cols, 2)}));
  tensors.emplace(name + ".sdr4.flags",
                  make_tensor(encoded.group_codes, {rows, encoded.groups_per_row()}));
}

}  // namespace

void add_integers(std::map<std::string, Tensor>& tensors, const std::string& name,
                  MatrixView<const float> values, int bits, std::vector<float> scales,
                  ReductionLayout layout) {
  const std::int64_t rows = values.rows();
  const std::int64_t cols = values.cols();
  FormatSpec format;
  format.name = bits == 8 ? "int8" : "int16";
  format.granularity = scales.size() == 1 ? ScaleGranularity::tensor : ScaleGranularity::row;
  const BaseIntegers base = quantise(format, bits, values, {std::move(scales)});
  const std::string key = fmt::format("{}.base{}", name, bits);
  if (bits == 8) {
    tensors.emplace(key,
                    make_tensor(std::vector<std::int8_t>(base.values.begin(), base.values.end()),
                                {rows, cols}));
  } else {
    tensors.emplace(key, make_tensor(base.values, {rows, cols}));
  }
  tensors.emplace(key + ".scale", make_tensor(base.scales, {std::ssize(base.scales)}));

  if (!layout.along_rows) {
    promise(rows * cols % layout.k == 0, "a reduction divides its tensor");
    add_codes(tensors, name, bits, base.values, rows * cols / layout.k, layout.k);
    return;
  }
  std::vector<std::int16_t> turned(base.values.size());
  const MatrixView<std::int16_t> out(turned.data(), cols, rows);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t col = 0; col < cols; ++col) out(col, row) = base.view()(row, col);
  }
  add_codes(tensors, name, bits, turned, cols, rows);
}

}  // namespace razorsim
