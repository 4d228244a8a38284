// SPDX-License-Identifier: Apache-2.0
#include "sim/app/static_ranges.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/context_limit.h"
#include "sim/app/tokenizer.h"
#include "traces/calibrate/row_scales.h"
#include "traces/capture/capture.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

double percentile_of(const Arguments& arguments) {
  const std::string text = arguments.text("percentile");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 1 && value <= 100)) {
    throw ConfigError("--percentile", fmt::format("is {}; allowed: 1 to 100", text));
  }
  return value;
}

StaticRanges read_or_make(const Arguments& arguments, const Model& model, int threads) {
  CalibrationSpec spec;
  spec.tokens = arguments.integer("calibration-tokens", between(1, 1 << 28));
  spec.context = arguments.integer("context", between(2, 1 << 20));
  spec.percentile = percentile_of(arguments);
  const std::string path = arguments.text("calibration");
  if (path.empty()) return {};
  if (path.ends_with(".safetensors")) {
    StaticRanges ranges = read_calibration(path);
    if (ranges.model_sha256 != model.sha256())
      throw TraceError(path + ": the calibration was made with another model");
    return ranges;
  }
  const std::vector<std::int32_t> tokens = token_ids(model.path(), path, "--calibration");
  require_context(config_of(model), "--context",
                  std::min({std::ssize(tokens), spec.tokens, spec.context}));
  StaticRanges ranges = calibrate(model, tokens, spec, threads);
  ranges.text = file_name(path);
  ranges.text_sha256 = sha256_of_file(path);
  return ranges;
}

}  // namespace

std::vector<Option> calibrated_options() {
  return {
      {"model", "FILE", "GGUF file, or Hugging Face folder with config.json"},
      {"text", "FILE", "text, or token ids where it ends in .json"},
      {"calibration", "FILE",
       "text or .json ids that static scales come from, or a .safetensors calibration"},
      {"calibration-tokens", "N", "first tokens of the calibration that are used", "2048"},
      {"percentile", "P", "share of magnitudes that counts as the maximum", "100"},
      {"row-scales", "max|search",
       "scale of each weight row: of its largest magnitude, or searched for the least squared "
       "error",
       "max"},
  };
}

StaticRanges static_ranges(const Arguments& arguments, const Model& model,
                           const std::vector<Scheme>& schemes, int threads) {
  const auto rows = arguments.choice<RowScales>("row-scales");
  StaticRanges ranges = read_or_make(arguments, model, threads);
  if (rows == RowScales::search) {
    Progress bar("searching row scales", arguments.has("quiet"));
    search_row_scales(model, schemes, threads, ranges, [&](double share) { bar.show(share, 1); });
  }
  return ranges;
}

int threads_of(const Arguments& arguments) {
  const auto asked = static_cast<int>(arguments.integer("threads", between(0, 1024)));
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace razorsim
