// SPDX-License-Identifier: Apache-2.0
// What each module of the accelerator is built as. Apart from the modules, so that configuration
// and results need no SystemC. The DRAM's is in dram_spec.h.
#pragma once

#include <cstdint>

#include "models/arithmetic/unit_spec.h"
#include "models/base/fields.h"
#include "models/base/units.h"
#include "models/mapping/dataflow.h"

namespace razorsim {

enum class Fidelity { tile, pe };
template <>
inline constexpr auto enum_names<Fidelity> = std::to_array<EnumName<Fidelity>>({
    {Fidelity::tile, "tile", "one wait a tile, from closed forms"},
    {Fidelity::pe, "pe", "every register of every processing element steps each cycle"},
});

/// rows x cols processing elements. Rows of the left operand enter at the left edge, rows of the
/// right operand (output columns) at the top, each one register later than its neighbour.
struct ArraySpec {
  std::int64_t rows = 16;
  std::int64_t cols = 16;
  Dataflow dataflow = Dataflow::output_stationary;
  UnitSpec unit{.unit = "auto", .accumulator_bits = 0};
  bool causal_skip = true;

  bool operator==(const ArraySpec&) const = default;
};
template <>
inline constexpr auto fields<ArraySpec> = field_table<ArraySpec>(
    field("rows", &ArraySpec::rows, "", between(1, 1024), "rows of processing elements"),
    field("cols", &ArraySpec::cols, "", between(1, 1024), "columns of processing elements"),
    field("dataflow", &ArraySpec::dataflow, "", any_value, "what stays in the processing elements"),
    field("unit", &ArraySpec::unit, "", any_value,
          "the arithmetic unit in each processing element; 'auto' takes the scheme's"),
    field("causal_skip", &ArraySpec::causal_skip, "", any_value,
          "skip blocks of the attention square that no query may see"));

/// An on-chip scratchpad: storage by the byte, freed panel by panel, so that two panels of half the
/// size are a double buffer. Banks side by side give the port its width.
struct BufferSpec {
  std::int64_t size_kib = 256;
  std::int64_t banks = 16;
  std::int64_t port_bits = 256;

  [[nodiscard]] Bytes capacity() const { return Bytes(size_kib * 1024); }
  [[nodiscard]] Bytes bytes_per_cycle() const { return Bytes(banks * port_bits / 8); }
  bool operator==(const BufferSpec&) const = default;
};
template <>
inline constexpr auto fields<BufferSpec> = field_table<BufferSpec>(
    field("size_kib", &BufferSpec::size_kib, "KiB", between(1, 1 << 20), "capacity of all banks"),
    field("banks", &BufferSpec::banks, "", between(1, 4096), "banks read side by side in a cycle"),
    field("port_bits", &BufferSpec::port_bits, "bit", between(8, 65536),
          "width of one bank's port"));

enum class CachePlace { dram, on_chip };
template <>
inline constexpr auto enum_names<CachePlace> = std::to_array<EnumName<CachePlace>>({
    {CachePlace::dram, "dram", "K and V are written to DRAM and read from there panel by panel"},
    {CachePlace::on_chip, "on_chip", "K and V stay in an SRAM that the array reads in place"},
});

/// Where attention finds K and V. On chip they lie in a buffer of their own that holds the whole
/// context of all sequences and layers; the array reads it as it does the weight buffer, and what
/// encodes K and V writes it.
struct KvCacheSpec {
  CachePlace place = CachePlace::dram;
  std::int64_t size_kib = 8192;
  std::int64_t banks = 16;
  std::int64_t port_bits = 256;

