// SPDX-License-Identifier: Apache-2.0
// What an arithmetic unit (one processing element of the array) is built as, and what it counts.
#pragma once

#include <cstdint>
#include <string>

#include "models/base/fields.h"

namespace razorsim {

enum class AccumulatorOverflow { saturate, wrap };
template <>
inline constexpr auto enum_names<AccumulatorOverflow> =
    std::to_array<EnumName<AccumulatorOverflow>>({
        {AccumulatorOverflow::saturate, "saturate",
         "the accumulator stays at its largest or smallest value"},
        {AccumulatorOverflow::wrap, "wrap", "the accumulator drops the bits above its width"},
    });

struct UnitSpec {
  std::string unit = "sdr_dot";  ///< a name of units.def
  int lanes = 16;
  int group = 0;
  int accumulator_bits = 40;
  AccumulatorOverflow accumulator_overflow = AccumulatorOverflow::saturate;
  int latency_cycles = 0;

  bool operator==(const UnitSpec&) const = default;
};
template <>
inline constexpr auto fields<UnitSpec> = field_table<UnitSpec>(
    field("unit", &UnitSpec::unit, "", any_value,
          "name of an arithmetic unit: sdr_dot, sdr_w4a8, sdr_lean, sdr_full, int8, int16x8, int4, "
          "mxfp4, "
          "nvfp4, int4_group, fp16"),
    field("lanes", &UnitSpec::lanes, "products", between(1, 256),
          "products a processing element starts in a cycle; scalar elements have 1"),
    field("group", &UnitSpec::group, "elements", between(0, 512),
          "elements one group sum covers at most: its register and, where lanes exceed it, lanes / "
          "group shifters; 0 follows the formats (16 where they have no groups)",
          "QRazor, g = 16"),
    field("accumulator_bits", &UnitSpec::accumulator_bits, "bit", between(0, 64),
          "width of the signed accumulator, at least 8; 0 follows the formats: 40 where a linear "
          "operation's operand has base 16, else 32",
          "49 K 2^16 at K = 11008 needs 37, 49 K 2^8 29"),
    field("accumulator_overflow", &UnitSpec::accumulator_overflow, "", any_value,
          "what an accumulator does that would overflow; counted either way"),
    field("latency_cycles", &UnitSpec::latency_cycles, "cycle", between(0, 16),
          "register stages from operands to accumulator; 0 takes the unit's own, as in its RTL"));

/// Events of one or many units. Every count but `overflows` follows from shapes alone.
struct UnitCounters {
  std::int64_t macs = 0;
  std::int64_t products = 0;
  std::int64_t beats = 0;
  std::int64_t idle_lanes = 0;
  std::int64_t group_ends = 0;
  std::int64_t flag_adds = 0;
  std::int64_t extra_passes = 0;
  std::int64_t overflows = 0;

  bool operator==(const UnitCounters&) const = default;
};
template <>
inline constexpr auto fields<UnitCounters> = field_table<UnitCounters>(
    field("macs", &UnitCounters::macs, "", non_negative,
          "multiply-accumulates of the operation, m n k, whatever the passes"),
    field("products", &UnitCounters::products, "", non_negative,
          "multiplications done: macs times passes"),
    field("beats", &UnitCounters::beats, "", non_negative,
          "cycles in which an element is given operands or padding"),
    field("idle_lanes", &UnitCounters::idle_lanes, "", non_negative,
          "multipliers without work in those cycles: lanes * beats - products"),
    field("group_ends", &UnitCounters::group_ends, "", non_negative,
          "additions to a wide accumulator: one a group (SDR, with a shift) or one a beat (integer "
          "units)"),
    field("flag_adds", &UnitCounters::flag_adds, "", non_negative,
          "additions of two flags or of two scales' exponents, one a group end"),
    field("extra_passes", &UnitCounters::extra_passes, "", non_negative,
          "group ends beyond the first pass, which a wide operand causes"),
    field("overflows", &UnitCounters::overflows, "", non_negative,
          "additions that did not fit the accumulator (saturated or wrapped)"));

}  // namespace razorsim
