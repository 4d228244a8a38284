// SPDX-License-Identifier: Apache-2.0
// Work in a forked child, its result over a pipe. SystemC elaborates once a process, so every
// simulation has a process of its own; several run side by side.
#pragma once

#include <functional>
#include <string>

namespace razorsim {

/// Runs `work` in a child and returns the bytes it returned. An exception of ours (ConfigError,
/// TraceError, Defect, any std::exception) is thrown again here; a child that dies is a Defect.
/// Fork before any thread starts. The child ends without running exit handlers.
[[nodiscard]] std::string run_in_child(const std::function<std::string()>& work);

}  // namespace razorsim
