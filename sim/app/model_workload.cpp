// SPDX-License-Identifier: Apache-2.0
#include "sim/app/model_workload.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/context_limit.h"
#include "sim/app/tokenizer.h"
#include "sim/config/locate.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

constexpr const char* shipped_text = "traces/data/prose.txt";

StaticRanges read_ranges(const Arguments& arguments, const Model& model,
                         const std::vector<std::int32_t>& prompts, std::int64_t length) {
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  CalibrationSpec spec;
  if (!arguments.has("calibration")) {
    spec.tokens = static_cast<std::int64_t>(prompts.size());
    spec.context = length;
    return calibrate(model, prompts, spec, threads);
  }
  if (const std::int64_t most = model.maximum_context(); most > 0)
    spec.context = std::min(spec.context, most);
  const std::string file = arguments.text("calibration");
  if (file.ends_with(".safetensors")) {
    StaticRanges ranges = read_calibration(file);
    if (ranges.model_sha256 != model.sha256())
      throw TraceError(file + ": the calibration was made with another model");
    return ranges;
  }
  return calibrate(model, token_ids(model.path(), file, "--calibration"), spec, threads);
}

}  // namespace

std::vector<Option> model_options() {
  return {
      {"model", "FILE",
       "run a whole model with its numbers: GGUF file, or Hugging Face folder with config.json"},
      {"text", "FILE",
       "with --model: the prompt's text, or token ids where it ends in .json; a batch takes one "
       "prompt after the other from it (default: shipped prose)"},
      {"calibration", "FILE",
       "with --model: text, .json ids or .safetensors calibration that static scales come from "
       "(default: the prompt)"},
  };
}

ModelNumbers read_numbers(const Arguments& arguments, Model model, const WorkloadSpec& spec) {
  const std::int64_t last = config_of(model).layers - 1;
  if (spec.head && spec.last_layer >= 0 && spec.last_layer < last) {
    // The head reads the network's last output, which the layers before it do not make.
    throw ConfigError("--head", fmt::format("with a model's numbers needs its last layer, {}; "
                                            "--layers ends at {}",
                                            last, spec.last_layer));
  }
  const std::string text =
      arguments.has("text") ? arguments.text("text") : find_shipped(shipped_text).string();
  std::vector<std::int32_t> tokens = token_ids(model.path(), text, "--text");
  const bool decode = spec.phase == Phase::decode;
  const std::int64_t wanted = decode ? spec.context + 1 : spec.prompt;
  const auto there = static_cast<std::int64_t>(tokens.size()) / spec.batch;
  if (there < wanted) {
    throw ConfigError(decode ? "--context" : "--prompt",
                      fmt::format("needs {} tokens of the text{}; allowed: at most {}", wanted,
                                  spec.batch > 1 ? " a sequence" : "", decode ? there - 1 : there));
  }
  tokens.resize(static_cast<std::size_t>(wanted * spec.batch));
  std::vector<std::vector<std::int32_t>> prompts;
  for (std::int64_t i = 0; i < spec.batch; ++i)
    prompts.emplace_back(tokens.begin() + i * wanted, tokens.begin() + (i + 1) * wanted);
  StaticRanges ranges = read_ranges(arguments, model, tokens, wanted);
  return {std::move(model), std::move(prompts), std::move(ranges)};
}

}  // namespace razorsim
