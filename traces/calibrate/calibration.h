// SPDX-License-Identifier: Apache-2.0
// Static scales from a calibration text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/fields.h"
#include "models/base/scheme.h"
#include "traces/llama/model.h"

namespace razorsim {

struct CalibrationSpec {
  std::int64_t tokens = 2048;
  std::int64_t context = 512;
  double percentile = 100;

  bool operator==(const CalibrationSpec&) const = default;
};
template <>
inline constexpr auto fields<CalibrationSpec> = field_table<CalibrationSpec>(
    field("tokens", &CalibrationSpec::tokens, "tokens", between(1, 1 << 28),
          "first tokens of the text that are used"),
    field("context", &CalibrationSpec::context, "tokens", between(1, 1 << 20),
          "tokens of each of the sequences they are cut into"),
    field("percentile", &CalibrationSpec::percentile, "%", between(1, 100),
          "share of magnitudes at or below what counts as the maximum; 100 is the maximum itself"));

/// The largest magnitude of each FP32 edge (see llama_operations), "layers.3.input_norm.output" to
/// "final_norm.output"; scores and softmax have none. All edges are there, so it serves every
/// scheme.
struct StaticRanges {
  CalibrationSpec spec;  ///< with the tokens there were
  std::string model_sha256;
  std::string text;  ///< file name of the token ids
  std::string text_sha256;
  std::map<std::string, float, std::less<>> absmax;
  /// Searched scales of weights (search_row_scales), by row_scales_key; mostly none.
  std::map<std::string, std::vector<float>, std::less<>> row_scales;

  /// Throws TraceError naming the edge when it is not there.
  [[nodiscard]] float absmax_of(std::string_view edge) const;
  /// Searched scales of a weight in `format`, none where nobody searched. Throws TraceError where
  /// they are not `rows`.
  [[nodiscard]] std::vector<float> row_scales_of(std::string_view weight, const FormatSpec& format,
                                                 std::int64_t rows) const;
  bool operator==(const StaticRanges&) const = default;
};

/// Runs the FP32 model over the first tokens, cut into contexts that start anew. The same result on
/// any number of threads. Throws TraceError for a token outside the vocabulary, without any token,
/// or where a number overflows FP32.
[[nodiscard]] StaticRanges calibrate(const Model& model, const std::vector<std::int32_t>& tokens,
                                     const CalibrationSpec& spec, int threads);

/// A safetensors file: "<edge>.absmax" F32 [1] each, "<row_scales_key>.scale" F32 [n] each. Throw
/// OutputError, TraceError.
void write_calibration(const StaticRanges& calibration, const std::string& path);
[[nodiscard]] StaticRanges read_calibration(const std::string& path);

}  // namespace razorsim
