// SPDX-License-Identifier: Apache-2.0
// The same workload in several schemes, side by side.
#pragma once

#include <string>
#include <vector>

#include "sim/config/value.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// One column: the scheme as the user named it, its result, what it ran on.
struct Compared {
  std::string scheme;
  RunResult result;
  Value spec;
};

/// Rows are figures, columns schemes; beside each figure of cost its ratio to the first column.
[[nodiscard]] std::string comparison_text(const std::vector<Compared>& all);

/// {"schema_version", "baseline", "schemes": [{"scheme", "relative": {..}, and the keys of
/// result.json}]}. A relative figure is this scheme's over the baseline's, null where the
/// baseline's is zero.
[[nodiscard]] Value comparison_value(const std::vector<Compared>& all);

}  // namespace razorsim
