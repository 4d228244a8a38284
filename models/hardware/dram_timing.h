// SPDX-License-Identifier: Apache-2.0
// What a DRAM device is: how it is organised, and the least distance between its commands.
#pragma once

#include <cstdint>

#include "models/base/fields.h"
#include "models/base/units.h"

namespace razorsim {

/// One device family on one channel. A pseudo channel counts as a channel of its own: it has its
/// own banks and data bus. What two of them share, the command pins, is wide enough for both at
/// full rate and is not modelled.
struct DramOrganisation {
  std::int64_t channels = 1;
  std::int64_t pseudo_channels = 1;
  std::int64_t ranks = 1;
  std::int64_t bank_groups = 4;
  std::int64_t banks_per_group = 4;
  std::int64_t rows = 65536;
  Bytes row{8192};
  Bits bus{64};
  Bits device{8};
  std::int64_t burst_length = 8;

  [[nodiscard]] std::int64_t all_channels() const { return channels * pseudo_channels; }
  [[nodiscard]] std::int64_t banks() const { return bank_groups * banks_per_group; }
  [[nodiscard]] std::int64_t devices() const { return bus.count() / device.count(); }
  [[nodiscard]] Bytes transaction() const { return Bytes(bus.count() / 8 * burst_length); }
  [[nodiscard]] Bytes channel_capacity() const { return row * (rows * banks() * ranks); }
  bool operator==(const DramOrganisation&) const = default;
};
template <>
inline constexpr auto fields<DramOrganisation> = field_table<DramOrganisation>(
    field("channels", &DramOrganisation::channels, "", between(1, 256), "independent channels"),
    field("pseudo_channels", &DramOrganisation::pseudo_channels, "", between(1, 4),
          "halves of a channel with banks and data bus of their own"),
    field("ranks", &DramOrganisation::ranks, "", between(1, 8),
          "ranks (or stack IDs) that share a channel's buses"),
    field("bank_groups", &DramOrganisation::bank_groups, "", between(1, 16),
          "bank groups of a rank", "JESD79-4, x8"),
    field("banks_per_group", &DramOrganisation::banks_per_group, "", between(1, 16),
          "banks of a bank group", "JESD79-4, x8"),
    field("rows", &DramOrganisation::rows, "", between(1, 1 << 24), "rows of a bank",
          "JESD79-4, 8 Gb x8"),
    field("row_bytes", &DramOrganisation::row, "byte", between(64, 1 << 20),
          "one row over all devices of the rank", "JESD79-4: 1024 columns x 64 bit"),
    field("bus_bits", &DramOrganisation::bus, "bit", between(8, 1024),
          "data pins of a (pseudo) channel"),
    field("device_bits", &DramOrganisation::device, "bit", between(4, 1024),
          "data pins of one device"),
    field("burst_length", &DramOrganisation::burst_length, "transfers", between(1, 64),
          "data transfers of one column command", "JESD79-4"));

/// Least distances between commands, in command-clock cycles. Names are JEDEC's without the t.
struct DramTiming {
  Picoseconds clock{625};
  MemoryCycles burst{4};
  MemoryCycles burst_same_group{4};
  MemoryCycles cl{22};
  MemoryCycles cwl{16};
  MemoryCycles rcd_read{22};
  MemoryCycles rcd_write{22};
  MemoryCycles rp{22};
  MemoryCycles rp_all{22};
  MemoryCycles ras{52};
  MemoryCycles rc{74};
  MemoryCycles rrd_s{4};
  MemoryCycles rrd_l{8};
  MemoryCycles ccd_s{4};
  MemoryCycles ccd_l{8};
  MemoryCycles ccd_s_write{4};
  MemoryCycles ccd_l_write{8};
  MemoryCycles faw{34};
  MemoryCycles wr{24};
  MemoryCycles wtr_s{4};
  MemoryCycles wtr_l{12};
  MemoryCycles rtp{12};
  MemoryCycles read_to_write{12};
  MemoryCycles rank_switch{2};
  MemoryCycles ppd{0};
  MemoryCycles rfc{560};
  MemoryCycles refi{12480};
  MemoryCycles rfc_bank{0};
  MemoryCycles refi_bank{0};
  MemoryCycles refresh_to_refresh_bank{0};
  MemoryCycles refresh_to_activate_bank{0};
  MemoryCycles aad{0};
  MemoryCycles wck_post{0};

