// SPDX-License-Identifier: Apache-2.0
#include "sim/app/list.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "sim/app/console.h"
#include "sim/app/kinds.h"
#include "sim/config/json.h"
#include "sim/config/locate.h"

namespace razorsim {

/// One line of a list.
struct Listed {
  std::string name;
  std::string meaning;
};
template <>
inline constexpr auto fields<Listed> = field_table<Listed>(
    field("name", &Listed::name, "", any_value, "as written on the command line or in a file"),
    field("meaning", &Listed::meaning, "", any_value, "what it is"));

namespace {

std::vector<Listed> list_formats() {
  std::vector<Listed> list;
  for (const FormatName& each : format_names())
    list.push_back({std::string(each.name), std::string(each.meaning)});
  return list;
}

std::vector<Listed> list_units() {
  std::vector<Listed> list;
  for (const UnitInfo& each : units())
    list.push_back({std::string(each.name), std::string(each.meaning)});
  return list;
}

/// What a shipped file says about itself.
std::string meaning_of(const Value& file) {
  for (const char* key : {"description", "comment", "source"}) {
    if (const Value* text = file.find(key); text && text->text()) return *text->text();
  }
  return {};
}

std::vector<Listed> list_files(std::string_view folder) {
  std::vector<Listed> list;
  for (const std::string& name : shipped_names(folder)) {
    list.push_back({name, meaning_of(read_json_file(find_config(folder, name)))});
  }
  return list;
}

std::vector<Listed> list_schemes() {
  std::vector<Listed> list;
  for (const SchemeAlias& each : scheme_aliases()) {
    list.push_back({std::string(each.alias), fmt::format("{}: {}", each.name, each.meaning)});
  }
  for (const Listed& each : list_files("schemes")) {
    const auto same = [&](const Listed& other) { return other.name == each.name; };
    if (std::none_of(list.begin(), list.end(), same)) list.push_back(each);
  }
  return list;
}

std::vector<Listed> list_of(std::string_view what) {
  if (what == "formats") return list_formats();
  if (what == "units") return list_units();
  if (what == "schemes") return list_schemes();
  std::vector<std::string_view> known = {"formats", "units"};
  for (const ConfigKind& kind : config_kinds()) {
    if (kind.plural == what) return list_files(kind.folder);
    known.push_back(kind.plural);
  }
  throw ConfigError(std::string(what),
                    fmt::format("nothing is listed by this name{}; allowed: {}",
                                did_you_mean(what, known), fmt::join(known, ", ")));
}

void run(const Arguments& arguments) {
  if (!arguments.positional()) {
    throw ConfigError(
        "list",
        "of what? allowed: formats, units, machines, networks, schemes, devices, technologies");
  }
  const std::vector<Listed> list = list_of(*arguments.positional());
  if (arguments.has("json")) return print(json_text(to_value(list)) + "\n");
  std::size_t width = 0;
  for (const Listed& each : list) width = std::max(width, each.name.size());
  for (const Listed& each : list) {
    print(each.meaning.empty() ? each.name + "\n"
                               : fmt::format("{:<{}}  {}\n", each.name, width, each.meaning));
  }
}

}  // namespace

Command list_command() {
  return {
      "list",
      "what there is: formats, schemes, units, devices, machines, technologies, networks",
      "WHAT",
      {},
      {"razorsim list formats", "razorsim list schemes", "razorsim list machines --json"},
      run,
  };
}

}  // namespace razorsim
