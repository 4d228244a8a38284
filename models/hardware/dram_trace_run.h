// SPDX-License-Identifier: Apache-2.0
// A stream of 64-byte requests through one DRAM: the rules the public simulators were measured by.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "models/base/fields.h"
#include "models/base/units.h"
#include "models/hardware/dram_counters.h"
#include "models/hardware/dram_log.h"
#include "models/hardware/dram_spec.h"

namespace razorsim {

/// One line of a request file: 64 bytes, not before `earliest` memory cycles.
struct DramTraceRequest {
  std::int64_t earliest = 0;
  std::uint64_t address = 0;
  bool is_write = false;
};
inline constexpr Bytes dram_trace_request_bytes{64};

struct DramRunResult {
  std::int64_t requests = 0;
  MemoryCycles cycles;
  MemoryCycles drained_cycles;
  Picoseconds time;
  double bandwidth = 0;
  double peak_share = 0;
  double row_hit_rate = 0;
  double read_latency_mean = 0;
  std::int64_t read_latency_p50 = 0;
  std::int64_t read_latency_p95 = 0;
  std::int64_t read_latency_p99 = 0;
  std::int64_t read_latency_max = 0;
  DramCounters counters;

  bool operator==(const DramRunResult&) const = default;
};
template <>
inline constexpr auto fields<DramRunResult> = field_table<DramRunResult>(
    field("requests", &DramRunResult::requests, "", non_negative, "64-byte requests of the stream"),
    field("cycles", &DramRunResult::cycles, "cycle", non_negative,
          "memory cycles until every request was accepted and every read had returned"),
    field("drained_cycles", &DramRunResult::drained_cycles, "cycle", non_negative,
          "memory cycles until the last buffered write was in the device too"),
    field("time_ps", &DramRunResult::time, "ps", non_negative, "cycles in picoseconds"),
    field("bandwidth_gb_per_s", &DramRunResult::bandwidth, "GB/s", non_negative,
          "bytes moved by column commands within cycles, over their time"),
    field("peak_share", &DramRunResult::peak_share, "", between(0, 1),
          "bandwidth over that of the data buses"),
    field("row_hit_rate", &DramRunResult::row_hit_rate, "", between(0, 1),
          "transactions whose row was open when their first command went out"),
    field("read_latency_mean_cycles", &DramRunResult::read_latency_mean, "cycle", non_negative,
          "acceptance to last data of a read transaction"),
    field("read_latency_p50_cycles", &DramRunResult::read_latency_p50, "cycle", non_negative,
          "median of the same"),
    field("read_latency_p95_cycles", &DramRunResult::read_latency_p95, "cycle", non_negative,
          "95th percentile"),
    field("read_latency_p99_cycles", &DramRunResult::read_latency_p99, "cycle", non_negative,
          "99th percentile"),
    field("read_latency_max_cycles", &DramRunResult::read_latency_max, "cycle", non_negative,
          "longest"),
    field("counters", &DramRunResult::counters, "", any_value,
          "commands, bytes and energy, up to the drained end"));

/// Runs `requests` in order: a refused transaction blocks those behind it and is offered again the
/// next cycle, one transaction a cycle and channel. `mapping` replaces the device's unless empty.
/// Energy and commands are those up to the drained end. Throws ConfigError for an inconsistent
/// device or mapping.
[[nodiscard]] DramRunResult run_dram_trace(const DramSpec& spec, std::string_view mapping,
                                           std::span<const DramTraceRequest> requests,
                                           DramLog* log = nullptr);

}  // namespace razorsim
