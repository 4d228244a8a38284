// SPDX-License-Identifier: Apache-2.0
#include "sim/app/razoring.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/context_limit.h"
#include "sim/app/kinds.h"
#include "sim/app/static_ranges.h"
#include "sim/app/tokenizer.h"
#include "sim/app/workload.h"
#include "sim/config/json.h"
#include "sim/eval/razoring_report.h"
#include "traces/io/mapped_file.h"

namespace razorsim {
namespace {

std::vector<int> read_groups(const std::string& list) {
  std::vector<int> groups;
  const char* at = list.data();
  const char* const end = at + list.size();
  for (;;) {
    int group = 0;
    const auto [after, error] = std::from_chars(at, end, group);
    if (error != std::errc() || group < 1 || group > 4096 || (after != end && *after != ',')) {
      throw ConfigError("--groups",
                        fmt::format("is {}; allowed: sizes of 1 to 4096, such as 8,16,32", list));
    }
    groups.push_back(group);
    if (after == end) return groups;
    at = after + 1;
  }
}

/// `scheme` with its weights in each group size.
std::vector<Scheme> with_groups(const Scheme& scheme, const std::vector<int>& groups) {
  std::vector<Scheme> all;
  for (const int group : groups) {
    Scheme& made = all.emplace_back(scheme);
    made.weights.group = group;
    for (SchemeOverride& each : made.overrides) each.format.group = group;
  }
  return all;
}

std::string csv(const RazoringReport& report) {
  std::string text =
      "tensor,operand,base_bits,magnitude_bits,group,elements,truncated_bits,zero_codes,"
      "zero_groups,outlier_ratio,sqnr_db,groups_by_flag\n";
  for (const RazoredTensor& each : report.tensors) {
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", each.tensor, each.operand,
                        each.base_bits, each.magnitude_bits, each.group, each.elements,
                        each.truncated_bits, each.zero_codes, each.zero_groups, each.outlier_ratio,
                        each.sqnr_db, fmt::join(each.flags, " "));
  }
  return text;
}

/// Means over the layers, a line a kind of tensor and group size.
std::string text_of(const RazoringReport& report) {
  struct Mean {
    double count = 0, truncated = 0, zeros = 0, outlier = 0, sqnr = 0, lowest = 1e9;
  };
  std::map<std::pair<std::string, std::int64_t>, Mean> means;
  std::vector<std::pair<std::string, std::int64_t>> order;
  for (const RazoredTensor& each : report.tensors) {
    const std::size_t dot = each.tensor.find('.', each.tensor.find('.') + 1);
    const std::pair key(each.tensor.substr(dot + 1), each.group);
    if (!means.contains(key)) order.push_back(key);
    Mean& mean = means[key];
    mean.count += 1;
    mean.truncated += each.truncated_bits;
    mean.zeros += each.zero_codes;
    mean.outlier += each.outlier_ratio;
    mean.sqnr += each.sqnr_db;
    mean.lowest = std::min(mean.lowest, each.sqnr_db);
  }
  std::string text = fmt::format(
      "{} on {} tokens, means over the layers\n{:24} {:>5} {:>10} {:>11} {:>14} {:>9} "
      "{:>9}\n",
      report.scheme, report.tokens, "tensor", "group", "bits cut", "zero codes", "outlier ratio",
      "SQNR, dB", "lowest");
  for (const auto& key : order) {
    const Mean& mean = means[key];
    text += fmt::format("{:24} {:5} {:10.2f} {:11.3f} {:14.1f} {:9.2f} {:9.2f}\n", key.first,
                        key.second, mean.truncated / mean.count, mean.zeros / mean.count,
                        mean.outlier / mean.count, mean.sqnr / mean.count, mean.lowest);
  }
  return text;
}

void run(const Arguments& arguments) {
  const Scheme scheme = load_scheme(arguments.text("scheme"));
  const std::vector<int> groups = read_groups(arguments.text("groups"));
  const std::int64_t count = arguments.integer("tokens", between(1, 1 << 16));
  const int threads = threads_of(arguments);
  const Model model(arguments.required("model"));
  std::vector<std::int32_t> tokens = token_ids(model.path(), arguments.required("text"), "--text");
  tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(count)));
  require_context(config_of(model), "--tokens", std::ssize(tokens));
  const StaticRanges ranges = static_ranges(arguments, model, with_groups(scheme, groups), threads);
  RazoringReport report;
  {
    Progress bar("razoring", arguments.has("quiet"));
    report = report_razoring(model, tokens, ranges, scheme, groups, threads,
                             [&](double share) { bar.show(share, 1); });
  }
  if (const std::string path = arguments.text("csv"); !path.empty()) {
    OutputFile file(path);
    file.write(csv(report));
    file.commit();
  }
  if (arguments.has("json")) {
    print(json_text(to_value(report)) + "\n");
  } else if (!arguments.has("quiet")) {
    print(text_of(report));
  }
}

}  // namespace

Command razoring_command() {
  return {
      "razoring",
      "what razoring does to each tensor of a model: flags, truncated bits, zeros, error",
      "",
      joined(calibrated_options(),
             {
                 {"context", "N", "tokens of each sequence the calibration is cut into", "512"},
                 {"scheme", "NAME", "scheme whose SDR operands are reported", "sdr4"},
                 {"groups", "A,B,..", "group sizes each tensor is razored with", "8,16,32,64,128"},
                 {"tokens", "N", "first tokens of the text, one sequence", "256"},
                 {"threads", "N", "threads, 0 for all processors; the result does not depend on it",
                  "0"},
                 {"csv", "FILE", "write a line a tensor and group size there"},
             }),
      {
          "razorsim razoring --model model.gguf --text prose.txt --calibration other.txt --csv "
          "razoring.csv",
      },
      run,
  };
}

}  // namespace razorsim
