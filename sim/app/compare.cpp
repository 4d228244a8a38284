// SPDX-License-Identifier: Apache-2.0
#include "sim/app/compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/contenders.h"
#include "sim/app/workload.h"
#include "sim/config/json.h"
#include "sim/result/comparison.h"
#include "sim/result/files.h"

namespace razorsim {
namespace {

std::string meaning_of(Equal equal) {
  for (const auto& each : enum_names<Equal>) {
    if (each.value == equal) return std::string(each.meaning);
  }
  return {};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) {
    throw ConfigError(
        "--schemes",
        fmt::format("is {}; allowed: names separated by commas, such as sdr4,int8", text));
  }
  return parts;
}

void run(const Arguments& arguments) {
  const std::vector<std::string> names = split(arguments.text("schemes"));
  const Equal equal = arguments.choice<Equal>("at");
  const Workload workload = read_workload(arguments);
  const RunSettings settings = read_settings(arguments, workload.has_tensors());
  std::vector<Compared> all;
  {
    Progress progress("comparing", arguments.has("quiet"));
    double done = 0;
    all = contest(equal, names, workload, settings,
                  [&] { progress.show(++done, static_cast<double>(names.size())); });
  }
  const ComparisonRule rule = {std::string(name_of(equal)), meaning_of(equal)};
  const std::string json = json_text(comparison_value(rule, all)) + "\n";
  const std::string text = comparison_text(rule, all);
  if (arguments.has("out")) {
    const std::filesystem::path out(arguments.text("out"));
    make_folder(out);
    write_file(out / "comparison.json", json);
    write_file(out / "comparison.csv", comparison_csv(rule, all));
    write_file(out / "comparison.txt", text);
    for (const Compared& each : all) {
      std::string folder = each.name;
      std::replace(folder.begin(), folder.end(), '/', '_');
      std::replace(folder.begin(), folder.end(), ':', '_');
      write_results(out / folder, each.result, each.spec, false);
    }
  }
  if (arguments.has("json")) {
    print(json);
  } else if (!arguments.has("quiet")) {
    print(text);
  }
}

}  // namespace

Command compare_command() {
  return {
      "compare",
      "the same workload in several schemes, side by side",
      "[CONFIG]",
      joined(joined({{"schemes", "A,B,..", "schemes to compare; ratios are to the first",
                      "sdr4,int8,int16x8"},
                     {"at", "RULE",
                      "what stays the same: equal-pes, equal-area, equal-bandwidth or equal-error",
                      "equal-pes"}},
                    workload_options()),
             joined(machine_options(),
                    {{"out", "DIR", "write comparison.json, .csv, .txt and each result there"}})),
      {
          "razorsim compare",
          "razorsim compare --schemes sdr4,int8,int16x8 --out results/duel",
          "razorsim compare --network llama-2-7b --layers 0-0 --schemes sdr4,int8 --at equal-area",
          "razorsim compare --schemes int8,sdr4 --at equal-error",
      },
      run,
  };
}

}  // namespace razorsim
