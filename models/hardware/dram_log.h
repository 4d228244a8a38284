// SPDX-License-Identifier: Apache-2.0
// The log of DRAM commands: what the rule checker reads and `razorsim dram --log` writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

enum class DramCommand : std::uint8_t {
  activate,
  activate_second,
  precharge,
  precharge_all,
  read,
  read_close,
  write,
  write_close,
  refresh_all,
  refresh_bank,
  clock_sync,
};
template <>
inline constexpr auto enum_names<DramCommand> = std::to_array<EnumName<DramCommand>>({
    {DramCommand::activate, "ACT", "opens a row (the first of two commands on LPDDR5)"},
    {DramCommand::activate_second, "ACT2", "second half of an activate"},
    {DramCommand::precharge, "PRE", "closes a bank"},
    {DramCommand::precharge_all, "PREA", "closes all banks of a rank"},
    {DramCommand::read, "RD", "reads a burst"},
    {DramCommand::read_close, "RDA", "reads a burst and closes the bank"},
    {DramCommand::write, "WR", "writes a burst"},
    {DramCommand::write_close, "WRA", "writes a burst and closes the bank"},
    {DramCommand::refresh_all, "REFA", "refreshes all banks of a rank"},
    {DramCommand::refresh_bank, "REFB", "refreshes one bank"},
    {DramCommand::clock_sync, "CAS", "starts the write clock"},
});

/// One command on a channel's command bus. `bank` counts within the rank, bank group major.
struct DramLogEntry {
  std::int64_t cycle = 0;
  std::int32_t channel = 0;
  DramCommand command = DramCommand::activate;
  std::int32_t rank = 0;
  std::int32_t bank = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;

  bool operator==(const DramLogEntry&) const = default;
};
using DramLog = std::vector<DramLogEntry>;

/// "<cycle> <channel> <command> <rank> <bank> <row> <column>", no line end.
[[nodiscard]] std::string to_line(const DramLogEntry& entry);

}  // namespace razorsim
