// SPDX-License-Identifier: Apache-2.0
// Do a trace's operations and tensors fit together?
#pragma once

#include "traces/io/trace.h"

namespace razorsim {

/// Elements that share a flag in the razored codes that a trace carries (SDR.md: g = 16).
inline constexpr std::int64_t trace_group = 16;

/// Throws TraceError, naming the operation or tensor: operations with the wrong number of operands,
/// shapes that contradict each other or whose products overflow, names that occur twice, and
/// tensors whose dtype or shape is not what their operations say. Tensors of no operation may be
/// anything.
void check_shapes(const Trace& trace);

}  // namespace razorsim
