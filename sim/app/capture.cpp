// SPDX-License-Identifier: Apache-2.0
#include "sim/app/capture.h"

#include <charconv>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/context_limit.h"
#include "sim/app/kinds.h"
#include "sim/app/static_ranges.h"
#include "sim/app/tokenizer.h"
#include "sim/app/workload.h"
#include "traces/capture/capture.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

/// "3" or "3-5".
void read_layers(const std::string& text, CaptureSpec& spec) {
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, spec.first_layer);
  bool good = first.ec == std::errc() && spec.first_layer >= 0;
  spec.last_layer = spec.first_layer;
  if (good && first.ptr != end) {
    const auto last = std::from_chars(first.ptr + 1, end, spec.last_layer);
    good = *first.ptr == '-' && last.ec == std::errc() && last.ptr == end &&
           spec.last_layer >= spec.first_layer;
  }
  if (!good)
    throw ConfigError("--layers",
                      fmt::format("is {}; allowed: one layer or a range, such as 3 or 3-5", text));
}

void run(const Arguments& arguments) {
  const std::string out = arguments.required("out");
  const std::string model_path = arguments.required("model");
  const std::string text = arguments.required("text");
  static_cast<void>(arguments.required("calibration"));
  CaptureSpec spec;
  read_layers(arguments.required("layers"), spec);
  spec.tokens = arguments.integer("tokens", between(1, 1 << 20));
  spec.head = arguments.has("head");
  const Scheme scheme = load_scheme(arguments.text("scheme"));
  const int threads = threads_of(arguments);

  const Model model(model_path);
  require_context(config_of(model), "--tokens", spec.tokens);
  const std::vector<std::int32_t> tokens = token_ids(model_path, text, "--text");
  const StaticRanges ranges = static_ranges(arguments, model, {scheme}, threads);
  Provenance provenance;
  provenance.text = file_name(text);
  provenance.text_sha256 = sha256_of_file(text);
  const Trace trace = capture(model, tokens, ranges, scheme, spec, provenance, threads);
  write_trace(trace, out);
  if (arguments.has("json")) {
    print(fmt::format("{{\"operations\": {}, \"tensors\": {}, \"sha256\": \"{}\"}}\n",
                      trace.operations.size(), trace.tensors.size(), sha256_of_file(out)));
  } else if (!arguments.has("quiet")) {
    print(fmt::format("{}: {} operations, {} tensors\n", out, trace.operations.size(),
                      trace.tensors.size()));
  }
}

}  // namespace

Command capture_command() {
  return {
      "capture",
      "run the FP32 model over a text and keep some layers as a trace",
      "",
      joined(
          calibrated_options(),
          {
              {"layers", "A-B", "decoder layers to keep"},
              {"tokens", "N", "first tokens of the text, one prefill", "64"},
              {"head", "", "final norm and head too; needs the last layer"},
              {"scheme", "NAME", "scheme recorded in the trace; it serves any other too", "sdr4"},
              {"context", "N", "tokens of each sequence the calibration is cut into", "512"},
              {"threads", "N", "threads, 0 for all processors; the trace does not depend on it",
               "0"},
              {"out", "FILE", "trace to write, .safetensors"},
          }),
      {
          "razorsim capture --model model.gguf --text prose.txt --calibration other.txt --layers "
          "15 --out t.safetensors",
      },
      run,
  };
}

}  // namespace razorsim
