// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/units.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/arithmetic/fp16.h"
#include "models/arithmetic/int16x8.h"
#include "models/arithmetic/int4.h"
#include "models/arithmetic/int4_group.h"
#include "models/arithmetic/int8.h"
#include "models/arithmetic/mxfp4.h"
#include "models/arithmetic/nvfp4.h"
#include "models/arithmetic/operand_planes.h"
#include "models/arithmetic/sdr_dot.h"
#include "models/arithmetic/sdr_full.h"
#include "models/arithmetic/sdr_lean.h"
#include "models/arithmetic/sdr_w4a8.h"
#include "models/base/errors.h"

namespace razorsim {
namespace {

#define RAZORSIM_UNIT(stem, Type) static_assert(ArithmeticUnit<Type> && Type::info.name == #stem);
#include "models/arithmetic/units.def"
#undef RAZORSIM_UNIT

constexpr auto all_units = std::to_array<UnitInfo>({
#define RAZORSIM_UNIT(stem, Type) Type::info,
#include "models/arithmetic/units.def"
#undef RAZORSIM_UNIT
});

constexpr auto all_steps = std::to_array<UnitStep>({
#define RAZORSIM_UNIT(stem, Type) &Type::step,
#include "models/arithmetic/units.def"
#undef RAZORSIM_UNIT
});

/// Feeds the beats of one output element to its unit.
struct Element {
  const UnitSpec& spec;
  const UnitPlan& plan;
  UnitStep step;
  const OperandPlanes& a;
  const OperandPlanes& w;
  std::int64_t k;
  std::int64_t row;
  std::int64_t col;
  UnitState state{};

  /// The beats of `visit` (a group, or the groups one beat holds) for one plane pair.
  void visit(std::int64_t begin, int pass, UnitCounters& counters) {
    const int plane_a = pass / plan.planes_w;
    const int plane_w = pass % plan.planes_w;
    const std::int64_t span = std::int64_t{plan.group} * plan.shifters();
    const std::int64_t end = std::min(k, begin + span);
    std::vector<int> shifts;
    std::vector<std::int32_t> factors;
    for (std::int64_t at = begin; at < end; at += plan.group) {
      shifts.push_back(a.shift(plane_a, row, at) + w.shift(plane_w, col, at));
      if (plan.floating) factors.push_back(a.factor(row, at) * w.factor(col, at));
    }
    const int beats = plan.beats_per_group();
    for (int beat = 0; beat < beats; ++beat) {
      const std::int64_t from = std::min(end, begin + std::int64_t{beat} * plan.products_per_beat);
      const std::int64_t to = std::min(end, from + plan.products_per_beat);
      step(spec, plan, state,
           {a.codes(plane_a, row, from, to), w.codes(plane_w, col, from, to), shifts, pass,
            beat + 1 == beats, factors},
           counters);
    }
  }

  std::int64_t run(UnitCounters& counters) {
    const std::int64_t span = std::int64_t{plan.group} * plan.shifters();
    const std::int64_t visits = ceil_div(k, span);
    const bool planes_inside = plan.shifts;
    for (std::int64_t i = 0; i < visits * plan.passes(); ++i) {
      const std::int64_t visit_index = planes_inside ? i / plan.passes() : i % visits;
      const std::int64_t pass = planes_inside ? i % plan.passes() : i / visits;
      visit(visit_index * span, static_cast<int>(pass), counters);
    }
    return state.accumulator;
  }
};

}  // namespace

std::span<const UnitInfo> units() { return all_units; }

const UnitInfo& unit_info(std::string_view name, std::string_view path) {
  std::vector<std::string_view> names;
  for (const UnitInfo& each : all_units) {
    if (each.name == name) return each;
    names.push_back(each.name);
  }
  throw ConfigError(std::string(path),
                    fmt::format("is '{}'; allowed: {}{}", name, fmt::join(names, ", "),
                                did_you_mean(name, names)));
}

UnitStep unit_step(std::string_view name) {
  return all_steps[static_cast<std::size_t>(&unit_info(name) - all_units.data())];
}

void step(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
          UnitCounters& counters) {
  unit_step(spec.unit)(spec, plan, state, beat, counters);
}

UnitProduct multiply_by_unit(const UnitSpec& spec, const EncodedMatrix& a, const EncodedMatrix& w) {
  promise(a.cols == w.cols, "operands of a product differ in k");
  const UnitPlan how = plan(spec, a.format, w.format);
  const OperandPlanes planes_a(a, how.plane_bits_a);
  const OperandPlanes planes_w(w, how.plane_bits_w);
  UnitProduct product;
  product.accumulators.reserve(static_cast<std::size_t>(a.rows * w.rows));
  for (std::int64_t row = 0; row < a.rows; ++row) {
    for (std::int64_t col = 0; col < w.rows; ++col) {
      Element element{spec, how, unit_step(spec.unit), planes_a, planes_w, a.cols, row, col};
      product.accumulators.push_back(element.run(product.counters));
    }
  }
  return product;
}

}  // namespace razorsim
