// SPDX-License-Identifier: Apache-2.0
#include "sim/result/comparison.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/energy/sources.h"
#include "models/formats/format.h"
#include "sim/result/csv_writer.h"
#include "sim/result/json_writer.h"
#include "sim/result/report.h"
#include "sim/result/unit_claim.h"

namespace razorsim {
namespace {

/// Whole groups, so that a ragged last one does not count.
double bits_of(const FormatSpec& spec) { return effective_bits(spec, spec.group); }

EffectiveBits bits_of(const Scheme& scheme) {
  return {bits_of(scheme.weights), bits_of(scheme.activations), bits_of(scheme.query),
          bits_of(scheme.key),     bits_of(scheme.value),       bits_of(scheme.softmax)};
}

double array_energy(const RunResult& result) {
  return (result.energy.multipliers + result.energy.accumulate_shift).nominal;
}
double array_area(const RunResult& result) {
  return (result.area.multipliers + result.area.accumulate_shift).nominal;
}

EnergyPerMac per_mac(const RunResult& result) {
  const SourcedTotal& energy = result.energy_sources;
  const auto macs = static_cast<double>(result.totals.macs);
  EnergyPerMac levels;
  levels.array = array_energy(result);
  levels.with_razor_unit = energy.arithmetic.nominal;
  levels.with_buffers = levels.with_razor_unit + energy.sram.nominal;
  levels.chip = levels.with_buffers + energy.vector_unit.nominal + energy.leakage.nominal;
  levels.machine = levels.chip + energy.dram.nominal + energy.dram_io.nominal;
  for_each_field<EnergyPerMac>(
      [&](const auto& each) { levels.*each.member = share(levels.*each.member, macs); });
  return levels;
}

ArrayReport array_of(const RunResult& result) {
  const auto multipliers = static_cast<double>(result.array.elements() * result.array.lanes);
  return {result.array.rows,
          result.array.columns,
          result.array.unit,
          result.array.lanes,
          result.array.accumulator_bits,
          array_area(result),
          share(array_area(result), multipliers)};
}

bool same_unit(const RunResult& a, const RunResult& b) {
  return a.array.unit == b.array.unit && a.array.lanes == b.array.lanes &&
         a.array.accumulator_bits == b.array.accumulator_bits;
}

std::optional<double> quotient(double part, double whole) {
  if (whole > 0) return part / whole;
  return std::nullopt;
}

RelativeReport relative_of(const RunResult& own, const RunResult& baseline) {
  const auto number = [](auto count) { return static_cast<double>(count); };
  const OperationCounters& a = own.totals;
  const OperationCounters& b = baseline.totals;
  RelativeReport relative;
  relative.cycles = quotient(number(own.cycles.count()), number(baseline.cycles.count()));
  relative.time = quotient(number(own.time.count()), number(baseline.time.count()));
  relative.dram_read_bytes =
      quotient(number(all_bytes(a.dram_read)), number(all_bytes(b.dram_read)));
  relative.dram_write_bytes =
      quotient(number(all_bytes(a.dram_written)), number(all_bytes(b.dram_written)));
  relative.buffer_read_bytes =
      quotient(number(a.buffer_read.count()), number(b.buffer_read.count()));
  relative.buffer_write_bytes =
      quotient(number(a.buffer_written.count()), number(b.buffer_written.count()));
  relative.array_energy_pj = quotient(array_energy(own), array_energy(baseline));
  relative.array_area_um2 = quotient(array_area(own), array_area(baseline));
  const bool same = same_unit(own, baseline);
  if (const Estimate energy = ratio_of(own.energy_sources, baseline.energy_sources, same);
      energy.nominal > 0) {
    relative.energy_pj = energy.nominal;
    relative.energy_low = energy.low;
    relative.energy_high = energy.high;
  }
  if (const Estimate area = ratio_of(own.area_sources, baseline.area_sources, same);
      area.nominal > 0) {
    relative.area_um2 = area.nominal;
    relative.area_low = area.low;
    relative.area_high = area.high;
  }
  return relative;
}

ErrorReport error_of(const Compared& each) {
  return {decibel(each.error.mean_noise_to_signal), decibel(each.error.worst_noise_to_signal),
          each.error_workload.empty() ? each.result.provenance.workload : each.error_workload,
          each.error_workload.empty()};
}

RankingReport ranking_of(std::string figure, SourcedTotal RunResult::*total,
                         const std::vector<Compared>& all) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  const auto& sources = [&](std::size_t i) -> const SourcedTotal& { return all[i].result.*total; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sources(a).nominal() < sources(b).nominal();
  });
  RankingReport report{std::move(figure), {}, true, {}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    report.order.push_back(all[order[i]].name);
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const Compared& small = all[order[i]];
      const Compared& large = all[order[j]];
      const Estimate ratio =
          ratio_of(sources(order[j]), sources(order[i]), same_unit(large.result, small.result));
      report.pairs.push_back(
          {small.name, large.name, ratio.nominal, ratio.low, ratio.high, is_certain(ratio)});
      report.certain = report.certain && is_certain(ratio);
    }
  }
  return report;
}

}  // namespace

ComparisonReport comparison_report(const ComparisonRule& rule, const std::vector<Compared>& all) {
  promise(!all.empty(), "nothing to compare");
  ComparisonReport report;
  report.at = rule.name;
  report.baseline = all.front().name;
  for (const Compared& each : all) {
    report.schemes.push_back({each.name, each.scheme.name, each.held, array_of(each.result),
                              bits_of(each.scheme), error_of(each), per_mac(each.result),
                              relative_of(each.result, all.front().result)});
  }
  report.ranking = {ranking_of("energy_pj", &RunResult::energy_sources, all),
                    ranking_of("area_um2", &RunResult::area_sources, all)};
  report.unit_claims = unit_claims(all, report);
  return report;
}

Value comparison_value(const ComparisonRule& rule, const std::vector<Compared>& all) {
  Value value = to_value(comparison_report(rule, all));
  JsonArray& schemes = *value.find("schemes")->array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Value result = result_value(all[i].result, all[i].spec);
    for (const Member& member : *result.object()) schemes[i].set(member.key, member.value);
  }
  return value;
}

std::string comparison_csv(const ComparisonRule& rule, const std::vector<Compared>& all) {
  const ComparisonReport report = comparison_report(rule, all);
  std::vector<std::string> columns = csv_columns(shape_of<ContenderReport>());
  for (const std::string& each : csv_columns(shape_of<TotalsReport>()))
    columns.push_back("totals." + each);
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<std::string> cells = csv_cells(report.schemes[i]);
    for (std::string& each : csv_cells(TotalsReport(all[i].result)))
      cells.push_back(std::move(each));
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace razorsim
