// SPDX-License-Identifier: Apache-2.0
// What happened in a run or in one operation, as far as energy cares. Sums with add_fields.
#pragma once

#include <cstdint>

#include "models/base/elementary_counts.h"
#include "models/base/fields.h"
#include "models/base/units.h"

namespace razorsim {

/// Bits moved, by what they are.
struct BitSplit {
  Bits codes{};
  Bits flags{};
  Bits scales{};

  [[nodiscard]] constexpr Bits total() const { return codes + flags + scales; }
  bool operator==(const BitSplit&) const = default;
};
template <>
inline constexpr auto fields<BitSplit> = field_table<BitSplit>(
    field("code_bits", &BitSplit::codes, "bit", non_negative,
          "codes, integers, floating values and padding"),
    field("flag_bits", &BitSplit::flags, "bit", non_negative, "razoring flags and group exponents"),
    field("scale_bits", &BitSplit::scales, "bit", non_negative, "real-valued scales"));

struct BufferActivity {
  BitSplit read{};
  BitSplit written{};

  bool operator==(const BufferActivity&) const = default;
};
template <>
inline constexpr auto fields<BufferActivity> = field_table<BufferActivity>(
    field("read", &BufferActivity::read, "", any_value, "bits read"),
    field("written", &BufferActivity::written, "", any_value, "bits written"));

/// Events of one arithmetic array. A product here is one of the unit's multipliers at work: a wide
/// operand in p passes counts p for each MAC of the workload. Lanes left empty are not counted.
struct UnitActivity {
  std::int64_t products = 0;
  std::int64_t group_ends = 0;
  std::int64_t shifts = 0;
  std::int64_t described = 0;
  std::int64_t zero_activations = 0;
  std::int64_t zero_weights = 0;
  std::int64_t toggles_activation = 0;
  std::int64_t toggles_weight = 0;
  std::int64_t register_writes = 0;

  bool operator==(const UnitActivity&) const = default;
};
template <>
inline constexpr auto fields<UnitActivity> = field_table<UnitActivity>(
    field("products", &UnitActivity::products, "", non_negative,
          "multiplications done, passes included"),
    field("group_ends", &UnitActivity::group_ends, "", non_negative,
          "additions to a wide accumulator: one a group (SDR) or one a beat (integer units)"),
    field("shifts", &UnitActivity::shifts, "", non_negative,
          "group sums that went through a shifter; 0 for integer units"),
    field("described", &UnitActivity::described, "", non_negative,
          "products whose operand statistics are known and counted in the four below; the rest is "
          "priced by a constant"),
    field("zero_activations", &UnitActivity::zero_activations, "", non_negative,
          "described products whose activation code is zero"),
    field("zero_weights", &UnitActivity::zero_weights, "", non_negative,
          "described products whose weight code is zero"),
    field("toggles_activation", &UnitActivity::toggles_activation, "bit", non_negative,
          "Hamming distance between successive activation codes at a multiplier, summed over "
          "described products; 0 while held"),
    field("toggles_weight", &UnitActivity::toggles_weight, "bit", non_negative,
          "Hamming distance between successive weight codes at a multiplier, summed over described "
          "products; 0 while held"),
    field("register_writes", &UnitActivity::register_writes, "bit", non_negative,
          "bits clocked into registers while an operand that stays is shifted in and taken over"));

/// The DRAM's own energy comes from its model, by command; only the data bits are priced here.
struct DramActivity {
  Picojoules activate{};
  Picojoules read{};
  Picojoules write{};
  Picojoules refresh{};
  Picojoules standby{};
  BitSplit bits_read{};
  BitSplit bits_written{};

  bool operator==(const DramActivity&) const = default;
};
template <>
inline constexpr auto fields<DramActivity> = field_table<DramActivity>(
    field("activate_pj", &DramActivity::activate, "pJ", non_negative,
          "activate and precharge commands"),
    field("read_pj", &DramActivity::read, "pJ", non_negative, "read commands"),
    field("write_pj", &DramActivity::write, "pJ", non_negative, "write commands"),
    field("refresh_pj", &DramActivity::refresh, "pJ", non_negative, "refresh commands"),
    field("standby_pj", &DramActivity::standby, "pJ", non_negative, "background"),
    field("bits_read", &DramActivity::bits_read, "", any_value,
          "bits over the data pins, padding with the codes"),
    field("bits_written", &DramActivity::bits_written, "", any_value,
          "bits over the data pins, padding with the codes"));

struct ActivityCounters {
  Picoseconds time{};
  UnitActivity array{};
  UnitActivity side_array{};
  ElementaryCounts vector_unit{};
  std::int64_t razor_groups = 0;
  BufferActivity weight_buffer{};
  BufferActivity activation_buffer{};
  BufferActivity output_buffer{};
  BufferActivity kv_cache{};
  BufferActivity staging_buffer{};
  DramActivity dram{};

  bool operator==(const ActivityCounters&) const = default;
};
template <>
inline constexpr auto fields<ActivityCounters> = field_table<ActivityCounters>(
    field("time_ps", &ActivityCounters::time, "ps", non_negative,
          "time that leakage is charged for"),
    field("array", &ActivityCounters::array, "", any_value, "the array"),
    field("side_array", &ActivityCounters::side_array, "", any_value,
          "the second array, where there is one"),
    field("vector_unit", &ActivityCounters::vector_unit, "", any_value, "the vector unit"),
    field("razor_groups", &ActivityCounters::razor_groups, "", non_negative,
          "groups razored on chip"),
    field("weight_buffer", &ActivityCounters::weight_buffer, "", any_value, "the weight buffer"),
    field("activation_buffer", &ActivityCounters::activation_buffer, "", any_value,
          "the activation buffer"),
    field("output_buffer", &ActivityCounters::output_buffer, "", any_value, "the output buffer"),
    field("kv_cache", &ActivityCounters::kv_cache, "", any_value, "the K and V cache on chip"),
    field("staging_buffer", &ActivityCounters::staging_buffer, "", any_value,
          "the razor unit's staging buffer"),
    field("dram", &ActivityCounters::dram, "", any_value, "DRAM"));

}  // namespace razorsim
