// SPDX-License-Identifier: Apache-2.0
// plan(): which unit takes which formats, and how. Declared in units.h.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/arithmetic/units.h"
#include "models/base/errors.h"

namespace razorsim {
namespace {

constexpr int default_group = 16;  // where no operand has groups; QRazor's g

bool takes(const UnitInfo& unit, const FormatSpec& a, const FormatSpec& w) {
  if (!is_integer(a) || !is_integer(w)) return false;
  const bool flags = integer_operand(a).grouped() || integer_operand(w).grouped();
  return unit.shifts || !flags;
}

void refuse_formats(const UnitInfo& unit, const FormatSpec& a, const FormatSpec& w) {
  const std::vector<std::string_view> able = units_that_take(a, w);
  throw ConfigError(
      "unit.unit",
      fmt::format("is '{}', which does not multiply {} by {}; {}", unit.name, a.name, w.name,
                  able.empty() ? std::string("no unit does")
                               : fmt::format("units that do: {}", fmt::join(able, ", "))));
}

/// The wider operand goes to the wider multiplier input; of the two ways the one with fewer passes.
void cut_into_planes(const UnitInfo& unit, int bits_a, int bits_w, UnitPlan& plan) {
  const auto passes = [&](int plane_a, int plane_w) {
    return ceil_div(bits_a, plane_a) * ceil_div(bits_w, plane_w);
  };
  plan.plane_bits_a = unit.plane_bits_a;
  plan.plane_bits_w = unit.plane_bits_w;
  if (passes(plan.plane_bits_w, plan.plane_bits_a) < passes(plan.plane_bits_a, plan.plane_bits_w)) {
    std::swap(plan.plane_bits_a, plan.plane_bits_w);
  }
  plan.planes_a = ceil_div(bits_a, plan.plane_bits_a);
  plan.planes_w = ceil_div(bits_w, plan.plane_bits_w);
}

/// The smaller group of the formats, which must divide the larger; 0 without groups.
int group_of_formats(int group_a, int group_w) {
  const auto [small, large] = std::minmax(group_a, group_w);
  if (small == 0) return large;
  if (large % small != 0) {
    throw ConfigError("scheme", fmt::format("has groups of {} and {}; one must divide the other",
                                            group_a, group_w));
  }
  return small;
}

void require_divides(int part, int whole, std::string_view path, std::string_view meaning) {
  if (whole % part != 0) {
    throw ConfigError(std::string(path),
                      fmt::format("{}: {} does not divide {}", meaning, part, whole));
  }
}

/// Groups, multipliers at work, shifters: DESIGN says lanes and group are apart, one divides the
/// other.
void lay_groups(const UnitSpec& spec, int formats_group, UnitPlan& plan) {
  int unit_group = spec.group;
  if (unit_group == 0) unit_group = formats_group > 0 ? formats_group : default_group;
  plan.group = formats_group > 0 ? std::min(formats_group, unit_group) : unit_group;
  require_divides(plan.group, std::max(formats_group, unit_group), "unit.group",
                  "of the unit's group and the formats' one must divide the other");
  if (spec.lanes > unit_group) {
    require_divides(unit_group, spec.lanes, "unit.lanes",
                    "of lanes and group one must divide the other");
    plan.products_per_beat = spec.lanes / unit_group * plan.group;
  } else {
    require_divides(spec.lanes, unit_group, "unit.lanes",
                    "of lanes and group one must divide the other");
    plan.products_per_beat = std::min(spec.lanes, plan.group);
    require_divides(plan.products_per_beat, plan.group, "unit.lanes",
                    "of lanes and group one must divide the other");
  }
}

}  // namespace

std::vector<std::string_view> units_that_take(const FormatSpec& a, const FormatSpec& w) {
  std::vector<std::string_view> names;
  for (const UnitInfo& each : units()) {
    if (takes(each, a, w)) names.push_back(each.name);
  }
  return names;
}

UnitPlan plan(const UnitSpec& spec, const FormatSpec& a, const FormatSpec& w) {
  const UnitInfo& unit = unit_info(spec.unit, "unit.unit");
  if (!takes(unit, a, w)) refuse_formats(unit, a, w);
  if (unit.scalar && spec.lanes != 1) {
    throw ConfigError("unit.lanes", fmt::format("is {}; '{}' is scalar and has 1 (a dot product of "
                                                "lanes is 'sdr_dot')",
                                                spec.lanes, unit.name));
  }
  const IntegerOperand left = integer_operand(a);
  const IntegerOperand right = integer_operand(w);
  UnitPlan plan;
  plan.lanes = spec.lanes;
  plan.shifts = unit.shifts;
  plan.latency_cycles = spec.latency_cycles;
  if (plan.latency_cycles == 0) {
    plan.latency_cycles = spec.lanes == 1 ? unit.latency_scalar : unit.latency_tree;
  }
  cut_into_planes(unit, left.magnitude_bits, right.magnitude_bits, plan);
  if (unit.shifts) {
    lay_groups(spec, group_of_formats(left.group, right.group), plan);
  } else {
    plan.group = plan.products_per_beat = spec.lanes;
  }
  return plan;
}

}  // namespace razorsim
