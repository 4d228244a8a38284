// SPDX-License-Identifier: Apache-2.0
// plan(): which unit takes which formats, and how. Declared in units.h.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/formats/format.h"

namespace razorsim {
namespace {

constexpr int default_group = 16;  // where no operand has groups; QRazor's g

/// Whether real scales a group, or exponents an element, go into the unit's sums: both operands of
/// its format, or of INT4's unit integers of which one or both have a scale a group.
bool takes_scaled(const UnitInfo& unit, const FormatSpec& a, const FormatSpec& w) {
  if (unit.scaled_format.empty()) return false;
  if (unit.scaled_format != "int4")
    return a.name == unit.scaled_format && w.name == unit.scaled_format;
  const auto plain_or_scaled = [](const FormatSpec& format) {
    return is_integer_format(format) && format.name != "sdr";
  };
  return plain_or_scaled(a) && plain_or_scaled(w) && !(is_integer(a) && is_integer(w));
}

bool takes(const UnitInfo& unit, const FormatSpec& a, const FormatSpec& w) {
  if (takes_scaled(unit, a, w)) return true;
  if (!is_integer(a) || !is_integer(w) || unit.plane_bits_a == 0) return false;
  const bool flags = integer_operand(a).grouped() || integer_operand(w).grouped();
  return unit.shifts || !flags;
}

void refuse_formats(const UnitInfo& unit, const FormatSpec& a, const FormatSpec& w,
                    std::string_view path) {
  const std::vector<std::string_view> able = units_that_take(a, w);
  const std::string others =
      able.empty() ? "no unit does" : fmt::format("units that do: {}", fmt::join(able, ", "));
  throw ConfigError(fmt::format("{}.unit", path),
                    fmt::format("is '{}', which does not multiply {} by {}; {}", unit.name, a.name,
                                w.name, others));
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

void require_one_divides(int value, int other, std::string_view what, std::string_view path,
                         std::string_view field) {
  if (value % other == 0 || other % value == 0) return;
  throw ConfigError(
      fmt::format("{}.{}", path, field),
      fmt::format("is {} beside {} of {}; one must divide the other", value, what, other));
}

/// Groups, multipliers at work, shifters. A group longer than the unit's is cut and its flag used
/// again, which is exact because the shift is linear; a shorter one leaves multipliers idle.
void lay_groups(const UnitSpec& spec, int formats_group, std::string_view path, UnitPlan& plan) {
  int unit_group = spec.group;
  if (unit_group == 0) unit_group = formats_group > 0 ? formats_group : default_group;
  plan.group = formats_group > 0 ? std::min(formats_group, unit_group) : unit_group;
  if (formats_group > 0) {
    require_one_divides(unit_group, formats_group, "groups of the formats", path, "group");
  }
  require_one_divides(spec.lanes, unit_group, "groups", path, "lanes");
  if (spec.lanes > unit_group) {
    plan.products_per_beat = spec.lanes / unit_group * plan.group;
  } else {
    require_one_divides(spec.lanes, plan.group, "groups", path, "lanes");
    plan.products_per_beat = std::min(spec.lanes, plan.group);
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

UnitPlan plan(const UnitSpec& spec, const FormatSpec& a, const FormatSpec& w,
              std::string_view path) {
  const UnitInfo& unit = unit_info(spec.unit, fmt::format("{}.unit", path));
  if (!takes(unit, a, w)) refuse_formats(unit, a, w, path);
  if (unit.scalar && spec.lanes != 1) {
    throw ConfigError(fmt::format("{}.lanes", path),
                      fmt::format("is {}; '{}' is scalar and has 1 (a dot product of "
                                  "lanes is 'sdr_dot')",
                                  spec.lanes, unit.name));
  }
  const IntegerOperand left = multiplier_operand(a);
  const IntegerOperand right = multiplier_operand(w);
  UnitPlan plan;
  plan.lanes = spec.lanes;
  plan.floating = takes_scaled(unit, a, w);
  // FP16's exponents are an element's, not a group's.
  plan.shifts = unit.shifts || (plan.floating && unit.plane_bits_a > 0);
  plan.scalar = unit.scalar;
  plan.shares_shifter = unit.shares_shifter;
  plan.latency_cycles = spec.latency_cycles;
  if (plan.latency_cycles == 0) {
    plan.latency_cycles = spec.lanes == 1 ? unit.latency_scalar : unit.latency_tree;
  }
  if (unit.plane_bits_a > 0) {
    cut_into_planes(unit, left.magnitude_bits, right.magnitude_bits, plan);
  } else {
    plan.plane_bits_a = plan.plane_bits_w = 0;
  }
  if (plan.shifts) {
    lay_groups(spec, group_of_formats(left.group, right.group), path, plan);
  } else {
    plan.group = plan.products_per_beat = spec.lanes;
  }
  return plan;
}

}  // namespace razorsim
