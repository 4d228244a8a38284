// SPDX-License-Identifier: Apache-2.0
#include "sim/result/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "sim/result/ratios.h"
#include "sim/result/report.h"

namespace razorsim {
namespace {

/// Scales by 1000 (or 1024) until below it, and prints four digits.
template <std::size_t N>
std::string scaled(double value, double step, const std::array<const char*, N>& units) {
  std::size_t unit = 0;
  while (std::abs(value) >= step && unit + 1 < N) {
    value /= step;
    ++unit;
  }
  const int decimals = value == std::floor(value) && unit == 0 ? 0
                       : std::abs(value) >= 100                ? 1
                       : std::abs(value) >= 10                 ? 2
                                                               : 3;
  return fmt::format("{:.{}f}{}", value, decimals, units[unit]);
}

std::string decibel_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f} dB", *value) : "-";
}

/// "cycles (native)"
std::string cycles_name(const RunResult& result) {
  return fmt::format("cycles ({})", name_of(result.provenance.semantics));
}

std::string totals_text(const RunResult& result) {
  const OperationCounters& sums = result.totals;
  std::string text = fmt::format("{}\nscheme {}, technology {}, fidelity {}\n\n",
                                 result.provenance.workload, result.provenance.scheme,
                                 result.provenance.technology, result.provenance.fidelity);
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<18} {}\n", name, value);
  };
  const Estimate energy = result.energy.total();
  const Estimate area = result.area.total();
  line(cycles_name(result), fmt::format("{} ({})", result.cycles.count(), time_text(result.time)));
  line("MACs",
       fmt::format("{} ({} of the array's peak)", engineering(static_cast<double>(sums.macs)),
                   percent(mac_utilization(sums, result.peak_macs_per_cycle))));
  line("bound by", std::string(name_of(result.bound)));
  line("DRAM", fmt::format("{} read, {} written", bytes_text(all_bytes(sums.dram_read)),
                           bytes_text(all_bytes(sums.dram_written))));
  line("buffers", fmt::format("{} read, {} written", bytes_text(sums.buffer_read.count()),
                              bytes_text(sums.buffer_written.count())));
  line("energy", fmt::format("{} ({} to {})", energy_text(energy.nominal), energy_text(energy.low),
                             energy_text(energy.high)));
  line("power", fmt::format("{:.3f} W", power_w(energy.nominal, result.time)));
  line("area", fmt::format("{} ({} to {})", area_text(area.nominal), area_text(area.low),
                           area_text(area.high)));
  if (const ErrorSummary error = error_summary(result); error.products > 0) {
    line("output error",
         fmt::format("SQNR {} over {} products, worst {} ({})",
                     decibel_text(decibel(error.mean_noise_to_signal)), error.products,
                     decibel_text(decibel(error.worst_noise_to_signal)), error.worst_operation));
  }
  if (sums.overflows > 0) line("overflows", engineering(static_cast<double>(sums.overflows)));
  const Roofline roof = roofline(result);
  line("roofline",
       fmt::format("{:.1f} of {:.1f} GMAC/s under a roof of {:.1f} ({:.1f} MAC/B, ridge at {:.1f})",
                   roof.achieved_gmac_per_s, roof.peak_gmac_per_s, roof.roof_gmac_per_s,
                   roof.macs_per_dram_byte, roof.ridge_macs_per_byte));
  return text;
}

/// What inference of a network took, a phase at a time.
std::string phases_text(const RunResult& result) {
  const std::vector<StepReport> phases = phases_of(result);
  if (phases.empty()) return {};
  const TokenFigures tokens = token_figures(result);
  std::string text = "\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<18} {}\n", name, value);
  };
  if (tokens.time_to_first_token) line("first token", time_text(*tokens.time_to_first_token));
  if (tokens.mean_time_per_token_ps) {
    const auto [least, most] = std::minmax_element(
        result.steps.begin() + (tokens.time_to_first_token ? 1 : 0), result.steps.end(),
        [](auto& a, auto& b) { return a.counters.cycles < b.counters.cycles; });
    const auto time = [&](const StepResult& step) {
      return time_text(Picoseconds(step.counters.cycles.count() * result.core_period.count()));
    };
    line("each further token",
         fmt::format("{} on average ({} to {}), {} tokens/s, {} a token",
                     time_text(Picoseconds(std::llround(*tokens.mean_time_per_token_ps))),
                     time(*least), time(*most), engineering(*tokens.tokens_per_s),
                     energy_text(*tokens.energy_per_token_pj)));
  }
  text += fmt::format("\n  {:<8} {:>7} {:>8} {:>14} {:>9} {:>7} {:>12} {:>9} {:>6} {:<12}\n",
                      "phase", "tokens", "context", "cycles", "time", "MACs/pk", "energy",
                      "attention", "head", "bound");
  for (const StepReport& each : phases) {
    const StepResult& sum = each.step;
    const std::int64_t cycles = sum.counters.cycles.count();
    const auto part = [&](CoreCycles some) {
      return percent(share(static_cast<double>(some.count()), static_cast<double>(cycles)));
    };
    text += fmt::format("  {:<8} {:>7} {:>8} {:>14} {:>9} {:>7} {:>12} {:>9} {:>6} {:<12}\n",
                        name_of(sum.phase), sum.tokens * sum.sequences, sum.context, cycles,
                        time_text(Picoseconds(cycles * result.core_period.count())),
                        percent(mac_utilization(sum.counters, result.peak_macs_per_cycle)),
                        energy_text(sum.energy.total().nominal), part(sum.attention),
                        part(sum.head), name_of(bound_of(sum.counters)));
  }
  return text;
}

