// SPDX-License-Identifier: Apache-2.0
#include "models/energy/technology.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Collects the problems of one table.
class Checker {
 public:
  explicit Checker(const TechnologyTable& table) : table_(table) {}

  [[nodiscard]] std::vector<Problem> run() {
    estimate("logic_leakage_nw_per_um2", table_.logic_leakage_nw_per_um2);
    estimates("register_bit", table_.register_bit);
    for (std::size_t i = 0; i < table_.units.size(); ++i)
      unit(fmt::format("units[{}]", i), table_.units[i]);
    for (std::size_t i = 0; i < table_.razor_units.size(); ++i) {
      const std::string key = fmt::format("razor_units[{}]", i);
      node(key, table_.razor_units[i].node_nm);
      estimates(key, table_.razor_units[i]);
    }
    estimate("dram_spread", table_.dram_spread);
    node("vector_unit", table_.vector_unit.node_nm);
    estimates("vector_unit", table_.vector_unit);
    sram();
    for (std::size_t i = 0; i < table_.dram_interfaces.size(); ++i) {
      const InterfaceTechnology& each = table_.dram_interfaces[i];
      const std::string key = fmt::format("dram_interfaces[{}]", i);
      unique(key, "interface " + each.name);
      estimates(key, each);
    }
    return std::move(problems_);
  }

 private:
  void add(const std::string& key, std::string message) {
    problems_.push_back({key, std::move(message)});
  }

  void node(const std::string& key, double nm) {
    if (nm == table_.node_nm) return;
    add(key + ".node_nm",
        fmt::format("is {} nm in a table of {} nm; a total never mixes nodes", nm, table_.node_nm));
  }

  void estimate(const std::string& key, const Estimate& value) {
    if (value.low >= 0 && value.ordered()) return;
    add(key, fmt::format("is {}, {}, {}; needs 0 <= low <= nominal <= high", value.low,
                         value.nominal, value.high));
  }

  /// Every Estimate of `owner`, one level of nesting deep.
  template <Described T>
  void estimates(const std::string& key, const T& owner) {
    for_each_field<T>([&](const auto& each) {
      using Member = typename std::remove_cvref_t<decltype(each)>::type;
      const std::string inner = key + "." + std::string(each.name);
      if constexpr (std::is_same_v<Member, Estimate>) {
        estimate(inner, owner.*each.member);
      } else if constexpr (Described<Member>) {
        estimates(inner, owner.*each.member);
      }
    });
  }

  void unique(const std::string& key, const std::string& name) {
    if (!names_.insert(name).second) add(key, fmt::format("a second {}", name));
  }

  void unit(const std::string& key, const UnitTechnology& each) {
    unique(key, fmt::format("unit {} with {} lanes and {} bits", each.name, each.lanes,
                            each.accumulator_bits));
    node(key, each.node_nm);
    estimates(key, each);
  }

  void sram() {
    if (!table_.sram.spread.ordered()) estimate("sram.spread", table_.sram.spread);
    std::set<double> sizes;
    std::set<int> ports;
    std::set<std::pair<double, int>> seen;
    for (std::size_t i = 0; i < table_.sram.points.size(); ++i) {
      const SramPoint& point = table_.sram.points[i];
      const std::string key = fmt::format("sram.points[{}]", i);
      node(key, point.node_nm);
      sizes.insert(point.size_kib);
      ports.insert(point.port_bits);
      if (!seen.insert({point.size_kib, point.port_bits}).second)
        add(key, "a second point of that size and port");
      if (point.read_pj <= 0 || point.write_pj <= 0 || point.leakage_mw <= 0 ||
          point.area_um2 <= 0) {
        add(key, "needs energies, leakage and area above 0");
      }
    }
    if (seen.size() != sizes.size() * ports.size()) {
      add("sram.points",
          fmt::format("has {} points, but {} sizes times {} ports; the grid must be full",
                      seen.size(), sizes.size(), ports.size()));
    }
  }

  const TechnologyTable& table_;
  std::vector<Problem> problems_;
  std::set<std::string> names_;
};

double ratio(int a, int b) {
  return a > b ? static_cast<double>(a) / b : static_cast<double>(b) / a;
}

}  // namespace

std::vector<Problem> physical_problems(const TechnologyTable& table) {
  return Checker(table).run();
}

void check(const TechnologyTable& table) {
  std::vector<Problem> problems = physical_problems(table);
  if (problems.empty()) return;
  for (Problem& each : problems) each.path = "technology." + each.path;
  throw ConfigError(std::move(problems));
}

UnitTechnology unit_of(const TechnologyTable& table, std::string_view name, int lanes,
                       int accumulator_bits) {
  const auto distance = [&](const UnitTechnology& each) {
    return std::tuple(ratio(each.lanes, lanes), each.lanes,
                      ratio(each.accumulator_bits, accumulator_bits));
  };
  const UnitTechnology* best = nullptr;
  std::vector<std::string_view> known;
  for (const UnitTechnology& each : table.units) {
    known.push_back(each.name);
    if (each.name == name && (best == nullptr || distance(each) < distance(*best))) best = &each;
  }
  if (best == nullptr) {
    throw ConfigError("technology.units", fmt::format("technology '{}' has no unit '{}'{}",
                                                      table.name, name, did_you_mean(name, known)));
  }
  UnitTechnology unit = *best;
  const double width = static_cast<double>(accumulator_bits) / best->accumulator_bits;
  for (LogicCost* cost : {&unit.shift, &unit.accumulate}) {
    cost->energy_pj = cost->energy_pj * width;
    cost->area_um2 = cost->area_um2 * width;
  }
  return unit;
}

const InterfaceTechnology& interface_of(const TechnologyTable& table, std::string_view name) {
  std::vector<std::string_view> known;
  for (const InterfaceTechnology& each : table.dram_interfaces) {
    if (each.name == name) return each;
    known.push_back(each.name);
  }
  throw ConfigError(
      "technology.dram_interfaces",
      fmt::format("technology '{}' has no DRAM interface '{}'; it has {}{}", table.name, name,
                  fmt::join(known, ", "), did_you_mean(name, known)));
}

RazorTechnology razor_unit_of(const TechnologyTable& table, int group) {
  const RazorTechnology* best = nullptr;
  for (const RazorTechnology& each : table.razor_units) {
    if (best == nullptr || ratio(each.group, group) < ratio(best->group, group)) best = &each;
  }
  if (best == nullptr) {
    throw ConfigError("technology.razor_units",
                      fmt::format("technology '{}' has no razor unit", table.name));
  }
  RazorTechnology scaled = *best;
  // OR tree, shifters and rounders are all linear in the elements; only the leading-one detector is
  // not.
  const double factor = static_cast<double>(group) / best->group;
  scaled.group = group;
  scaled.energy_pj = best->energy_pj * factor;
  scaled.area_um2 = best->area_um2 * factor;
  return scaled;
}

}  // namespace razorsim
