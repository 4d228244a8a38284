// SPDX-License-Identifier: Apache-2.0
// A DRAM as configured: device, command interface, controller, energy. Defaults: DDR4-3200, one
// channel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/errors.h"
#include "models/hardware/dram_timing.h"

namespace razorsim {

/// How commands travel. Two-cycle commands act at their second cycle, and are timed from their
/// first.
struct DramInterface {
  std::int64_t activate_cycles = 1;
  std::int64_t column_cycles = 1;
  bool row_and_column_bus = false;
  bool split_activate = false;
  bool write_clock_sync = false;

  bool operator==(const DramInterface&) const = default;
};
template <>
inline constexpr auto fields<DramInterface> = field_table<DramInterface>(
    field("activate_cycles", &DramInterface::activate_cycles, "cycle", between(1, 4),
          "command bus time of an activate", "JESD79-4"),
    field("column_cycles", &DramInterface::column_cycles, "cycle", between(1, 4),
          "command bus time of a read or write", "JESD79-4"),
    field("row_and_column_bus", &DramInterface::row_and_column_bus, "", any_value,
          "a row and a column command may go in one cycle (HBM)", "JESD79-4"),
    field("split_activate", &DramInterface::split_activate, "", any_value,
          "an activate is two commands at most aad apart (LPDDR5)", "JESD79-4"),
    field("write_clock_sync", &DramInterface::write_clock_sync, "", any_value,
          "a column command needs a CAS first once the write clock has stopped (LPDDR5)",
          "JESD79-4"));

enum class PagePolicy { open, closed, adaptive };
template <>
inline constexpr auto enum_names<PagePolicy> = std::to_array<EnumName<PagePolicy>>({
    {PagePolicy::open, "open", "a row stays open until another one of its bank is wanted"},
    {PagePolicy::closed, "closed",
     "a column command closes its row unless a queued request wants it"},
    {PagePolicy::adaptive, "adaptive",
     "closed in banks whose last rows were left by conflicts, open in the others"},
});

enum class RefreshMode { all_bank, per_bank, none };
template <>
inline constexpr auto enum_names<RefreshMode> = std::to_array<EnumName<RefreshMode>>({
    {RefreshMode::all_bank, "all_bank", "all banks of a rank at once"},
    {RefreshMode::per_bank, "per_bank", "one bank after the other, the rest keep working"},
    {RefreshMode::none, "none", "no refresh (for closed-form tests; data would be lost)"},
});

/// The controller of one channel. Defaults are the controller the public simulators were matched
/// to.
struct DramControllerSpec {
  std::string mapping = "ro-ba-bg-co";
  std::vector<std::string> hash;
  Bytes channel_interleave{256};
  std::int64_t read_queue = 32;
  std::int64_t write_queue = 32;
  double write_high_watermark = 0.8;
  double write_low_watermark = 0.2;
  std::int64_t row_hit_cap = 0;
  bool protect_row_hits = true;
  MemoryCycles starvation_limit{16384};
  PagePolicy page_policy = PagePolicy::open;
  RefreshMode refresh = RefreshMode::all_bank;
  std::int64_t burst_turn = 8;

  bool operator==(const DramControllerSpec&) const = default;
};
template <>
inline constexpr auto fields<DramControllerSpec> = field_table<DramControllerSpec>(
    field("mapping", &DramControllerSpec::mapping, "", any_value,
          "a name (ro-ba-bg-co, ro-ba-co-bg-64B) or slices from bit 0 up, e.g. 'line6 co7 bg2 ba2 "
          "ro16' (ra: rank)"),
    field("hash", &DramControllerSpec::hash, "", any_value,
          "address bits XORed into mapped ones, e.g. 'bg0^ro0'"),
    field("channel_interleave_bytes", &DramControllerSpec::channel_interleave, "byte",
          between(32, 1 << 30), "neighbouring blocks of this size lie in neighbouring channels"),
    field("read_queue", &DramControllerSpec::read_queue, "requests", between(1, 256),
          "reads held by a channel, over all banks",
          "the matched controller of the public simulators"),
    field("write_queue", &DramControllerSpec::write_queue, "requests", between(1, 256),
          "writes held by a channel, over all banks", "the matched controller"),
    field("write_high_watermark", &DramControllerSpec::write_high_watermark, "", between(0, 1),
          "share of the write queue above which writes are drained", "Ramulator 2.1"),
    field("write_low_watermark", &DramControllerSpec::write_low_watermark, "", between(0, 1),
          "share of the write queue below which waiting reads go first again", "Ramulator 2.1"),
    field("row_hit_cap", &DramControllerSpec::row_hit_cap, "", between(0, 1 << 20),
          "column commands an activation serves while an older request wants another row of the "
          "bank, 0: no cap",
          "the matched controller"),
    field("protect_row_hits", &DramControllerSpec::protect_row_hits, "", any_value,
          "an older request to the open row bars a precharge",
          "the matched controller: Ramulator 2.1 FRFCFS-RowHit"),
    field("starvation_limit", &DramControllerSpec::starvation_limit, "cycle", between(64, 1e9),
          "a request older than this goes before all younger ones of its bank"),
    field("page_policy", &DramControllerSpec::page_policy, "", any_value, "when a row is closed",
          "the matched controller"),
    field("refresh", &DramControllerSpec::refresh, "", any_value, "how rows are refreshed",
          "the matched controller"),
    field("burst_turn", &DramControllerSpec::burst_turn, "transactions", between(1, 1 << 20),
          "transactions an initiator puts into the queue before the next one has its turn"));

/// Supply currents of one device. Standby and commands follow from them by the JEDEC power
/// equations.
struct DramCurrents {
  double vdd_v = 1.2;
  double idd0_ma = 57;
  double idd2n_ma = 37;
  double idd3n_ma = 52;
  double idd4r_ma = 168;
  double idd4w_ma = 150;
  double idd5_ma = 250;

