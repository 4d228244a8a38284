// SPDX-License-Identifier: Apache-2.0
#include "sim/result/report.h"

#include <bit>
#include <cstddef>
#include <optional>
#include <span>

#include "traces/io/sha256.h"

namespace razorsim {
namespace {

/// An entry of `modules`.
struct ModuleReport : Written<ModuleReport> {
  explicit ModuleReport(const ModuleResult& of) : module(of) {}
  static const std::vector<Column<ModuleReport>>& columns() {
    const auto own = [](auto member) {
      return column_of<ModuleReport>(
          member, [](const ModuleReport& report) -> auto& { return report.module; });
    };
    static const std::vector<Column<ModuleReport>> all = {
        own(&ModuleResult::name),
        column<ModuleReport>("total_ps", "ps", non_negative,
                             "length of the run: busy, waiting and idle sum to it",
                             [](const ModuleReport& report) { return report.module.time.total(); }),
        own(&ModuleResult::time),
    };
    return all;
  }

  const ModuleResult& module;
};

std::vector<ModuleReport> modules_of(const Report& report) {
  return {report.run.modules.begin(), report.run.modules.end()};
}

std::vector<StepReport> steps_of(const Report& report) {
  std::vector<StepReport> reports;
  for (const StepResult& each : report.run.steps) reports.emplace_back(report.run, each, 1);
  return reports;
}

std::optional<std::string> output_hash(const Report& report) {
  static_assert(std::endian::native == std::endian::little, "hashes are of little-endian numbers");
  const RunResult& run = report.run;
  if (!run.accumulators.empty()) return sha256_hex(std::as_bytes(std::span(run.accumulators)));
  if (!run.outputs.empty()) return sha256_hex(std::as_bytes(std::span(run.outputs)));
  return std::nullopt;
}

}  // namespace

const std::vector<Column<Report>>& Report::columns() {
  const auto own = [](auto member) {
    return column_of<Report>(
        member, [](const Report& report) -> auto& { return report.run; });
  };
  static const std::vector<Column<Report>> all = {
      column<Report>("schema_version", "", at_least(1),
                     "version of these keys; a key changes its meaning only with it",
                     [](const Report&) { return 1; }),
      column<Report>("totals", "", any_value, "the whole run",
                     [](const Report& report) { return TotalsReport(report.run); }),
      column<Report>(
          "phases", "", any_value,
          "prefill and decode of a network; none where the workload is a list of operations",
          [](const Report& report) { return phases_of(report.run); }),
      column<Report>("steps", "", any_value, "the same for each forward pass", steps_of),
      column<Report>("operations", "", any_value,
                     "the operations in order of execution; in generate those of the prefill, then "
                     "those of decode",
                     [](const Report& report) { return operations_of(report.run); }),
      column<Report>("modules", "", any_value, "the modules of the machine", modules_of),
      own(&RunResult::provenance),
      own(&RunResult::remarks),
      column<Report>("output_sha256", "", any_value,
                     "of one matrix product with values: SHA-256 of the accumulators, row-major, "
                     "little-endian int64; for floating formats of the FP32 results; else null",
                     output_hash),
  };
  return all;
}

}  // namespace razorsim
