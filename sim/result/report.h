// SPDX-License-Identifier: Apache-2.0
// A result as it is written: the keys of result.json and the columns of operations.csv, as views of
// a RunResult, which must outlive them. docs/results.md is generated from their columns.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/result/columns.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// `totals`: the whole run.
struct TotalsReport : Written<TotalsReport> {
  explicit TotalsReport(const RunResult& of) : run(of) {}
  [[nodiscard]] static const std::vector<Column<TotalsReport>>& columns();
  [[nodiscard]] const OperationCounters& counters() const { return run.totals; }
  [[nodiscard]] const EnergyBreakdown& energy() const { return run.energy; }

  const RunResult& run;
};

/// An entry of `operations`.
struct OperationReport : Written<OperationReport> {
  OperationReport(const RunResult& in, const OperationResult& of) : run(in), operation(of) {}
  [[nodiscard]] static const std::vector<Column<OperationReport>>& columns();
  [[nodiscard]] const OperationCounters& counters() const { return operation.counters; }
  [[nodiscard]] const EnergyBreakdown& energy() const { return operation.energy; }

  const RunResult& run;
  const OperationResult& operation;
};

/// An entry of `steps`, a forward pass of a network; or of `phases`, the sum of some.
struct StepReport : Written<StepReport> {
  StepReport(const RunResult& in, const StepResult& of, std::int64_t count)
      : run(in), step(of), steps(count) {}
  [[nodiscard]] static const std::vector<Column<StepReport>>& columns();
  [[nodiscard]] const OperationCounters& counters() const { return step.counters; }
  [[nodiscard]] const EnergyBreakdown& energy() const { return step.energy; }

  const RunResult& run;
  StepResult step;
  std::int64_t steps;
};
[[nodiscard]] std::vector<OperationReport> operations_of(const RunResult& result);
/// The steps summed over the prefill and over decode, as far as there are any.
[[nodiscard]] std::vector<StepReport> phases_of(const RunResult& result);

/// All of result.json but `spec`.
struct Report : Written<Report> {
  explicit Report(const RunResult& of) : run(of) {}
  [[nodiscard]] static const std::vector<Column<Report>>& columns();

  const RunResult& run;
};

}  // namespace razorsim
