// SPDX-License-Identifier: Apache-2.0
// A result for a reader of the terminal.
#pragma once

#include <string>

#include "sim/result/run_result.h"

namespace razorsim {

/// Totals, the roofline line, stalls by cause, energy by component, and the operations that took
/// longest.
[[nodiscard]] std::string summary_text(const RunResult& result);

/// Figures as a reader likes them: "1.23 M", "45.6 k"; three or four digits.
[[nodiscard]] std::string engineering(double value);

/// "12.3 %" from 0.123.
[[nodiscard]] std::string percent(double share);

/// "12.3 mJ" from pJ, "1.2 ms" from ps, "3.4 MiB" from bytes, "5.6 mm2" from um2.
[[nodiscard]] std::string energy_text(double picojoules);
[[nodiscard]] std::string time_text(Picoseconds time);
[[nodiscard]] std::string bytes_text(std::int64_t bytes);
[[nodiscard]] std::string area_text(double square_micrometres);

}  // namespace razorsim
