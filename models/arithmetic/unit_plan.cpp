// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/unit_plan.h"

#include <fmt/core.h>

#include "models/base/errors.h"
#include "models/formats/format.h"

namespace razorsim {

bool is_integer(const FormatSpec& format) {
  return is_integer_format(format) &&
         (format.name == "sdr" || format.granularity != ScaleGranularity::group);
}

IntegerOperand integer_operand(const FormatSpec& format) {
  if (!is_integer(format)) {
    throw ConfigError("format", fmt::format("is '{}', which no integer unit takes", format.name));
  }
  const int bits = traits_of(format).magnitude_bits;
  if (format.name != "sdr") return {bits};
  return {bits, format.group, format.overflow == Overflow::saturate};
}

IntegerOperand multiplier_operand(const FormatSpec& format) {
  if (is_integer(format)) return integer_operand(format);
  if (is_integer_format(format)) return {traits_of(format).magnitude_bits, format.group};
  if (format.name == "fp16") return {};
  return {doubled_e2m1_bits, format.group};
}

UnitCounters count(const UnitPlan& plan, std::int64_t m, std::int64_t n, std::int64_t k) {
  const std::int64_t outputs = m * n;
  const std::int64_t groups = outputs * plan.groups(k);
  UnitCounters counters;
  counters.macs = outputs * k;
  counters.products = counters.macs * plan.passes();
  counters.beats = outputs * plan.beats(k);
  counters.idle_lanes = counters.beats * plan.lanes - counters.products;
  counters.group_ends = groups * plan.passes();
  counters.flag_adds = plan.shifts ? counters.group_ends : 0;
  counters.extra_passes = groups * (plan.passes() - 1);
  return counters;
}

}  // namespace razorsim