  [[nodiscard]] bool on_chip() const { return place == CachePlace::on_chip; }
  [[nodiscard]] BufferSpec buffer() const { return {size_kib, banks, port_bits}; }
  bool operator==(const KvCacheSpec&) const = default;
};
template <>
inline constexpr auto fields<KvCacheSpec> =
    field_table<KvCacheSpec>(field("place", &KvCacheSpec::place, "", any_value,
                                   "where K and V are; the rest counts for a cache on chip only"),
                             field("size_kib", &KvCacheSpec::size_kib, "KiB", between(1, 1 << 24),
                                   "capacity of all banks, for all layers and sequences"),
                             field("banks", &KvCacheSpec::banks, "", between(1, 65536),
                                   "banks read or written side by side in a cycle"),
                             field("port_bits", &KvCacheSpec::port_bits, "bit", between(8, 65536),
                                   "width of one bank's port"));

/// Three engines (weights, activations, write-back), each with bursts of its own in flight.
struct DmaSpec {
  std::int64_t burst_bytes = 65536;
  std::int64_t bursts_in_flight = 8;

  bool operator==(const DmaSpec&) const = default;
};
template <>
inline constexpr auto fields<DmaSpec> =
    field_table<DmaSpec>(field("burst_bytes", &DmaSpec::burst_bytes, "B", between(64, 1 << 20),
                               "longest burst sent to DRAM, a multiple of 64"),
                         field("bursts_in_flight", &DmaSpec::bursts_in_flight, "", between(1, 64),
                               "bursts an engine may have under way"));

/// Adds the partial tiles of successive slabs of K and holds them until the last one.
struct AccumulatorSpec {
  std::int64_t elements_per_cycle = 256;
  std::int64_t latency_cycles = 2;

  bool operator==(const AccumulatorSpec&) const = default;
};
template <>
inline constexpr auto fields<AccumulatorSpec> = field_table<AccumulatorSpec>(
    field("elements_per_cycle", &AccumulatorSpec::elements_per_cycle, "elements/cycle",
          between(1, 65536), "sums taken from the array in a cycle"),
    field("latency_cycles", &AccumulatorSpec::latency_cycles, "cycle", between(0, 1024),
          "cycles from the array's edge to the stored sum"));

struct VectorUnitSpec {
  std::int64_t lanes = 128;
  std::int64_t latency_cycles = 8;

  bool operator==(const VectorUnitSpec&) const = default;
};
template <>
inline constexpr auto fields<VectorUnitSpec> = field_table<VectorUnitSpec>(
    field("lanes", &VectorUnitSpec::lanes, "operations/cycle", between(1, 65536),
          "elementary FP32 operations a cycle",
          "chosen: one to 32 multipliers of the default array"),
    field("latency_cycles", &VectorUnitSpec::latency_cycles, "cycle", between(0, 4096),
          "cycles from the last operand to the last result"));

/// OR tree, leading one, shift and round, a group at a time. It also makes the integers of the
/// formats without flags; a dynamic scale costs a sweep for the maximum before.
struct RazorUnitSpec {
  std::int64_t groups_per_cycle = 4;
  std::int64_t group = 16;
  std::int64_t latency_cycles = 4;
  std::int64_t staging_kib = 64;

  bool operator==(const RazorUnitSpec&) const = default;
};
template <>
inline constexpr auto fields<RazorUnitSpec> = field_table<RazorUnitSpec>(
    field("groups_per_cycle", &RazorUnitSpec::groups_per_cycle, "groups/cycle", between(1, 4096),
          "groups encoded side by side in a cycle"),
    field("group", &RazorUnitSpec::group, "elements", between(1, 4096),
          "elements one encoder takes in a cycle; longer groups take several"),
    field("latency_cycles", &RazorUnitSpec::latency_cycles, "cycle", between(0, 4096),
          "pipeline stages: OR tree, leading one, shift, round"),
    field("staging_kib", &RazorUnitSpec::staging_kib, "KiB", between(1, 1 << 20),
          "rows that wait until their groups or scale are complete"));

struct SequencerSpec {
  std::int64_t tiles_ahead = 4;

  bool operator==(const SequencerSpec&) const = default;
};
template <>
inline constexpr auto fields<SequencerSpec> = field_table<SequencerSpec>(
    field("tiles_ahead", &SequencerSpec::tiles_ahead, "tiles", between(1, 4096),
          "tiles issued before the oldest has finished"));

}  // namespace razorsim
