// SPDX-License-Identifier: Apache-2.0
// What a DRAM did: commands, bytes, time and energy. Sums over channels are sums of these.
#pragma once

#include <cstdint>

#include "models/base/fields.h"
#include "models/base/units.h"

namespace razorsim {

/// Energy of a DRAM; zero where the device has no public source. io_* are three estimates of one
/// thing: totals count io (the nominal one).
struct DramEnergy {
  Picojoules activate;
  Picojoules read;
  Picojoules write;
  Picojoules refresh;
  Picojoules active_standby;
  Picojoules precharge_standby;
  Picojoules io;
  Picojoules io_low;
  Picojoules io_high;
  Picojoules core;
  Picojoules total;

  bool operator==(const DramEnergy&) const = default;
};
template <>
inline constexpr auto fields<DramEnergy> = field_table<DramEnergy>(
    field("activate_pj", &DramEnergy::activate, "pJ", non_negative,
          "activates and the precharges that end them"),
    field("read_pj", &DramEnergy::read, "pJ", non_negative, "read commands, inside the devices"),
    field("write_pj", &DramEnergy::write, "pJ", non_negative, "write commands, inside the devices"),
    field("refresh_pj", &DramEnergy::refresh, "pJ", non_negative,
          "refreshes, all-bank and per-bank"),
    field("active_standby_pj", &DramEnergy::active_standby, "pJ", non_negative,
          "standing by with a bank open"),
    field("precharge_standby_pj", &DramEnergy::precharge_standby, "pJ", non_negative,
          "standing by with all banks closed"),
    field("io_pj", &DramEnergy::io, "pJ", non_negative, "moving the bits over the pins, nominal"),
    field("io_low_pj", &DramEnergy::io_low, "pJ", non_negative,
          "the same at the lowest published energy a bit; not in the total"),
    field("io_high_pj", &DramEnergy::io_high, "pJ", non_negative,
          "the same at the highest published energy a bit; not in the total"),
    field("core_pj", &DramEnergy::core, "pJ", non_negative, "the sum without the pins"),
    field("total_pj", &DramEnergy::total, "pJ", non_negative, "core and io"));

struct DramCounters {
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  Bytes read;
  Bytes written;
  Bytes read_wanted;
  Bytes write_wanted;
  std::int64_t activates = 0;
  std::int64_t precharges = 0;
  std::int64_t refreshes = 0;
  std::int64_t bank_refreshes = 0;
  std::int64_t clock_syncs = 0;
  std::int64_t row_hits = 0;
  std::int64_t row_misses = 0;
  std::int64_t row_conflicts = 0;
  std::int64_t forwarded_reads = 0;
  std::int64_t merged_writes = 0;
  Picoseconds busy;
  Picoseconds idle;
  Picoseconds active_standby;
  Picoseconds precharge_standby;
  DramEnergy energy;

  bool operator==(const DramCounters&) const = default;
};
template <>
inline constexpr auto fields<DramCounters> = field_table<DramCounters>(
    field("reads", &DramCounters::reads, "", non_negative, "read commands"),
    field("writes", &DramCounters::writes, "", non_negative, "write commands"),
    field("read_bytes", &DramCounters::read, "byte", non_negative, "bytes read commands moved"),
    field("write_bytes", &DramCounters::written, "byte", non_negative,
          "bytes write commands moved"),
    field("read_wanted_bytes", &DramCounters::read_wanted, "byte", non_negative,
          "bytes initiators asked to read; the rest is padding to whole transactions"),
    field("write_wanted_bytes", &DramCounters::write_wanted, "byte", non_negative,
          "bytes initiators asked to write; the rest is padding"),
    field("activates", &DramCounters::activates, "", non_negative, "rows opened"),
    field("precharges", &DramCounters::precharges, "", non_negative,
          "banks closed, by any command"),
    field("refreshes", &DramCounters::refreshes, "", non_negative, "all-bank refreshes"),
    field("bank_refreshes", &DramCounters::bank_refreshes, "", non_negative, "per-bank refreshes"),
    field("clock_syncs", &DramCounters::clock_syncs, "", non_negative,
          "CAS commands that started the write clock"),
    field("row_hits", &DramCounters::row_hits, "", non_negative,
          "transactions whose row was open when their first command went out"),
    field("row_misses", &DramCounters::row_misses, "", non_negative,
          "transactions that found their bank closed"),
    field("row_conflicts", &DramCounters::row_conflicts, "", non_negative,
          "transactions that found another row open"),
    field("forwarded_reads", &DramCounters::forwarded_reads, "", non_negative,
          "reads answered from the write queue"),
    field("merged_writes", &DramCounters::merged_writes, "", non_negative,
          "writes that replaced a queued one"),
    field("busy_ps", &DramCounters::busy, "ps", non_negative,
          "data bus moving data, summed over channels"),
    field("idle_ps", &DramCounters::idle, "ps", non_negative,
          "data bus not moving data, summed over channels"),
    field("active_standby_ps", &DramCounters::active_standby, "ps", non_negative,
          "time with a bank open, summed over ranks"),
    field("precharge_standby_ps", &DramCounters::precharge_standby, "ps", non_negative,
          "time with all banks closed, summed over ranks"),
    field("energy", &DramCounters::energy, "", any_value, "energy by kind"));

}  // namespace razorsim