  bool operator==(const DramTiming&) const = default;
};
template <>
inline constexpr auto fields<DramTiming> = field_table<DramTiming>(
    field("clock_ps", &DramTiming::clock, "ps", between(50, 100000),
          "tCK, period of the command clock", "JESD79-4, DDR4-3200"),
    field("burst", &DramTiming::burst, "cycle", between(1, 64), "data bus time of a column command",
          "JESD79-4: BL8 at two transfers a clock"),
    field("burst_same_group", &DramTiming::burst_same_group, "cycle", between(1, 64),
          "column time before a write-to-read delay in the same bank group: BL/n_max of LPDDR5, "
          "else burst"),
    field("cl", &DramTiming::cl, "cycle", between(1, 200), "read command to first data",
          "JESD79-4, 3200AA"),
    field("cwl", &DramTiming::cwl, "cycle", between(1, 200), "write command to first data",
          "JESD79-4, 3200AA"),
    field("rcd_read", &DramTiming::rcd_read, "cycle", between(1, 200), "activate to read",
          "JESD79-4, 3200AA"),
    field("rcd_write", &DramTiming::rcd_write, "cycle", between(1, 200), "activate to write",
          "JESD79-4, 3200AA"),
    field("rp", &DramTiming::rp, "cycle", between(1, 200), "precharge to activate",
          "JESD79-4, 3200AA"),
    field("rp_all", &DramTiming::rp_all, "cycle", between(1, 200),
          "precharge of all banks to activate", "JESD79-4, 3200AA"),
    field("ras", &DramTiming::ras, "cycle", between(1, 400), "activate to precharge",
          "JESD79-4, 3200AA"),
    field("rc", &DramTiming::rc, "cycle", between(1, 400), "activate to activate, same bank",
          "JESD79-4, 3200AA"),
    field("rrd_s", &DramTiming::rrd_s, "cycle", between(1, 100),
          "activate to activate, other bank group", "JESD79-4, 1 KiB page"),
    field("rrd_l", &DramTiming::rrd_l, "cycle", between(1, 100),
          "activate to activate, same bank group", "JESD79-4, 1 KiB page"),
    field("ccd_s", &DramTiming::ccd_s, "cycle", between(1, 100), "read to read, other bank group",
          "JESD79-4"),
    field("ccd_l", &DramTiming::ccd_l, "cycle", between(1, 100), "read to read, same bank group",
          "JESD79-4"),
    field("ccd_s_write", &DramTiming::ccd_s_write, "cycle", between(1, 100),
          "write to write, other bank group", "JESD79-4"),
    field("ccd_l_write", &DramTiming::ccd_l_write, "cycle", between(1, 100),
          "write to write, same bank group", "JESD79-4"),
    field("faw", &DramTiming::faw, "cycle", between(1, 400),
          "window that holds at most four activates", "JESD79-4, 1 KiB page"),
    field("wr", &DramTiming::wr, "cycle", between(1, 200), "end of write data to precharge",
          "JESD79-4"),
    field("wtr_s", &DramTiming::wtr_s, "cycle", between(1, 100),
          "end of write data to read, other bank group", "JESD79-4"),
    field("wtr_l", &DramTiming::wtr_l, "cycle", between(1, 100),
          "end of write data to read, same bank group", "JESD79-4"),
    field("rtp", &DramTiming::rtp, "cycle", between(1, 100), "read to precharge", "JESD79-4"),
    field("read_to_write", &DramTiming::read_to_write, "cycle", between(1, 200),
          "read to write, any bank", "cl + burst + 2 - cwl: Ramulator 2.1"),
    field("rank_switch", &DramTiming::rank_switch, "cycle", between(0, 100),
          "idle data bus between two ranks", "Ramulator 2.1, nCS"),
    field("ppd", &DramTiming::ppd, "cycle", between(0, 100), "precharge to precharge, 0: no rule"),
    field("rfc", &DramTiming::rfc, "cycle", between(1, 4000), "time of an all-bank refresh",
          "JESD79-4, 8 Gb: 350 ns"),
    field("refi", &DramTiming::refi, "cycle", between(1, 200000), "interval of all-bank refreshes",
          "JESD79-4: 7.8 us"),
    field("rfc_bank", &DramTiming::rfc_bank, "cycle", between(0, 4000),
          "time of a per-bank refresh, 0: device has none"),
    field("refi_bank", &DramTiming::refi_bank, "cycle", between(0, 200000),
          "interval of per-bank refreshes, over all banks"),
    field("refresh_to_refresh_bank", &DramTiming::refresh_to_refresh_bank, "cycle",
          between(0, 4000), "per-bank refresh to the next, other bank"),
    field("refresh_to_activate_bank", &DramTiming::refresh_to_activate_bank, "cycle",
          between(0, 4000), "per-bank refresh to activate, other bank"),
    field("aad", &DramTiming::aad, "cycle", between(0, 100),
          "longest time from the first to the second activate command, 0: one command"),
    field("wck_post", &DramTiming::wck_post, "cycle", between(0, 100),
          "write clock runs on after the last data"));

}  // namespace razorsim
