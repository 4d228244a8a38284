// SPDX-License-Identifier: Apache-2.0
// What the modules count for each operation, as plain data.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/fields.h"
#include "models/base/units.h"
#include "models/mapping/geometry.h"

namespace razorsim {

struct BufferTraffic {
  PanelBytes read;
  PanelBytes written;

  bool operator==(const BufferTraffic&) const = default;
};
template <>
inline constexpr auto fields<BufferTraffic> = field_table<BufferTraffic>(
    field("read", &BufferTraffic::read, "", any_value, "bytes read"),
    field("written", &BufferTraffic::written, "", any_value, "bytes written"));

/// Work of one operation on every module.
struct HardwareCounters {
  std::int64_t macs = 0;
  std::int64_t products = 0;
  std::int64_t shifts = 0;
  std::int64_t group_ends = 0;
  std::int64_t overflows = 0;
  std::int64_t array_cycles = 0;
  std::int64_t preload_cycles = 0;
  std::int64_t port_stall_cycles = 0;
  std::int64_t vector_cycles = 0;
  std::int64_t vector_steps = 0;
  std::int64_t rescaled = 0;
  std::int64_t operated = 0;
  std::int64_t operated_rows = 0;
  std::int64_t quantised = 0;
  std::int64_t maximised = 0;
  std::int64_t razor_cycles = 0;
  std::int64_t razor_groups = 0;
  PanelBytes dram_read;
  PanelBytes dram_written;
  Bytes dram_read_padding;
  Bytes dram_write_padding;
  Bytes distinct_read;
  BufferTraffic weight_buffer;
  BufferTraffic activation_buffer;
  BufferTraffic output_buffer;
  BufferTraffic staging_buffer;
  BufferTraffic kv_cache;

  bool operator==(const HardwareCounters&) const = default;
};
template <>
inline constexpr auto fields<HardwareCounters> = field_table<HardwareCounters>(
    field("macs", &HardwareCounters::macs, "", non_negative, "multiply-accumulates executed"),
    field("products", &HardwareCounters::products, "", non_negative,
          "products of multipliers, passes included"),
    field("shifts", &HardwareCounters::shifts, "", non_negative,
          "group sums that went through a shifter"),
    field("group_ends", &HardwareCounters::group_ends, "", non_negative,
          "additions to a wide accumulator"),
    field("overflows", &HardwareCounters::overflows, "", non_negative,
          "additions that did not fit it"),
    field("array_cycles", &HardwareCounters::array_cycles, "cycle", non_negative,
          "cycles the array was given operands"),
    field("preload_cycles", &HardwareCounters::preload_cycles, "cycle", non_negative,
          "cycles it waited for an operand that stays to be brought into place"),
    field("port_stall_cycles", &HardwareCounters::port_stall_cycles, "cycle", non_negative,
          "cycles it waited for a buffer's port"),
    field("vector_cycles", &HardwareCounters::vector_cycles, "cycle", non_negative,
          "cycles of the vector unit"),
    field("vector_steps", &HardwareCounters::vector_steps, "", non_negative,
          "elementary operations of the vector unit"),
    field("rescaled", &HardwareCounters::rescaled, "", non_negative,
          "accumulators turned into FP32"),
    field("operated", &HardwareCounters::operated, "", non_negative,
          "elements of the vector operation itself"),
    field("operated_rows", &HardwareCounters::operated_rows, "", non_negative,
          "rows of the vector operation itself"),
    field("quantised", &HardwareCounters::quantised, "", non_negative,
          "elements turned into base integers"),
    field("maximised", &HardwareCounters::maximised, "", non_negative,
          "elements searched for a dynamic scale"),
    field("razor_cycles", &HardwareCounters::razor_cycles, "cycle", non_negative,
          "cycles of the razor unit"),
    field("razor_groups", &HardwareCounters::razor_groups, "", non_negative, "groups encoded"),
    field("dram_read", &HardwareCounters::dram_read, "", any_value, "bytes read from DRAM"),
    field("dram_written", &HardwareCounters::dram_written, "", any_value, "bytes written to DRAM"),
    field("dram_read_padding_bytes", &HardwareCounters::dram_read_padding, "B", non_negative,
          "padding of bursts read"),
    field("dram_write_padding_bytes", &HardwareCounters::dram_write_padding, "B", non_negative,
          "padding of bursts written"),
    field("distinct_read_bytes", &HardwareCounters::distinct_read, "B", non_negative,
          "bytes of the panels read, each address once"),
    field("weight_buffer", &HardwareCounters::weight_buffer, "", any_value,
          "traffic of the weight buffer"),
    field("activation_buffer", &HardwareCounters::activation_buffer, "", any_value,
          "traffic of the activation buffer"),
    field("output_buffer", &HardwareCounters::output_buffer, "", any_value,
          "traffic of the output buffer"),
    field("staging_buffer", &HardwareCounters::staging_buffer, "", any_value,
          "traffic of the razor unit's staging buffer"),
    field("kv_cache", &HardwareCounters::kv_cache, "", any_value,
          "traffic of the K and V cache on chip"));

/// One entry an operation, shared by the modules of one machine.
class OperationLog {
 public:
  explicit OperationLog(std::size_t operations) : counters_(operations) {}

  [[nodiscard]] HardwareCounters& of(int operation) {
    return counters_[static_cast<std::size_t>(operation)];
  }
  [[nodiscard]] const std::vector<HardwareCounters>& all() const { return counters_; }

 private:
  std::vector<HardwareCounters> counters_;
};

}  // namespace razorsim
