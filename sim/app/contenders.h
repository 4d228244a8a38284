// SPDX-License-Identifier: Apache-2.0
// What `compare` holds equal between schemes, and what it changes to do so.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/app/workload.h"
#include "sim/result/comparison.h"

namespace razorsim {

enum class Equal { pes, area, bandwidth, error };
template <>
inline constexpr auto enum_names<Equal> = std::to_array<EnumName<Equal>>({
    {Equal::pes, "equal-pes", "the same machine for all"},
    {Equal::area, "equal-area",
     "each array has the rows and columns with which its chip has the first scheme's area"},
    {Equal::bandwidth, "equal-bandwidth",
     "each array has the rows and columns with which it asks the same DRAM for as many bytes a "
     "second as the first scheme's, at full speed"},
    {Equal::error, "equal-error",
     "each scheme is the cheapest of its variants whose output error is at most the first "
     "scheme's"},
});

/// Runs `names` on the workload under a rule; the first is the reference. `done` is called after
/// each of them. Throws ConfigError where the rule needs numbers that the workload does not have.
[[nodiscard]] std::vector<Compared> contest(Equal rule, const std::vector<std::string>& names,
                                            const Workload& workload, const RunSettings& settings,
                                            const std::function<void()>& done);

}  // namespace razorsim
