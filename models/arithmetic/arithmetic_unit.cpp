// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/arithmetic_unit.h"

#include <algorithm>

#include "models/arithmetic/fp32_datapath.h"
#include "models/arithmetic/sdr_datapath.h"

namespace razorsim {
namespace {

void accumulate(const UnitSpec& spec, UnitState& state, std::int64_t sum, const Beat& beat,
                UnitCounters& counters) {
  const datapath::Accumulator form{spec.accumulator_bits, spec.accumulator_overflow};
  if (form.add(state.accumulator, sum)) ++counters.overflows;
  ++counters.group_ends;
  if (beat.pass > 0) ++counters.extra_passes;
}

std::int32_t sum_of(const Beat& beat, std::size_t begin, std::size_t end) {
  return datapath::dot(beat.a.data() + begin, beat.w.data() + begin, static_cast<int>(end - begin));
}

}  // namespace

void count_products(const UnitPlan& plan, const Beat& beat, UnitCounters& counters) {
  const auto products = static_cast<std::int64_t>(beat.a.size());
  ++counters.beats;
  counters.products += products;
  counters.idle_lanes += plan.lanes - products;
  if (beat.pass == 0) counters.macs += products;
}

void step_with_shift(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                     UnitCounters& counters) {
  count_products(plan, beat, counters);
  if (plan.shifters() == 1) {
    state.group_sum += sum_of(beat, 0, beat.a.size());
    if (!beat.ends_group) return;
    accumulate(spec, state, datapath::barrel_shift(state.group_sum, beat.shifts[0]), beat,
               counters);
    state.group_sum = 0;
    ++counters.flag_adds;
    return;
  }
  const auto group = static_cast<std::size_t>(plan.group);
  for (std::size_t g = 0; g < beat.shifts.size(); ++g) {
    const std::int32_t sum = sum_of(beat, g * group, std::min(beat.a.size(), (g + 1) * group));
    accumulate(spec, state, datapath::barrel_shift(sum, beat.shifts[g]), beat, counters);
    ++counters.flag_adds;
  }
}

void step_without_shift(const UnitSpec& spec, const UnitPlan& plan, UnitState& state,
                        const Beat& beat, UnitCounters& counters) {
  count_products(plan, beat, counters);
  const std::int32_t sum = sum_of(beat, 0, beat.a.size());
  accumulate(spec, state, datapath::barrel_shift(sum, beat.shifts[0]), beat, counters);
}

void step_with_scale(const UnitSpec& spec, const UnitPlan& plan, UnitState& state, const Beat& beat,
                     UnitCounters& counters) {
  if (!plan.floating) return step_without_shift(spec, plan, state, beat, counters);
  count_products(plan, beat, counters);
  const auto end_group = [&](std::int32_t sum, std::size_t group) {
    datapath::add_fp32(state.accumulator,
                       datapath::scaled_sum(sum, beat.factors[group], beat.shifts[group]));
    ++counters.group_ends;
    ++counters.flag_adds;
    if (beat.pass > 0) ++counters.extra_passes;
  };
  if (plan.shifters() == 1) {
    state.group_sum += sum_of(beat, 0, beat.a.size());
    if (!beat.ends_group) return;
    end_group(state.group_sum, 0);
    state.group_sum = 0;
    return;
  }
  const auto group = static_cast<std::size_t>(plan.group);
  for (std::size_t g = 0; g < beat.shifts.size(); ++g)
    end_group(sum_of(beat, g * group, std::min(beat.a.size(), (g + 1) * group)), g);
}

}  // namespace razorsim
