// SPDX-License-Identifier: Apache-2.0
// The same workload in several schemes, side by side.
#pragma once

#include <string>
#include <vector>

#include "models/base/scheme.h"
#include "sim/config/value.h"
#include "sim/result/comparison_report.h"
#include "sim/result/ratios.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// One column: the scheme as the user named it, what ran, its result, what it ran on.
struct Compared {
  std::string name;
  Scheme scheme;
  RunResult result;
  Value spec;
  HeldReport held;
  ErrorSummary error;          ///< of `error_workload`
  std::string error_workload;  ///< "" for the run's own
};

/// The rule in the user's words, and in a sentence.
struct ComparisonRule {
  std::string name;
  std::string meaning;
};

[[nodiscard]] ComparisonReport comparison_report(const ComparisonRule& rule,
                                                 const std::vector<Compared>& all);

/// Rows are figures, columns schemes, at most 100 characters wide: where the schemes do not fit
/// side by side, the baseline's column is repeated in each further block.
[[nodiscard]] std::string comparison_text(const ComparisonRule& rule,
                                          const std::vector<Compared>& all);

/// The report, each scheme with all keys of result.json behind its own.
[[nodiscard]] Value comparison_value(const ComparisonRule& rule, const std::vector<Compared>& all);

/// A line a scheme: the columns of the report, then `totals` of result.json.
[[nodiscard]] std::string comparison_csv(const ComparisonRule& rule,
                                         const std::vector<Compared>& all);

}  // namespace razorsim