std::string stalls_text(const RunResult& result) {
  const double cycles = static_cast<double>(result.cycles.count());
  std::string text =
      fmt::format("\n  {:<18} {:>15} {:>8}\n", "cycles by cause", cycles_name(result), "share");
  const auto line = [&](std::string_view name, std::int64_t count) {
    if (count > 0)
      text += fmt::format("  {:<18} {:>15} {:>8}\n", name, count,
                          percent(share(static_cast<double>(count), cycles)));
  };
  line("busy", result.totals.busy.count());
  for (const auto& cause : enum_names<Cause>)
    line(cause.name, result.totals.stalls[cause.value].count());
  return text;
}

std::string components_text(const RunResult& result) {
  const double total = result.energy.total().nominal;
  std::string text = fmt::format("\n  {:<18} {:>15} {:>8}\n", "energy by part", "energy", "share");
  for_each_field<EnergyBreakdown>([&](const auto& each) {
    const double part = (result.energy.*each.member).nominal;
    if (part > 0)
      text += fmt::format("  {:<18} {:>15} {:>8}\n", each.name, energy_text(part),
                          percent(share(part, total)));
  });
  return text;
}

constexpr std::size_t most_operations = 12;  // shown

/// "layers.3.q_proj" as "layers.*.q_proj".
std::string without_layer(const std::string& name) {
  constexpr std::string_view layers = "layers.";
  const std::size_t at = name.find(layers);
  if (at == std::string::npos) return name;
  const std::size_t number = at + layers.size();
  return name.substr(0, number) + "*" + name.substr(std::min(name.size(), name.find('.', number)));
}

/// An operation, or one summed over the layers of a network.
struct Line {
  std::string name;
  std::int64_t layers = 0;
  Bound bound = Bound::array;  ///< of the first
  OperationCounters counters;
  double energy_pj = 0;
  NumericError error;  ///< powers only
};

/// The longest first. Where there are more than are shown, equal ones of all layers are one: else
/// a network's longest would be a single operation, again and again.
std::vector<Line> lines_of(const std::vector<OperationResult>& operations) {
  const bool one_by_one = operations.size() <= most_operations;
  std::vector<Line> lines;
  std::map<std::string, std::size_t> places;
  for (const OperationResult& each : operations) {
    const std::string name = one_by_one ? each.name : without_layer(each.name);
    const auto [place, is_new] = places.try_emplace(name, lines.size());
    if (is_new || one_by_one) lines.push_back({each.name, 0, each.bound, {}, 0, {}});
    Line& line = one_by_one ? lines.back() : lines[place->second];
    if (++line.layers == 2) line.name = name;
    add_fields(line.counters, each.counters);
    line.energy_pj += each.energy.total().nominal;
    line.error.elements += each.error.elements;
    line.error.signal_power += each.error.signal_power;
    line.error.noise_power += each.error.noise_power;
  }
  for (Line& each : lines) {
    if (each.layers > 1) each.name += fmt::format(" x{}", each.layers);
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return a.counters.cycles > b.counters.cycles;
  });
  return lines;
}

std::string operations_text(const RunResult& result) {
  const std::vector<Line> lines = lines_of(result.operations);
  std::string text =
      fmt::format("\n  {:<28} {:>15} {:>7} {:>8} {:<12} {:>12} {:>10}\n", "longest operations",
                  cycles_name(result), "share", "MACs/pk", "bound", "energy", "SQNR");
  for (std::size_t i = 0; i < std::min(most_operations, lines.size()); ++i) {
    const Line& each = lines[i];
    text += fmt::format("  {:<28} {:>15} {:>7} {:>8} {:<12} {:>12} {:>10}\n", each.name,
                        each.counters.cycles.count(),
                        percent(share(static_cast<double>(each.counters.cycles.count()),
                                      static_cast<double>(result.cycles.count()))),
                        percent(mac_utilization(each.counters, result.peak_macs_per_cycle)),
                        name_of(each.bound), energy_text(each.energy_pj),
                        decibel_text(sqnr_db(each.error)));
  }
  if (lines.size() > most_operations)
    text += fmt::format("  and {} more\n", lines.size() - most_operations);
  return text;
}

}  // namespace

std::string summary_text(const RunResult& result) {
  std::string text = totals_text(result) + phases_text(result) + stalls_text(result) +
                     components_text(result) + operations_text(result);
  if (!result.remarks.empty()) text += '\n';
  for (const std::string& each : result.remarks) text += fmt::format("  note: {}\n", each);
  return text;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string engineering(double value) {
  return scaled(value, 1000, std::to_array({"", " k", " M", " G", " T", " P"}));
}

std::string energy_text(double picojoules) {
  return scaled(picojoules, 1000, std::to_array({" pJ", " nJ", " uJ", " mJ", " J", " kJ"}));
}

std::string time_text(Picoseconds time) {
  return scaled(static_cast<double>(time.count()), 1000,
                std::to_array({" ps", " ns", " us", " ms", " s"}));
}

std::string bytes_text(std::int64_t bytes) {
  return scaled(static_cast<double>(bytes), 1024,
                std::to_array({" B", " KiB", " MiB", " GiB", " TiB"}));
}

std::string area_text(double square_micrometres) {
  constexpr double um2_per_mm2 = 1e6;
  return fmt::format("{:.3f} mm2", square_micrometres / um2_per_mm2);
}

}  // namespace razorsim
