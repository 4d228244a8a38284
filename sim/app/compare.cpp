// SPDX-License-Identifier: Apache-2.0
#include "sim/app/compare.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "sim/app/console.h"
#include "sim/app/workload.h"
#include "sim/config/json.h"
#include "sim/machine/assemble.h"
#include "sim/result/comparison.h"
#include "sim/result/files.h"

namespace razorsim {
namespace {

/// What stays the same between schemes.
enum class Equal { pes, area };

}  // namespace
template <>
inline constexpr auto enum_names<Equal> = std::to_array<EnumName<Equal>>({
    {Equal::pes, "equal-pes", "the machine as it is"},
    {Equal::area, "equal-area",
     "columns of the array changed until its area is nearest to the first scheme's"},
});
namespace {

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

/// Multipliers, adders, shifters and accumulators of the array as `scheme` needs it.
double array_area(const RunSettings& settings, const Workload& workload, const Scheme& scheme) {
  const Schedule schedule = make_schedule(workload.operations, scheme, settings.machine.array,
                                          shape_of(settings.machine));
  const AreaBreakdown area =
      area_of(inventory_of(settings.machine, {&schedule, 1}), settings.technology);
  return area.multipliers.nominal + area.accumulate_shift.nominal;
}

/// The machine whose array takes `area`, rounded to whole columns.
RunSettings resized(RunSettings settings, double area, const Workload& workload,
                    const Scheme& scheme) {
  const double columns = static_cast<double>(settings.machine.array.cols) * area /
                         array_area(settings, workload, scheme);
  settings.machine.array.cols =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(columns + 0.5)));
  return settings;
}

void run(const Arguments& arguments) {
  const std::vector<std::string> names = split(arguments.text("schemes"));
  std::vector<Scheme> schemes;
  for (const std::string& name : names) schemes.push_back(load_scheme(name));
  const Workload workload = read_workload(arguments);
  const RunSettings settings = read_settings(arguments, workload.trace != nullptr);
  const bool equal_area = arguments.choice<Equal>("at") == Equal::area;
  const double area = equal_area ? array_area(settings, workload, schemes.front()) : 0;
  std::vector<Compared> all;
  {
    Progress progress("comparing", arguments.has("quiet"));
    for (std::size_t i = 0; i < schemes.size(); ++i) {
      progress.show(static_cast<double>(i), static_cast<double>(schemes.size()));
      const RunSettings own =
          equal_area && i > 0 ? resized(settings, area, workload, schemes[i]) : settings;
      all.push_back(
          {names[i], run_workload(workload, own, schemes[i]), spec_value(own, schemes[i])});
    }
  }
  const std::string json = json_text(comparison_value(all)) + "\n";
  if (arguments.has("out")) {
    const std::filesystem::path out(arguments.text("out"));
    make_folder(out);
    write_file(out / "comparison.json", json);
    write_file(out / "comparison.txt", comparison_text(all));
    for (const Compared& each : all) {
      std::string folder = each.scheme;
      std::replace(folder.begin(), folder.end(), '/', '_');
      std::replace(folder.begin(), folder.end(), ':', '_');
      write_results(out / folder, each.result, each.spec, false);
    }
  }
  if (arguments.has("json")) {
    print(json);
  } else if (!arguments.has("quiet")) {
    print(comparison_text(all));
  }
}

}  // namespace

Command compare_command() {
  return {
      "compare",
      "the same workload in several schemes, side by side",
      "[CONFIG]",
      joined(
          joined({{"schemes", "A,B,..", "schemes to compare; ratios are to the first",
                   "sdr4,int8,int16x8"},
                  {"at", "RULE", "what stays the same: equal-pes or equal-area (of the array)",
                   "equal-pes"}},
                 workload_options()),
          joined(machine_options(),
                 {{"out", "DIR", "write comparison.json, comparison.txt and each result there"}})),
      {
          "razorsim compare",
          "razorsim compare --schemes sdr4,int8,int16x8 --out results/duel",
          "razorsim compare --network llama-2-7b --layers 0-0 --schemes sdr4,int8 --at equal-area",
      },
      run,
  };
}

}  // namespace razorsim
