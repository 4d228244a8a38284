// SPDX-License-Identifier: Apache-2.0
#include "sim/result/unit_claim.h"

#include <algorithm>

#include <fmt/format.h>

namespace razorsim {
namespace {

// arXiv 2501.13331v1, abstract.
constexpr double claimed_area_saving = 0.612;
constexpr double claimed_power_saving = 0.578;
constexpr const char* source =
    "QRazor, arXiv 2501.13331, abstract of v1; v2's abstract drops it. Baseline, process, clock "
    "and "
    "operands are in no text we could read";

bool is_four_bit_sdr(const FormatSpec& format) {
  return format.name == "sdr" && format.magnitude_bits == 3;
}

bool is_razored(const Compared& each) {
  return is_four_bit_sdr(each.scheme.weights) && is_four_bit_sdr(each.scheme.activations) &&
         each.result.array.unit.starts_with("sdr_");
}

bool is_int8(const Compared& each) {
  return each.scheme.weights.name == "int8" && each.result.array.unit == "int8";
}

double saving(double own, double baseline) { return baseline > 0 ? 1 - own / baseline : 0; }

double products(const RunResult& result) {
  return static_cast<double>(result.totals.activity.array.products);
}

std::string shifters_of(const UnitArray& array) {
  if (array.unit == "sdr_full") return "a shifter and a wide accumulator in every element";
  if (array.unit == "sdr_lean")
    return "shift units shared by a column's elements, one wide accumulator an output";
  return fmt::format("one shifter and one wide accumulator for {} products",
                     std::min(array.lanes, array.group));
}

std::string explanation_of(const UnitClaimReport& claim, const Compared& own,
                           const Compared& baseline) {
  const UnitArray& a = own.result.array;
  const UnitArray& b = baseline.result.array;
  return fmt::format(
      "ours is {:+.1f} points off in area and {:+.1f} in energy; both our units are of our own RTL "
      "on the same gates, {}-{} with {}-bit accumulators against {}-{} with {}. The savings depend "
      "on where the shifter sits (here: {}), on the base of the activations ({} bits) and on the "
      "integer multiplier compared with (ours is Baugh-Wooley, a plainer one would flatter SDR)",
      100 * (claim.area_saving - claim.claimed_area_saving),
      100 * (claim.energy_saving_per_product - claim.claimed_power_saving), a.unit, a.lanes,
      a.accumulator_bits, b.unit, b.lanes, b.accumulator_bits, shifters_of(a),
      own.scheme.activations.base_bits);
}

/// Words in lines of at most 100 columns, all but the first indented.
std::string wrapped(const std::string& sentence) {
  constexpr std::size_t width = 100;
  std::string text;
  std::string line = "  ";
  for (std::size_t begin = 0; begin < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', begin), sentence.size());
    if (line.size() + 1 + (end - begin) > width) {
      text += line + '\n';
      line = "   ";
    }
    if (line.back() != ' ' || line.size() == 3) line += ' ';
    line += sentence.substr(begin, end - begin);
    begin = end + 1;
  }
  return text + line + '\n';
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

}  // namespace

std::vector<UnitClaimReport> unit_claims(const std::vector<Compared>& all,
                                         const ComparisonReport& report) {
  std::vector<UnitClaimReport> claims;
  const auto found = std::find_if(all.begin(), all.end(), is_int8);
  if (found == all.end() || products(found->result) == 0) return claims;
  const auto& baseline = report.schemes[static_cast<std::size_t>(found - all.begin())];
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_razored(all[i]) || products(all[i].result) == 0) continue;
    const ContenderReport& own = report.schemes[i];
    const auto level = [&](double EnergyPerMac::*which) {
      return saving(own.energy_pj_per_mac.*which, baseline.energy_pj_per_mac.*which);
    };
    const auto per_product = [](const Compared& each, const ContenderReport& column) {
      return column.energy_pj_per_mac.array * static_cast<double>(each.result.totals.macs) /
             products(each.result);
    };
    UnitClaimReport claim;
    claim.scheme = own.scheme;
    claim.against = baseline.scheme;
    claim.claimed_area_saving = claimed_area_saving;
    claim.claimed_power_saving = claimed_power_saving;
    claim.area_saving =
        saving(own.array.area_um2_per_multiplier, baseline.array.area_um2_per_multiplier);
    claim.energy_saving_per_product =
        saving(per_product(all[i], own), per_product(*found, baseline));
    claim.products_per_mac =
        products(all[i].result) / static_cast<double>(all[i].result.totals.macs);
    claim.energy_saving_per_mac = level(&EnergyPerMac::array);
    claim.energy_saving_with_razor_unit = level(&EnergyPerMac::with_razor_unit);
    claim.energy_saving_on_chip = level(&EnergyPerMac::chip);
    claim.energy_saving_of_machine = level(&EnergyPerMac::machine);
    claim.explanation = explanation_of(claim, all[i], *found);
    claim.source = source;
    claims.push_back(std::move(claim));
  }
  return claims;
}

std::string claims_text(const std::vector<UnitClaimReport>& claims) {
  if (claims.empty()) return {};
  std::string text = fmt::format("\nsaved by the arithmetic unit{:>18}{:>12}\n", "area", "energy");
  text += fmt::format("  {:<34}{:>12}{:>12}\n", "claimed by QRazor (power)",
                      percent(claimed_area_saving), percent(claimed_power_saving));
  for (const UnitClaimReport& each : claims) {
    text += fmt::format("  {:<34}{:>12}{:>12}\n",
                        fmt::format("{} against {}, measured", each.scheme, each.against),
                        percent(each.area_saving), percent(each.energy_saving_per_product));
  }
  for (const UnitClaimReport& each : claims) {
    text += wrapped(
        fmt::format("{}: {:.2f} products a MAC leave {} of energy, the razor unit {}, the "
                    "whole chip {}, the machine with DRAM {}",
                    each.scheme, each.products_per_mac, percent(each.energy_saving_per_mac),
                    percent(each.energy_saving_with_razor_unit),
                    percent(each.energy_saving_on_chip), percent(each.energy_saving_of_machine)));
    text += wrapped(fmt::format("{}: {}", each.scheme, each.explanation));
  }
  return text + wrapped(fmt::format("claim: {}", source));
}

}  // namespace razorsim
