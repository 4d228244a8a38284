// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/geometry.h"

#include "models/formats/format.h"

namespace razorsim {

PanelBytes panel_bytes(const FormatSpec& format, std::int64_t rows, std::int64_t cols,
                       bool with_row_scales) {
  const Storage storage = storage_of(format, rows, cols);
  PanelBytes bytes;
  bytes.codes = bytes_of(storage.codes);
  const bool flags = format.name == "sdr";
  (flags ? bytes.flags : bytes.scales) += bytes_of(storage.groups);
  // One scale for the whole tensor sits in a register of the vector unit; only rows' scales travel.
  if (with_row_scales && format.granularity == ScaleGranularity::row) {
    bytes.scales += Bytes(bytes_of(traits_of(format).scale_bits).count() * rows);
  }
  return bytes;
}

}  // namespace razorsim
