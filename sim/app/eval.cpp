// SPDX-License-Identifier: Apache-2.0
#include "sim/app/eval.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/context_limit.h"
#include "sim/app/dump_option.h"
#include "sim/app/kinds.h"
#include "sim/app/static_ranges.h"
#include "sim/app/tokenizer.h"
#include "sim/app/workload.h"
#include "sim/config/json.h"
#include "sim/eval/evaluation.h"
#include "sim/eval/evaluation_state.h"
#include "sim/eval/observed_products.h"
#include "sim/machine/heap.h"

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

std::vector<std::string> operation_names(const NetworkSpec& network) {
  std::vector<std::string> names;
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    for (const std::string_view operation : observed_operations)
      names.push_back(fmt::format("layers.{}.{}", layer, operation));
  }
  return names;
}

void run(const Arguments& arguments) {
  std::vector<NamedScheme> schemes = read_schemes(arguments.text("schemes"));
  EvaluationSpec spec;
  spec.context = arguments.integer("context", between(2, 1 << 20));
  spec.max_tokens = arguments.integer("max-tokens", between(2, 1 << 28));
  const int threads = threads_of(arguments);
  keep_heap();
  const Model model(arguments.required("model"));
  const std::vector<std::int32_t> tokens =
      token_ids(model.path(), arguments.required("text"), "--text");
  require_context(config_of(model), "--context",
                  std::min({std::ssize(tokens), spec.max_tokens, spec.context}));
  if (arguments.has("save-calibration") && !arguments.has("calibration"))
    throw ConfigError("--save-calibration", "needs scales; allowed with --calibration");
  std::vector<Scheme> formats;
  for (const NamedScheme& each : schemes) formats.push_back(each.scheme);
  const TensorDump dump = tensor_dump(arguments, operation_names(model.network()));
  if (dump.is_on() && arguments.has("resume"))
    throw ConfigError("--dump-tensors", "shows what is computed anew; allowed without --resume");
  const StaticRanges ranges = static_ranges(arguments, model, formats, threads);
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
    listener.dump = dump;
    listener.progress = [&](double share) { bar.show(share, 1); };
    std::vector<QualitySums> done;
    if (!state.empty()) {
      done = read_state(state, inputs, schemes, ranges);
      listener.batch_done = [&](const std::vector<QualitySums>& sums) {
        write_state(state, inputs, schemes, ranges, sums);
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
      joined(
          joined(
              calibrated_options(),
              {
                  {"save-calibration", "FILE", "write the scales too, .safetensors"},
                  {"weights", "FILE",
                   "weights quantised elsewhere, .safetensors: layers.<i>.<operation>.weight.base8 "
                   "and "
                   ".base8.scale"},
                  {"schemes", "A,B,..", "schemes to compare", "fp32,W8A16,W4A8:g16,W4A4:g16"},
                  {"context", "N", "tokens of each context, calibration's too", "512"},
                  {"max-tokens", "N", "first tokens of the text that are used", "2048"},
                  {"resume", "FILE",
                   "keep the run's state here after each 2048 tokens, and go on from it if it is "
                   "there"},
                  {"threads", "N",
                   "threads, 0 for all processors; the result does not depend on it", "0"},
              }),
          dump_options()),
      {
          "razorsim eval --model model.gguf --text prose.txt --calibration other.txt --schemes "
          "fp32,sdr4,mxfp4 --json",
      },
      run,
  };
}

}  // namespace razorsim