  bool operator==(const DramCurrents&) const = default;
};
template <>
inline constexpr auto fields<DramCurrents> = field_table<DramCurrents>(
    field("vdd_v", &DramCurrents::vdd_v, "V", between(0.3, 3.5), "supply",
          "DRAMsim3 29817593, DDR4_8Gb_x8_3200.ini"),
    field("idd0_ma", &DramCurrents::idd0_ma, "mA", between(0, 5000),
          "one bank activated and precharged every rc", "DRAMsim3, as above"),
    field("idd2n_ma", &DramCurrents::idd2n_ma, "mA", between(0, 5000), "standby, all banks closed",
          "DRAMsim3, as above"),
    field("idd3n_ma", &DramCurrents::idd3n_ma, "mA", between(0, 5000), "standby, a bank open",
          "DRAMsim3, as above"),
    field("idd4r_ma", &DramCurrents::idd4r_ma, "mA", between(0, 5000), "reading without pause",
          "DRAMsim3, as above"),
    field("idd4w_ma", &DramCurrents::idd4w_ma, "mA", between(0, 5000), "writing without pause",
          "DRAMsim3, as above"),
    field("idd5_ma", &DramCurrents::idd5_ma, "mA", between(0, 5000), "during an all-bank refresh",
          "DRAMsim3, as above"));

/// Energy of moving one bit over the pins, both ends and termination.
struct DramIo {
  double low_pj_per_bit = 0;
  double nominal_pj_per_bit = 0;
  double high_pj_per_bit = 0;

  bool operator==(const DramIo&) const = default;
};
template <>
inline constexpr auto fields<DramIo> = field_table<DramIo>(
    field("low_pj_per_bit", &DramIo::low_pj_per_bit, "pJ/bit", between(0, 100), "lowest published"),
    field("nominal_pj_per_bit", &DramIo::nominal_pj_per_bit, "pJ/bit", between(0, 100),
          "what totals use"),
    field("high_pj_per_bit", &DramIo::high_pj_per_bit, "pJ/bit", between(0, 100),
          "highest published"));

struct DramSpec {
  std::string name = "ddr4-3200";
  std::string description;
  DramOrganisation organisation;
  DramTiming timing;
  DramInterface interface;
  DramControllerSpec controller;
  std::optional<DramCurrents> currents = DramCurrents{};
  std::optional<DramIo> io;
  bool stores_data = false;

  bool operator==(const DramSpec&) const = default;
};
template <>
inline constexpr auto fields<DramSpec> = field_table<DramSpec>(
    field("name", &DramSpec::name, "", any_value, "device name"),
    field("description", &DramSpec::description, "", any_value, "what device this is"),
    field("organisation", &DramSpec::organisation, "", any_value, "banks, rows, buses"),
    field("timing", &DramSpec::timing, "", any_value, "least distances between commands"),
    field("interface", &DramSpec::interface, "", any_value, "how commands travel"),
    field("controller", &DramSpec::controller, "", any_value, "queues, scheduling, mapping"),
    field("currents", &DramSpec::currents, "", any_value,
          "supply currents of a device; null: no public source, no core energy"),
    field("io", &DramSpec::io, "", any_value,
          "energy over the pins; null: no public source, no I/O energy"),
    field("stores_data", &DramSpec::stores_data, "", any_value,
          "keep the bytes written (needs host memory)"));

/// What is inconsistent in `spec`, with key paths relative to it; empty when all is well.
[[nodiscard]] std::vector<Problem> check(const DramSpec& spec);

/// Throws ConfigError with everything check() finds.
void require_consistent(const DramSpec& spec);

/// Bytes a second of all channels' data buses together.
[[nodiscard]] double peak_bytes_per_second(const DramSpec& spec);

}  // namespace razorsim
