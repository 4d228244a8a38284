// SPDX-License-Identifier: Apache-2.0
// A buffer of any size from the grid of the technology table.
#pragma once

#include <cstdint>

#include "models/base/fields.h"
#include "models/base/units.h"
#include "models/energy/technology.h"

namespace razorsim {

/// A buffer as built: `banks` equal macros of one port each.
struct BufferShape {
  Bytes size{0};
  std::int64_t banks = 1;
  Bits port{128};

  bool operator==(const BufferShape&) const = default;
};
template <>
inline constexpr auto fields<BufferShape> = field_table<BufferShape>(
    field("size_bytes", &BufferShape::size, "B", non_negative,
          "capacity of all banks; 0 for no buffer"),
    field("banks", &BufferShape::banks, "", between(1, 65536), "macros it is made of"),
    field("port_bits", &BufferShape::port, "bit", between(1, 65536), "port of one bank"));

/// What a buffer costs. `extrapolated`: a bank lies outside the grid, so the figures are the slope
/// at its edge carried on.
struct SramCost {
  double read_pj_per_bit = 0;
  double write_pj_per_bit = 0;
  double leakage_mw = 0;
  double area_um2 = 0;
  bool extrapolated = false;

  bool operator==(const SramCost&) const = default;
};

/// Cost of `shape` by interpolating the grid linearly in the logarithms of size, width and value,
/// which keeps power laws exact. A buffer of size 0 costs nothing. Throws ConfigError where a bank
/// is more than a factor of 8 off the grid, and on a table without points.
[[nodiscard]] SramCost sram_cost(const SramTable& table, const BufferShape& shape);

}  // namespace razorsim
