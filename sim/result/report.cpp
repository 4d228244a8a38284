// SPDX-License-Identifier: Apache-2.0
#include "sim/result/report.h"

#include <bit>
#include <cstddef>
#include <span>

#include "sim/result/ratios.h"
#include "traces/io/sha256.h"

namespace razorsim {
namespace {

constexpr double ps_per_ns = 1000;

TotalsReport totals_of(const RunResult& result) {
  TotalsReport report;
  const OperationCounters& sums = result.totals;
  report.semantics = result.provenance.semantics;
  report.cycles = result.cycles.count();
  report.time_ns = static_cast<double>(result.time.count()) / ps_per_ns;
  report.macs = sums.macs;
  report.skipped_macs = sums.skipped_macs;
  report.utilization = mac_utilization(sums, result.peak_macs_per_cycle);
  report.array_occupancy = array_occupancy(sums);
  report.bound = result.bound;
  report.busy_cycles = sums.busy.count();
  report.stall_cycles = sums.stalls;
  const Estimate energy = result.energy.total();
  report.energy_pj = energy.nominal;
  report.energy_low_pj = energy.low;
  report.energy_high_pj = energy.high;
  report.energy_by_component_pj = {result.energy};
  report.power_w = power_w(energy.nominal, result.time);
  const Estimate area = result.area.total();
  report.area_um2 = area.nominal;
  report.area_low_um2 = area.low;
  report.area_high_um2 = area.high;
  report.area_by_component_um2 = {result.area};
  report.dram_read_bytes = all_bytes(sums.dram_read);
  report.dram_write_bytes = all_bytes(sums.dram_written);
  report.dram_read = sums.dram_read;
  report.dram_written = sums.dram_written;
  report.distinct_read_bytes = sums.distinct_read.count();
  report.buffer_read_bytes = sums.buffer_read.count();
  report.buffer_write_bytes = sums.buffer_written.count();
  report.overflows = sums.overflows;
  const ErrorSummary error = error_summary(result);
  report.sqnr_db = decibel(error.mean_noise_to_signal);
  report.worst_sqnr_db = decibel(error.worst_noise_to_signal);
  report.worst_operation = error.worst_operation;
  const TokenFigures tokens = token_figures(result);
  if (tokens.time_to_first_token)
    report.time_to_first_token_ns =
        static_cast<double>(tokens.time_to_first_token->count()) / ps_per_ns;
  if (tokens.mean_time_per_token_ps)
    report.time_per_output_token_ns = *tokens.mean_time_per_token_ps / ps_per_ns;
  report.output_tokens_per_s = tokens.tokens_per_s;
  report.energy_per_output_token_pj = tokens.energy_per_token_pj;
  const Roofline roof = roofline(result);
  report.roofline = {roof.peak_gmac_per_s, roof.roof_gmac_per_s, roof.achieved_gmac_per_s,
                     roof.macs_per_dram_byte, roof.ridge_macs_per_byte};
  report.activity = sums.activity;
  return report;
}

OperationReport operation_of(const OperationResult& each, const RunResult& result) {
  OperationReport report;
  const OperationCounters& counters = each.counters;
  report.name = each.name;
  report.kind = each.kind;
  report.count = each.count;
  report.heads = each.heads;
  report.m = each.m;
  report.k = each.k;
  report.n = each.n;
  report.pass = each.pass;
  report.unit = each.unit;
  report.passes = each.passes;
  report.bound = each.bound;
  report.semantics = result.provenance.semantics;
  report.cycles = counters.cycles.count();
  report.busy_cycles = counters.busy.count();
  report.stall_cycles = counters.stalls;
  report.macs = counters.macs;
  report.skipped_macs = counters.skipped_macs;
  report.utilization = mac_utilization(counters, result.peak_macs_per_cycle);
  report.array_occupancy = array_occupancy(counters);
  report.array_busy_cycles = counters.array_busy.count();
  report.vector_busy_cycles = counters.vector_busy.count();
  report.razor_busy_cycles = counters.razor_busy.count();
  report.memory_busy_cycles = counters.memory_busy.count();
  report.dram_read_bytes = all_bytes(counters.dram_read);
  report.dram_write_bytes = all_bytes(counters.dram_written);
  report.dram_read = counters.dram_read;
  report.dram_written = counters.dram_written;
  report.distinct_read_bytes = counters.distinct_read.count();
  report.buffer_read_bytes = counters.buffer_read.count();
  report.buffer_write_bytes = counters.buffer_written.count();
  report.overflows = counters.overflows;
  report.energy_pj = each.energy.total().nominal;
  report.energy_by_component_pj = {each.energy};
  report.sqnr_db = sqnr_db(each.error);
  report.cosine = cosine(each.error);
  if (each.error.elements > 0) report.max_abs_error = each.error.largest_error;
  report.mapping = each.mapping;
  return report;
}

std::optional<std::string> output_hash(const RunResult& result) {
  static_assert(std::endian::native == std::endian::little, "hashes are of little-endian numbers");
  if (!result.accumulators.empty())
    return sha256_hex(std::as_bytes(std::span(result.accumulators)));
  if (!result.outputs.empty()) return sha256_hex(std::as_bytes(std::span(result.outputs)));
  return std::nullopt;
}

}  // namespace

Report report_of(const RunResult& result) {
  Report report;
  report.totals = totals_of(result);
  report.phases = phases_of(result);
  report.steps = steps_of(result);
  for (const OperationResult& each : result.operations) {
    report.operations.push_back(operation_of(each, result));
  }
  for (const ModuleResult& each : result.modules) {
    report.modules.push_back({each.name, each.time.total(), each.time});
  }
  report.provenance = result.provenance;
  report.remarks = result.remarks;
  report.output_sha256 = output_hash(result);
  return report;
}

}  // namespace razorsim
