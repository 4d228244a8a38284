// SPDX-License-Identifier: Apache-2.0
// QRazor's claim for its arithmetic unit beside what ours saves: the same question, answered on
// gates.
#pragma once

#include <string>
#include <vector>

#include "sim/result/comparison.h"

namespace razorsim {

/// One entry for each SDR scheme of 4-bit codes, against the INT8 scheme of `all`; none without
/// one.
[[nodiscard]] std::vector<UnitClaimReport> unit_claims(const std::vector<Compared>& all,
                                                       const ComparisonReport& report);

/// A small table and the sentences that explain the difference; empty without claims.
[[nodiscard]] std::string claims_text(const std::vector<UnitClaimReport>& claims);

}  // namespace razorsim
