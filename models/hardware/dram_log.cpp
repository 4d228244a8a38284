// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_log.h"

#include <fmt/format.h>

namespace razorsim {

std::string to_line(const DramLogEntry& entry) {
  return fmt::format("{} {} {} {} {} {} {}", entry.cycle, entry.channel, name_of(entry.command),
                     entry.rank, entry.bank, entry.row, entry.column);
}

}  // namespace razorsim
