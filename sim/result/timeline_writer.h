// SPDX-License-Identifier: Apache-2.0
// timeline.json: the run in Chrome's trace event format, for ui.perfetto.dev or chrome://tracing.
#pragma once

#include <string>

#include "sim/result/run_result.h"

namespace razorsim {

/// One track a module. A slice is the operation worked on, or "wait: <cause>"; its category says
/// busy, waiting_in or waiting_out. Times are microseconds, as the format wants, to the picosecond.
/// Needs a run with timeline on; without one the tracks are empty.
[[nodiscard]] std::string timeline_json(const RunResult& result);

}  // namespace razorsim
