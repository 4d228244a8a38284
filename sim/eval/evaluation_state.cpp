// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/evaluation_state.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/json.h"
#include "sim/config/load.h"
#include "sim/eval/scheme_products.h"
#include "traces/io/mapped_file.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

/// A scheme by what it says, whatever it is called.
std::string identity(const NamedScheme& named) {
  Scheme scheme = named.scheme;
  scheme.name = names_key_value(scheme) ? "KV" : "";  // the name decides on attention
  return json_line(to_value(scheme)) + (named.weights ? named.weights->sha256() : "");
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
                                    const std::vector<NamedScheme>& schemes) {
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
    const auto found = std::ranges::find(state.sums, identity(schemes[i]), &QualitySums::scheme);
    if (found != state.sums.end()) wanted[i] = *found;
  }
  return wanted;
}

void write_state(const std::string& path, const std::string& inputs_sha256,
                 const std::vector<NamedScheme>& schemes, std::vector<QualitySums> sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].scheme = identity(schemes[i]);
  OutputFile file(path);
  file.write(json_line(to_value(EvaluationState{inputs_sha256, std::move(sums)})) + "\n");
  file.commit();
}

}  // namespace razorsim
