// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/evaluation_state.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/json.h"
#include "sim/config/load.h"
#include "sim/eval/scheme_products.h"
#include "traces/calibrate/row_scales.h"
#include "traces/io/mapped_file.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

/// Of the scales searched for its weights; "" without any.
std::string row_scales_sha256(const Scheme& scheme, const StaticRanges& ranges) {
  constexpr std::string_view weight_end = ".weight";
  Sha256 hash;
  bool any = false;
  for (const auto& [key, scales] : ranges.row_scales) {
    const std::size_t end = key.find(weight_end);
    if (end == std::string::npos) continue;
    const FormatSpec& format = scheme.format_of(Operand::weights, key.substr(0, end));
    if (row_scales_key(key.substr(0, end + weight_end.size()), format) != key) continue;
    hash.update(key);
    hash.update(std::as_bytes(std::span(scales)));
    any = true;
  }
  return any ? hash.hex() : "";
}

/// A scheme by what it says, whatever it is called, and the weights that are its own.
std::string identity(const NamedScheme& named, const StaticRanges& ranges) {
  Scheme scheme = named.scheme;
  scheme.name = names_key_value(scheme) ? "KV" : "";  // the name decides on attention
  return json_line(to_value(scheme)) + (named.weights ? named.weights->sha256() : "") +
         row_scales_sha256(named.scheme, ranges);
}

}  // namespace

std::string inputs_sha256(const Model& model, const std::vector<std::int32_t>& tokens,
                          const StaticRanges& ranges, const EvaluationSpec& spec) {
  Sha256 hash;
  hash.update(model.sha256());
  const auto used = std::min(tokens.size(), static_cast<std::size_t>(spec.max_tokens));
  hash.update(std::as_bytes(std::span(tokens.data(), used)));
  for (const auto& [edge, absmax] : ranges.absmax)
    hash.update(fmt::format("{} {:a}\n", edge, absmax));
  hash.update(json_line(to_value(spec)));
  return hash.hex();
}

std::vector<QualitySums> read_state(const std::string& path, const std::string& inputs_sha256,
                                    const std::vector<NamedScheme>& schemes,
                                    const StaticRanges& ranges) {
  std::vector<QualitySums> wanted(schemes.size());
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return wanted;
  EvaluationState state;
  try {
    state = from_value<EvaluationState>(read_json_file(path));
  } catch (const ConfigError& error) {
    throw TraceError(fmt::format("{}: no state of an evaluation: {}", path, error.what()));
  }
  if (state.inputs_sha256 != inputs_sha256) {
    throw TraceError(fmt::format(
        "{}: the state of an evaluation of another model, text, calibration or context; take "
        "another file, or remove it to start anew",
        path));
  }
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    const auto found =
        std::ranges::find(state.sums, identity(schemes[i], ranges), &QualitySums::scheme);
    if (found != state.sums.end()) wanted[i] = *found;
  }
  return wanted;
}

void write_state(const std::string& path, const std::string& inputs_sha256,
                 const std::vector<NamedScheme>& schemes, const StaticRanges& ranges,
                 std::vector<QualitySums> sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].scheme = identity(schemes[i], ranges);
  OutputFile file(path);
  file.write(json_line(to_value(EvaluationState{inputs_sha256, std::move(sums)})) + "\n");
  file.commit();
}

}  // namespace razorsim
