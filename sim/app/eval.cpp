// SPDX-License-Identifier: Apache-2.0
#include "sim/app/eval.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/kinds.h"
#include "sim/app/static_ranges.h"
#include "sim/app/tokenizer.h"
#include "sim/config/json.h"
#include "sim/eval/evaluation.h"
#include "sim/eval/evaluation_state.h"

namespace razorsim {
namespace {

std::vector<NamedScheme> read_schemes(const std::string& list) {
  std::vector<NamedScheme> schemes;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string name = list.substr(begin, end - begin);
    if (name.empty())
      throw ConfigError("--schemes", "has an empty name; allowed: names separated by commas");
    schemes.push_back({name, load_scheme(name), nullptr});
    begin = end + 1;
  }
  return schemes;
}

void run(const Arguments& arguments) {
  std::vector<NamedScheme> schemes = read_schemes(arguments.text("schemes"));
  EvaluationSpec spec;
  spec.context = arguments.integer("context", between(2, 1 << 20));
  spec.max_tokens = arguments.integer("max-tokens", between(2, 1 << 28));
  const int threads = threads_of(arguments);
  const Model model(arguments.required("model"));
  const std::vector<std::int32_t> tokens =
      token_ids(model.path(), arguments.required("text"), "--text");
  const StaticRanges ranges = static_ranges(arguments, model, threads);
  if (arguments.has("save-calibration"))
    write_calibration(ranges, arguments.text("save-calibration"));

  if (const std::string path = arguments.text("weights"); !path.empty()) {
    const auto weights = std::make_shared<const QuantisedWeights>(path, model);
    for (NamedScheme& each : schemes) each.weights = weights;
  }
  const std::string state = arguments.text("resume");
  const std::string inputs =
      state.empty() ? std::string() : inputs_sha256(model, tokens, ranges, spec);
  Evaluation result;
  {
    Progress bar("evaluating", arguments.has("quiet"));
    EvaluationListener listener;
    listener.progress = [&](double share) { bar.show(share, 1); };
    std::vector<QualitySums> done;
    if (!state.empty()) {
      done = read_state(state, inputs, schemes);
      listener.batch_done = [&](const std::vector<QualitySums>& sums) {
        write_state(state, inputs, schemes, sums);
      };
    }
    result = evaluate(model, tokens, ranges, schemes, spec, threads, listener, std::move(done));
  }
  if (arguments.has("json")) {
    print(json_text(to_value(result)) + "\n");
    return;
  }
  if (arguments.has("quiet")) return;
  print(fmt::format("{} tokens, {} predicted\n{:24} {:>11} {:>23} {:>9} {:>7}\n", result.tokens,
                    result.predicted, "scheme", "perplexity", "95 % interval", "KL, nats",
                    "top-1"));
  for (const SchemeQuality& each : result.schemes) {
    print(fmt::format("{:24} {:11.3f} {:>11.3f} -{:>10.3f} {:9.5f} {:7.4f}\n", each.scheme,
                      each.perplexity, each.perplexity_low, each.perplexity_high, each.kl,
                      each.top1));
  }
}

}  // namespace

Command eval_command() {
  return {
      "eval",
      "perplexity of schemes, their divergence from FP32 and top-1 agreement",
      "",
      {
          {"model", "FILE", "GGUF file, or Hugging Face folder with config.json"},
          {"text", "FILE", "text, or token ids where it ends in .json"},
          {"calibration", "FILE",
           "text or .json ids that static scales come from, or a .safetensors calibration"},
          {"calibration-tokens", "N", "first tokens of the calibration that are used", "2048"},
          {"percentile", "P", "share of magnitudes that counts as the maximum", "100"},
          {"save-calibration", "FILE", "write the scales too, .safetensors"},
          {"weights", "FILE",
           "weights quantised elsewhere, .safetensors: layers.<i>.<operation>.weight.base8 and "
           ".base8.scale"},
          {"schemes", "A,B,..", "schemes to compare", "fp32,W8A16,W4A8:g16,W4A4:g16"},
          {"context", "N", "tokens of each context, calibration's too", "512"},
          {"max-tokens", "N", "first tokens of the text that are used", "2048"},
          {"resume", "FILE",
           "keep the run's state here after each 2048 tokens, and go on from it if it is there"},
          {"threads", "N", "threads, 0 for all processors; the result does not depend on it", "0"},
      },
      {
          "razorsim eval --model model.gguf --text prose.txt --calibration other.txt --schemes "
          "fp32,sdr4,mxfp4 --json",
      },
      run,
  };
}

}  // namespace razorsim
