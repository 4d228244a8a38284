// SPDX-License-Identifier: Apache-2.0
// What mapping must know of a machine, and what a panel of an operand weighs.
#pragma once

#include <cstdint>

#include "models/base/fields.h"
#include "models/base/scheme.h"
#include "models/base/units.h"

namespace razorsim {

/// DRAM moves whole requests of this size; a burst's last one is padded.
inline constexpr Bytes request_bytes{64};

/// The parts of a machine that decide how work is cut.
struct MachineShape {
  std::int64_t rows = 16;  ///< of the output that a tile should have at least, to fill the array
  std::int64_t cols = 16;
  Bytes weight_buffer{256 << 10};
  Bytes activation_buffer{256 << 10};
  Bytes accumulator_room{64 << 10};  ///< for sums of tiles not yet taken by the vector unit
  Bytes output_room{64 << 10};       ///< for outputs not yet written
  Bytes staging{64 << 10};  ///< of the razor unit, for rows whose dynamic scale is not known yet
  Bytes weight_port{512};   ///< bytes a cycle
  Bytes activation_port{512};
  bool kv_on_chip = false;  ///< K and V are read in place, from a buffer of their own
  Bytes kv_port{512};
  double dram_bytes_per_cycle = 51.2;
  Bytes burst{4096};                  ///< longest burst of the DMA
  std::int64_t bursts_in_flight = 8;  ///< an engine
  double dram_latency_cycles =
      128;  ///< from a burst's first request to its first data, among other bursts
  std::int64_t vector_lanes = 64;
};

/// Bytes of a panel by what they are. Each of the three parts is stored apart, in whole bytes.
struct PanelBytes {
  Bytes codes;
  Bytes flags;
  Bytes scales;

  [[nodiscard]] constexpr Bytes total() const { return codes + flags + scales; }
  /// What DRAM moves for it: whole requests.
  [[nodiscard]] constexpr Bytes padded() const {
    return Bytes(round_up(total().count(), request_bytes.count()));
  }
  constexpr PanelBytes& operator+=(const PanelBytes& other) {
    codes += other.codes;
    flags += other.flags;
    scales += other.scales;
    return *this;
  }
  bool operator==(const PanelBytes&) const = default;
};

template <>
inline constexpr auto fields<PanelBytes> = field_table<PanelBytes>(
    field("codes_bytes", &PanelBytes::codes, "B", non_negative,
          "codes, integers and floating values"),
    field("flags_bytes", &PanelBytes::flags, "B", non_negative, "razoring flags"),
    field("scales_bytes", &PanelBytes::scales, "B", non_negative,
          "real scales and shared exponents of groups"));

/// A rows x cols window of an encoded matrix; `with_row_scales` adds the real scales of its rows.
/// SDR flags count as flags, shared exponents and group scales as scales.
[[nodiscard]] PanelBytes panel_bytes(const FormatSpec& format, std::int64_t rows, std::int64_t cols,
                                     bool with_row_scales);

}  // namespace razorsim
