// SPDX-License-Identifier: Apache-2.0
// An evaluation under way, kept in a file so that an interrupted run goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "sim/eval/evaluation.h"
#include "sim/eval/quality_sums.h"

namespace razorsim {

struct EvaluationState {
  std::string inputs_sha256;
  std::vector<QualitySums> sums;

  bool operator==(const EvaluationState&) const = default;
};
template <>
inline constexpr auto fields<EvaluationState> = field_table<EvaluationState>(
    field("inputs_sha256", &EvaluationState::inputs_sha256, "", any_value,
          "hash of model, tokens, scales and settings: sums of other inputs are not gone on with"),
    field("sums", &EvaluationState::sums, "", any_value, "one entry a scheme, by its whole text"));

/// What identifies the inputs of an evaluation, schemes apart.
[[nodiscard]] std::string inputs_sha256(const Model& model, const std::vector<std::int32_t>& tokens,
                                        const StaticRanges& ranges, const EvaluationSpec& spec);

/// Sums of the schemes asked for, each with the row scales of `ranges` that are its own, from the
/// file at `path` where it has them; it need not exist.
/// Throws TraceError when it is no such file, or of other inputs.
[[nodiscard]] std::vector<QualitySums> read_state(const std::string& path,
                                                  const std::string& inputs_sha256,
                                                  const std::vector<NamedScheme>& schemes,
                                                  const StaticRanges& ranges);

/// Throws OutputError.
void write_state(const std::string& path, const std::string& inputs_sha256,
                 const std::vector<NamedScheme>& schemes, const StaticRanges& ranges,
                 std::vector<QualitySums> sums);

}  // namespace razorsim
