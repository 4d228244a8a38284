// SPDX-License-Identifier: Apache-2.0
// From a model and tokens to a trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "models/base/scheme.h"
#include "traces/calibrate/calibration.h"
#include "traces/io/trace.h"
#include "traces/llama/model.h"

namespace razorsim {

struct CaptureSpec {
  std::int64_t first_layer = 0;
  std::int64_t last_layer = -1;
  std::int64_t tokens = 64;
  bool head = false;

  bool operator==(const CaptureSpec&) const = default;
};
template <>
inline constexpr auto fields<CaptureSpec> =
    field_table<CaptureSpec>(field("first_layer", &CaptureSpec::first_layer, "", non_negative,
                                   "first decoder layer of the trace"),
                             field("last_layer", &CaptureSpec::last_layer, "", at_least(-1),
                                   "last decoder layer of the trace, -1 for the network's last"),
                             field("tokens", &CaptureSpec::tokens, "tokens", between(1, 1 << 20),
                                   "first tokens of the text, one prefill"),
                             field("head", &CaptureSpec::head, "", any_value,
                                   "final norm and head too; needs the network's last layer"));

/// Runs the FP32 model over the first tokens and keeps, for layers first_layer .. last_layer, every
/// tensor of docs/trace-format.md: sources of the weights, FP32 edges, base integers and scales,
/// razored codes. The same bytes on any number of threads. Of `provenance` the caller gives the
/// text and its hash. Throws ConfigError for layers that are not there, TraceError for tokens or a
/// calibration that do not fit the model.
[[nodiscard]] Trace capture(const Model& model, const std::vector<std::int32_t>& tokens,
                            const StaticRanges& calibration, const Scheme& scheme,
                            const CaptureSpec& spec, Provenance provenance, int threads);

/// The last part of a path, of a folder too.
[[nodiscard]] std::string file_name(const std::string& path);

}  // namespace razorsim
