// SPDX-License-Identifier: Apache-2.0
#include "sim/result/report.h"
#include "sim/result/shared_columns.h"

namespace razorsim {

const std::vector<Column<OperationReport>>& OperationReport::columns() {
  using Report = OperationReport;
  using Counters = OperationCounters;
  const auto own = [](auto member) {
    return column_of<Report>(
        member, [](const Report& report) -> auto& { return report.operation; });
  };
  static const std::vector<Column<Report>> all = {
      own(&OperationResult::name),
      own(&OperationResult::kind),
      own(&OperationResult::count),
      own(&OperationResult::heads),
      own(&OperationResult::m),
      own(&OperationResult::k),
      own(&OperationResult::n),
      own(&OperationResult::pass),
      own(&OperationResult::unit),
      own(&OperationResult::passes),
      own(&OperationResult::bound),
      semantics_column<Report>(),
      counter<Report>(&Counters::cycles),
      counter<Report>(&Counters::busy),
      counter<Report>(&Counters::stalls),
      counter<Report>(&Counters::macs),
      counter<Report>(&Counters::skipped_macs),
      utilization_column<Report>(),
      occupancy_column<Report>(),
      counter<Report>(&Counters::array_busy),
      counter<Report>(&Counters::vector_busy),
      counter<Report>(&Counters::razor_busy),
      counter<Report>(&Counters::memory_busy),
      dram_read_column<Report>(),
      dram_write_column<Report>(),
      counter<Report>(&Counters::dram_read),
      counter<Report>(&Counters::dram_written),
      counter<Report>(&Counters::distinct_read),
      counter<Report>(&Counters::buffer_read),
      counter<Report>(&Counters::buffer_written),
      counter<Report>(&Counters::overflows),
      energy_column<Report>(),
      components_column<Report>(),
      column<Report>("sqnr_db", "dB", any_value,
                     "signal over noise of its output against the FP32 reference; null without "
                     "values or where exact",
                     [](const Report& report) { return sqnr_db(report.operation.error); }),
      column<Report>("cosine", "", any_value,
                     "cosine of the angle between output and reference; null without values",
                     [](const Report& report) { return cosine(report.operation.error); }),
      column<Report>(
          "max_abs_error", "", any_value, "largest |output - reference|; null without values",
          [](const Report& report) {
            const NumericError& error = report.operation.error;
            return error.elements > 0 ? std::optional(error.largest_error) : std::nullopt;
          }),
      own(&OperationResult::mapping),
  };
  return all;
}

std::vector<OperationReport> operations_of(const RunResult& result) {
  std::vector<OperationReport> reports;
  for (const OperationResult& each : result.operations) reports.emplace_back(result, each);
  return reports;
}

}  // namespace razorsim
