// SPDX-License-Identifier: Apache-2.0
#include "sim/app/static_ranges.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/tokenizer.h"
#include "traces/io/sha256.h"

namespace razorsim {

StaticRanges static_ranges(const Arguments& arguments, const Model& model, int threads) {
  const std::string path = arguments.text("calibration");
  CalibrationSpec spec;
  spec.tokens = arguments.integer("calibration-tokens", between(1, 1 << 28));
  spec.context = arguments.integer("context", between(2, 1 << 20));
  spec.percentile = percentile_of(arguments);
  if (path.empty()) return {};
  if (path.ends_with(".safetensors")) return read_calibration(path);
  StaticRanges ranges =
      calibrate(model, token_ids(model.path(), path, "--calibration"), spec, threads);
  ranges.text = std::filesystem::path(path).filename();
  ranges.text_sha256 = sha256_of_file(path);
  return ranges;
}

double percentile_of(const Arguments& arguments) {
  const std::string text = arguments.text("percentile");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 1 && value <= 100)) {
    throw ConfigError("--percentile", fmt::format("is {}; allowed: 1 to 100", text));
  }
  return value;
}

int threads_of(const Arguments& arguments) {
  const auto asked = static_cast<int>(arguments.integer("threads", between(0, 1024)));
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace razorsim
