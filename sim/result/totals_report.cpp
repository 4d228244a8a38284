// SPDX-License-Identifier: Apache-2.0
#include "sim/result/report.h"
#include "sim/result/shared_columns.h"

namespace razorsim {
namespace {

using Totals = TotalsReport;
using Counters = OperationCounters;

/// Where a run stands under its roof.
struct RooflineReport : Written<RooflineReport> {
  explicit RooflineReport(const Roofline& of) : roof(of) {}
  static const std::vector<Column<RooflineReport>>& columns() {
    const auto figure = [](std::string_view name, std::string_view unit, double Roofline::*member,
                           std::string_view meaning) {
      return column<RooflineReport>(
          name, unit, non_negative, meaning,
          [=](const RooflineReport& report) { return report.roof.*member; });
    };
    static const std::vector<Column<RooflineReport>> all = {
        figure("peak_gmac_per_s", "GMAC/s", &Roofline::peak_gmac_per_s,
               "every multiplier of the array every cycle"),
        figure("roof_gmac_per_s", "GMAC/s", &Roofline::roof_gmac_per_s,
               "what array and DRAM allow at this intensity"),
        figure("achieved_gmac_per_s", "GMAC/s", &Roofline::achieved_gmac_per_s,
               "MACs executed over the time of the run"),
        figure("macs_per_dram_byte", "MAC/B", &Roofline::macs_per_dram_byte,
               "intensity: MACs over bytes read and written, padding included"),
        figure("ridge_macs_per_byte", "MAC/B", &Roofline::ridge_macs_per_byte,
               "intensity from which the array is the roof, not DRAM"),
    };
    return all;
  }

  Roofline roof;
};

std::optional<double> first_token_ns(const Totals& totals) {
  const auto time = token_figures(totals.run).time_to_first_token;
  return time ? std::optional(nanoseconds(*time)) : std::nullopt;
}

std::optional<double> output_token_ns(const Totals& totals) {
  const auto time = token_figures(totals.run).mean_time_per_token_ps;
  return time ? std::optional(nanoseconds(*time)) : std::nullopt;
}

Column<Totals> estimate(std::string_view name, std::string_view unit, double Estimate::*which,
                        Estimate (*of)(const RunResult&), std::string_view meaning) {
  return column<Totals>(name, unit, non_negative, meaning,
                        [=](const Totals& totals) { return of(totals.run).*which; });
}

Estimate energy_of(const RunResult& run) { return run.energy.total(); }
Estimate area_of(const RunResult& run) { return run.area.total(); }

}  // namespace

const std::vector<Column<TotalsReport>>& TotalsReport::columns() {
  const auto of_run = [](auto member) {
    return column_of<Totals>(
        member, [](const Totals& totals) -> auto& { return totals.run; });
  };
  static const std::vector<Column<Totals>> all = {
      semantics_column<Totals>(),
      of_run(&RunResult::cycles),
      column<Totals>("time_ns", "ns", non_negative, "the same in time",
                     [](const Totals& totals) { return nanoseconds(totals.run.time); }),
      counter<Totals>(&Counters::macs),
      counter<Totals>(&Counters::skipped_macs),
      utilization_column<Totals>(),
      occupancy_column<Totals>(),
      of_run(&RunResult::bound),
      counter<Totals>(&Counters::busy),
      counter<Totals>(&Counters::stalls),
      energy_column<Totals>(),
      estimate("energy_low_pj", "pJ", &Estimate::low, energy_of,
               "with every constant at the lowest of its sources"),
      estimate("energy_high_pj", "pJ", &Estimate::high, energy_of,
               "with every constant at the highest of its sources"),
      components_column<Totals>(),
      column<Totals>("power_w", "W", non_negative, "nominal energy over time, DRAM included",
                     [](const Totals& totals) {
                       return power_w(totals.energy().total().nominal, totals.run.time);
                     }),
      estimate("area_um2", "um2", &Estimate::nominal, area_of,
               "area of the chip, nominal; DRAM, wires and control are not in it"),
      estimate("area_low_um2", "um2", &Estimate::low, area_of, "lowest of the sources"),
      estimate("area_high_um2", "um2", &Estimate::high, area_of, "highest of the sources"),
      column<Totals>("area_by_component_um2", "um2", any_value, "nominal area by component",
                     [](const Totals& totals) { return Nominal<AreaBreakdown>{totals.run.area}; }),
      dram_read_column<Totals>(),
      dram_write_column<Totals>(),
      counter<Totals>(&Counters::dram_read),
      counter<Totals>(&Counters::dram_written),
      counter<Totals>(&Counters::distinct_read),
      counter<Totals>(&Counters::buffer_read),
      counter<Totals>(&Counters::buffer_written),
      counter<Totals>(&Counters::overflows),
      column<Totals>("sqnr_db", "dB", any_value,
                     "signal over noise of the mean noise-to-signal ratio of all matrix products "
                     "against the FP32 reference; null without values or where exact",
                     [](const Totals& totals) {
                       return decibel(error_summary(totals.run).mean_noise_to_signal);
                     }),
      column<Totals>("worst_sqnr_db", "dB", any_value, "the same of the worst product",
                     [](const Totals& totals) {
                       return decibel(error_summary(totals.run).worst_noise_to_signal);
                     }),
      column<Totals>(
          "worst_operation", "", any_value, "its name",
          [](const Totals& totals) { return error_summary(totals.run).worst_operation; }),
      column<Totals>("time_to_first_token_ns", "ns", any_value,
                     "time of the prefill, which makes the first token; null where no network ran, "
                     "without a prefill or without the head",
                     first_token_ns),
      column<Totals>("time_per_output_token_ns", "ns", any_value,
                     "mean time of a decode step, which makes one more token a sequence; by step "
                     "in steps[]; null without decode or head",
                     output_token_ns),
      column<Totals>("output_tokens_per_s", "1/s", any_value,
                     "tokens made in decode, all sequences together, over its time",
                     [](const Totals& totals) { return token_figures(totals.run).tokens_per_s; }),
      column<Totals>(
          "energy_per_output_token_pj", "pJ", any_value,
          "energy of decode over the tokens it made, all sequences together",
          [](const Totals& totals) { return token_figures(totals.run).energy_per_token_pj; }),
      column<Totals>("roofline", "", any_value, "where the run stands under its roof",
                     [](const Totals& totals) { return RooflineReport(roofline(totals.run)); }),
      counter<Totals>(&Counters::activity),
  };
  return all;
}

}  // namespace razorsim
