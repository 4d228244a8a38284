// SPDX-License-Identifier: Apache-2.0
#include "sim/app/kinds.h"

#include <algorithm>

#include "models/formats/format.h"
#include "sim/config/locate.h"

namespace razorsim {
namespace {

std::vector<Problem> below(std::string_view path, std::vector<Problem> problems) {
  for (Problem& each : problems) each.path = join_path(path, each.path);
  return problems;
}

void require(std::vector<Problem> problems) {
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

template <auto Load>
Value resolve(std::string_view name, std::span<const std::string> overrides) {
  return to_value(Load(name, overrides));
}

constexpr auto kinds = std::to_array<ConfigKind>({
    {"machine", "machines", "machines", "whole accelerators", shape_of<MachineSpec>,
     resolve<load_machine>},
    {"network", "networks", "networks", "LLaMA shapes", shape_of<NetworkConfig>,
     resolve<load_network>},
    {"scheme", "schemes", "schemes", "which format each tensor has", shape_of<Scheme>,
     resolve<load_scheme>},
    {"dram", "devices", "dram", "DRAM devices", shape_of<DramSpec>, resolve<load_dram>},
    {"technology", "technologies", "technology", "energy, area and leakage tables",
     shape_of<TechnologyTable>, resolve<load_technology>},
});

}  // namespace

std::span<const ConfigKind> config_kinds() { return kinds; }

MachineSpec load_machine(std::string_view name, std::span<const std::string> overrides) {
  MachineSpec machine = load<MachineSpec>(name, overrides);
  require(below("dram", check(machine.dram)));
  return machine;
}

DramSpec load_dram(std::string_view name, std::span<const std::string> overrides) {
  DramSpec device = load<DramSpec>(name, overrides);
  require(check(device));
  return device;
}

NetworkConfig load_network(std::string_view name, std::span<const std::string> overrides) {
  return load<NetworkConfig>(name, overrides);
}

TechnologyTable load_technology(std::string_view name, std::span<const std::string> overrides) {
  TechnologyTable table = load<TechnologyTable>(name, overrides);
  check(table);
  return table;
}

Scheme load_scheme(std::string_view name, std::span<const std::string> overrides) {
  const std::vector<std::string> shipped = shipped_names("schemes");
  const bool file = name.find('/') != name.npos || name.ends_with(".json") ||
                    std::find(shipped.begin(), shipped.end(), name) != shipped.end();
  Scheme scheme;
  if (file) {
    scheme = load<Scheme>(name, overrides);
  } else {
    const Shape shape = shape_of<Scheme>();
    Value value = to_value(scheme_from_name(name));
    apply_overrides(value, shape, overrides);
    scheme = from_value<Scheme>(value, shape);
  }
  std::vector<Problem> problems;
  for (const auto& each : enum_names<Operand>) {
    for (Problem& problem : problems_of(scheme.format_of(each.value), each.name)) {
      problems.push_back(std::move(problem));
    }
  }
  require(std::move(problems));
  return scheme;
}

}  // namespace razorsim
