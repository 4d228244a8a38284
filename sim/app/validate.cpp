// SPDX-License-Identifier: Apache-2.0
#include "sim/app/validate.h"

#include <filesystem>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/app/kinds.h"
#include "sim/config/json.h"
#include "sim/config/locate.h"

namespace razorsim {
namespace {

const ConfigKind& kind_named(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ConfigKind& kind : config_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw ConfigError("--kind", fmt::format("is {}; allowed: one of {}{}", name,
                                          fmt::join(names, ", "), did_you_mean(name, names)));
}

/// What a file says it is by its "$schema", else by its folder, else a machine. A bare name is of
/// the first kind that ships it.
const ConfigKind& kind_of(const std::string& config) {
  namespace fs = std::filesystem;
  if (config.find('/') == config.npos && !config.ends_with(".json")) {
    for (const ConfigKind& kind : config_kinds()) {
      for (const std::string& name : shipped_names(kind.folder)) {
        if (name == config) return kind;
      }
    }
    return config_kinds().front();
  }
  const fs::path path = find_config("", config);
  const Value value = read_json_file(path);
  std::string schema;
  if (const Value* named = value.find("$schema"); named && named->text())
    schema = fs::path(*named->text()).filename();
  const std::string folder = fs::absolute(path).parent_path().filename();
  for (const ConfigKind& kind : config_kinds()) {
    if (schema == fmt::format("{}.schema.json", kind.name)) return kind;
  }
  for (const ConfigKind& kind : config_kinds()) {
    if (folder == kind.folder) return kind;
  }
  return config_kinds().front();
}

void run(const Arguments& arguments) {
  if (!arguments.positional()) throw ConfigError("CONFIG", "is needed: a name or a file");
  const std::string& config = *arguments.positional();
  const ConfigKind& kind =
      arguments.has("kind") ? kind_named(arguments.text("kind")) : kind_of(config);
  const Value resolved = kind.resolve(config, arguments.all("set"));
  if (arguments.has("json")) {
    print(json_text(resolved) + "\n");
  } else if (!arguments.has("quiet")) {
    print(fmt::format("{}: a valid {}\n", config, kind.name));
  }
}

}  // namespace

Command validate_command() {
  return {
      "validate",
      "check a configuration; --json prints it resolved, with every default",
      "CONFIG",
      {
          {"kind", "KIND",
           "machine, network, scheme, dram or technology; found out when not given"},
          {"set", "KEY=VALUE", "override a setting", "", true},
      },
      {
          "razorsim validate default",
          "razorsim validate configs/machines/default.json --set array.rows=32 --json",
          "razorsim validate my-device.json --kind dram",
      },
      run,
  };
}

}  // namespace razorsim
