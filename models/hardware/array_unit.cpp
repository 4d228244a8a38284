// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/array_unit.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/mapping/passes.h"

namespace razorsim {

FormatSpec base_of(const FormatSpec& format) {
  FormatSpec base;
  base.name = format.base_bits == 16 ? "int16" : "int8";
  base.granularity = format.granularity;
  base.calibration = format.calibration;
  return base;
}

FormatSpec context_right(const FormatSpec& value, ValueAxis axis) {
  return value.name == "sdr" && axis == ValueAxis::head_dim ? base_of(value) : value;
}

namespace {

/// An array is built for the layers' linear operations; attention and the head take the passes they
/// need on it, in every scheme alike.
bool decides(const Operation& operation) {
  return operation.kind == OperationKind::linear && !operation.is_head;
}

/// Base 16 by base 8 sums 15 + 7 bits a product, base 8 by base 8 14: the widths that the units of
/// the technology table have, for any K of a network we know (K = 11008 needs 37 and 29).
int accumulator_of(const std::vector<Operation>& operations, const Scheme& scheme) {
  const auto wide = [](const FormatSpec& format) {
    return is_integer(format) && traits_of(format).largest_value > 127;
  };
  const bool any = std::any_of(operations.begin(), operations.end(), [&](const Operation& each) {
    if (!decides(each)) return false;
    const ProductFormats formats = formats_of(each, scheme);
    return wide(formats.left) || wide(formats.right);
  });
  return any ? 40 : 32;
}

UnitSpec with_accumulator(UnitSpec spec, const std::vector<Operation>& operations,
                          const Scheme& scheme) {
  if (spec.accumulator_bits == 0) spec.accumulator_bits = accumulator_of(operations, scheme);
  if (spec.accumulator_bits < 8) {
    throw ConfigError("array.unit.accumulator_bits",
                      "is " + std::to_string(spec.accumulator_bits) +
                          "; allowed: 8 to 64, or 0 to follow the formats");
  }
  return spec;
}

}  // namespace

UnitSpec choose_unit(const UnitSpec& spec, const std::vector<Operation>& operations,
                     const Scheme& scheme) {
  const UnitSpec own = with_accumulator(spec, operations, scheme);
  if (own.unit != "auto") return own;
  std::vector<std::pair<FormatSpec, FormatSpec>> pairs;
  std::vector<std::int64_t> macs;
  for (const Operation& operation : operations) {
    if (!operation.is_product()) continue;
    const ProductFormats formats = formats_of(operation, scheme);
    const bool context = operation.kind == OperationKind::context;
    pairs.emplace_back(formats.left,
                       context ? context_right(formats.right, scheme.value_axis) : formats.right);
    macs.push_back(decides(operation) ? operation.m * operation.n * operation.k : 0);
  }
  UnitSpec best = own;
  best.unit = "sdr_dot";
  if (pairs.empty()) return best;
  std::optional<std::tuple<double, int, bool>> least;
  for (const UnitInfo& info : units()) {
    if (info.scalar) continue;
    UnitSpec candidate = own;
    candidate.unit = info.name;
    double cycles = 0;
    bool able = true;
    for (std::size_t i = 0; i < pairs.size() && able; ++i) {
      const std::vector<std::string_view> takers = units_that_take(pairs[i].first, pairs[i].second);
      able = std::find(takers.begin(), takers.end(), info.name) != takers.end();
      if (able)
        cycles += static_cast<double>(macs[i]) *
                  plan(candidate, pairs[i].first, pairs[i].second).passes();
    }
    if (!able) continue;
    // Of two with the same multipliers the one without shifters.
    const std::tuple<double, int, bool> cost{cycles, info.plane_bits_a * info.plane_bits_w,
                                             info.shifts};
    if (!least || cost < *least) {
      least = cost;
      best = candidate;
    }
  }
  // No single unit: let plan() say which pair of formats is the trouble.
  if (!least) (void)plan(best, pairs.front().first, pairs.front().second);
  return best;
}

UnitPlan plan_on(const ArraySpec& array, const UnitSpec& unit, const FormatSpec& left,
                 const FormatSpec& right) {
  const UnitPlan how = plan(unit, left, right);
  if (how.floating && array.dataflow != Dataflow::output_stationary) {
    throw ConfigError("array.dataflow", "is '" + std::string(name_of(array.dataflow)) +
                                            "', but products of " + left.name + " and " +
                                            right.name + " sum in FP32, K ascending; allowed: os");
  }
  return how;
}

}  // namespace razorsim
