// SPDX-License-Identifier: Apache-2.0
#include "sim/result/ratios.h"

#include <cmath>

#include "models/base/errors.h"

namespace razorsim {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

double mac_utilization(const OperationCounters& counters, std::int64_t peak_macs_per_cycle) {
  return share(static_cast<double>(counters.macs), static_cast<double>(counters.cycles.count()) *
                                                       static_cast<double>(peak_macs_per_cycle));
}

double array_occupancy(const OperationCounters& counters) {
  return share(static_cast<double>(counters.products), static_cast<double>(counters.array_slots));
}

Bound bound_of(const OperationCounters& counters) {
  Bound bound = Bound::array;
  CoreCycles longest = counters.array_busy;
  const auto consider = [&](Bound candidate, CoreCycles busy) {
    if (busy > longest) {
      bound = candidate;
      longest = busy;
    }
  };
  consider(Bound::memory, counters.memory_busy);
  consider(Bound::vector_unit, counters.vector_busy);
  consider(Bound::razor_unit, counters.razor_busy);
  return bound;
}

TokenFigures token_figures(const RunResult& result) {
  TokenFigures figures;
  Picoseconds decode;
  std::int64_t steps = 0;
  std::int64_t tokens = 0;
  double energy = 0;
  for (const StepResult& step : result.steps) {
    if (step.head.count() == 0) return {};
    const Picoseconds time(step.counters.cycles.count() * result.core_period.count());
    if (step.phase == Phase::prefill) {
      figures.time_to_first_token = time;
    } else {
      decode += time;
      ++steps;
      tokens += step.tokens * step.sequences;
      energy += step.energy.total().nominal;
    }
  }
  if (steps == 0) return figures;
  constexpr double ps_per_s = 1e12;
  const double all = static_cast<double>(decode.count());
  figures.mean_time_per_token_ps = all / static_cast<double>(steps);
  figures.tokens_per_s = static_cast<double>(tokens) / (all / ps_per_s);
  figures.energy_per_token_pj = energy / static_cast<double>(tokens);
  return figures;
}

double power_w(double energy_pj, Picoseconds time) {
  return share(energy_pj, static_cast<double>(time.count()));
}

double fixed_log10(double value) {
  promise(value > 0 && std::isfinite(value), "a logarithm needs a positive number");
  // value = fraction * 2^exponent with the fraction about 1, then log(f) = 2 atanh((f-1)/(f+1)).
  // With |z| <= 0.1716 the term z^23/23 is below half a unit in the last place.
  int exponent = 0;
  double fraction = std::frexp(value, &exponent);
  if (fraction < 0.70710678118654752) {
    fraction *= 2;
    --exponent;
  }
  const double z = (fraction - 1) / (fraction + 1);
  const double square = z * z;
  double sum = 0;
  for (int odd = 23; odd >= 1; odd -= 2) sum = sum * square + 1.0 / odd;
  constexpr double log10_of_2 = 0.30102999566398120;
  constexpr double log10_of_e = 0.43429448190325183;
  return exponent * log10_of_2 + 2 * z * sum * log10_of_e;
}

std::optional<double> decibel(double noise_to_signal) {
  if (!(noise_to_signal > 0) || !std::isfinite(noise_to_signal)) return std::nullopt;
  return -10 * fixed_log10(noise_to_signal);
}

std::optional<double> sqnr_db(const NumericError& error) {
  if (error.elements == 0 || error.signal_power <= 0) return std::nullopt;
  return decibel(error.noise_power / error.signal_power);
}

std::optional<double> cosine(const NumericError& error) {
  if (error.elements == 0 || error.signal_power <= 0 || error.output_power <= 0)
    return std::nullopt;
  return error.cross_power / (std::sqrt(error.signal_power) * std::sqrt(error.output_power));
}

ErrorSummary error_summary(const RunResult& result) {
  ErrorSummary summary;
  double sum = 0;
  for (const OperationResult& each : result.operations) {
    if (each.k == 0 || each.error.elements == 0 || each.error.signal_power <= 0) continue;
    const double ratio = each.error.noise_power / each.error.signal_power;
    sum += ratio;
    if (summary.products == 0 || ratio > summary.worst_noise_to_signal) {
      summary.worst_noise_to_signal = ratio;
      summary.worst_operation = each.name;
    }
    ++summary.products;
  }
  if (summary.products > 0) summary.mean_noise_to_signal = sum / summary.products;
  return summary;
}

Roofline roofline(const RunResult& result) {
  constexpr double ps_per_ns = 1000;
  Roofline roof;
  const double period_ns = static_cast<double>(result.core_period.count()) / ps_per_ns;
  const double time_ns = static_cast<double>(result.time.count()) / ps_per_ns;
  const double macs = static_cast<double>(result.totals.macs);
  const double bytes = static_cast<double>(all_bytes(result.totals.dram_read) +
                                           all_bytes(result.totals.dram_written));
  roof.peak_gmac_per_s = share(static_cast<double>(result.peak_macs_per_cycle), period_ns);
  roof.achieved_gmac_per_s = share(macs, time_ns);
  roof.macs_per_dram_byte = share(macs, bytes);
  roof.ridge_macs_per_byte = share(roof.peak_gmac_per_s, result.peak_dram_bytes_per_ns);
  const double memory_roof = roof.macs_per_dram_byte * result.peak_dram_bytes_per_ns;
  roof.roof_gmac_per_s =
      bytes > 0 && memory_roof < roof.peak_gmac_per_s ? memory_roof : roof.peak_gmac_per_s;
  return roof;
}

std::int64_t all_bytes(const DramBytes& bytes) { return (bytes.payload() + bytes.padding).count(); }

}  // namespace razorsim
