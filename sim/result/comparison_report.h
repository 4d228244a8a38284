// SPDX-License-Identifier: Apache-2.0
// A comparison as it is written: the keys of comparison.json and the columns of comparison.csv.
// docs/results.md is generated from these tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

/// The array that a scheme ran on.
struct ArrayReport {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::string unit;
  std::int64_t lanes = 0;
  std::int64_t accumulator_bits = 0;
  double area_um2 = 0;
  double area_um2_per_multiplier = 0;

  bool operator==(const ArrayReport&) const = default;
};
template <>
inline constexpr auto fields<ArrayReport> = field_table<ArrayReport>(
    field("rows", &ArrayReport::rows, "", non_negative, "rows of processing elements"),
    field("columns", &ArrayReport::columns, "", non_negative, "columns of processing elements"),
    field("unit", &ArrayReport::unit, "", any_value, "arithmetic unit of an element"),
    field("lanes", &ArrayReport::lanes, "", non_negative, "its products a cycle"),
    field("accumulator_bits", &ArrayReport::accumulator_bits, "bit", non_negative,
          "width of its accumulators"),
    field("area_um2", &ArrayReport::area_um2, "um2", non_negative,
          "multipliers, adders, shifters and accumulators of the whole array"),
    field("area_um2_per_multiplier", &ArrayReport::area_um2_per_multiplier, "um2", non_negative,
          "the same a multiplier: the unit in isolation"));

/// Stored bits an element, flags and group scales included, scales of tensors and rows left out.
struct EffectiveBits {
  double weights = 0;
  double activations = 0;
  double query = 0;
  double key = 0;
  double value = 0;
  double softmax = 0;

  bool operator==(const EffectiveBits&) const = default;
};
template <>
inline constexpr auto fields<EffectiveBits> = field_table<EffectiveBits>(
    field("weights", &EffectiveBits::weights, "bit", non_negative, "of the linear operations"),
    field("activations", &EffectiveBits::activations, "bit", non_negative, "their inputs"),
    field("query", &EffectiveBits::query, "bit", non_negative, "the query"),
    field("key", &EffectiveBits::key, "bit", non_negative, "the K cache"),
    field("value", &EffectiveBits::value, "bit", non_negative, "the V cache, complete groups"),
    field("softmax", &EffectiveBits::softmax, "bit", non_negative, "the softmax output"));

/// Nominal energy over MACs of the workload, each level with all of those before.
struct EnergyPerMac {
  double array = 0;
  double with_razor_unit = 0;
  double with_buffers = 0;
  double chip = 0;
  double machine = 0;

  bool operator==(const EnergyPerMac&) const = default;
};
template <>
inline constexpr auto fields<EnergyPerMac> = field_table<EnergyPerMac>(
    field("array", &EnergyPerMac::array, "pJ", non_negative,
          "multipliers, adders, shifters, accumulators: the unit in isolation"),
    field("with_razor_unit", &EnergyPerMac::with_razor_unit, "pJ", non_negative,
          "and what encodes the outputs"),
    field("with_buffers", &EnergyPerMac::with_buffers, "pJ", non_negative,
          "and every on-chip buffer, flags and scales included"),
    field("chip", &EnergyPerMac::chip, "pJ", non_negative, "and vector unit and leakage"),
    field("machine", &EnergyPerMac::machine, "pJ", non_negative,
          "and DRAM with its signalling: the whole machine"));

/// Output error against FP32.
struct ErrorReport {
  std::optional<double> sqnr_db;
  std::optional<double> worst_sqnr_db;
  std::string workload;
  bool own = false;

  bool operator==(const ErrorReport&) const = default;
};
template <>
inline constexpr auto fields<ErrorReport> = field_table<ErrorReport>(
    field("sqnr_db", &ErrorReport::sqnr_db, "dB", any_value,
          "signal over noise of the mean noise-to-signal ratio of all matrix products; null where "
          "exact"),
    field("worst_sqnr_db", &ErrorReport::worst_sqnr_db, "dB", any_value,
          "the same of the worst product"),
    field("workload", &ErrorReport::workload, "", any_value, "the workload it was computed on"),
    field("own", &ErrorReport::own, "", any_value,
          "true: the workload compared; false: that one has no tensors, and the same scheme on a "
          "shipped trace stands in"));

/// What the rule of the comparison held equal.
struct HeldReport {
  std::string quantity;
  double value = 0;
  double difference = 0;
  std::string note;

  bool operator==(const HeldReport&) const = default;
};
template <>
inline constexpr auto fields<HeldReport> = field_table<HeldReport>(
    field("quantity", &HeldReport::quantity, "", any_value, "what was held equal, with its unit"),
    field("value", &HeldReport::value, "", any_value, "this scheme's"),
    field("difference", &HeldReport::difference, "ratio", any_value,
          "how far it is from the baseline's, relative to that: arrays come in whole rows and "
          "columns"),
    field("note", &HeldReport::note, "", any_value,
          "what was changed to hold it, or why it could not be; empty for nothing"));

/// This scheme's over the baseline's; null where the baseline's is zero.
struct RelativeReport {
  std::optional<double> cycles;
  std::optional<double> time;
  std::optional<double> dram_read_bytes;
  std::optional<double> dram_write_bytes;
  std::optional<double> buffer_read_bytes;
  std::optional<double> buffer_write_bytes;
  std::optional<double> array_energy_pj;
  std::optional<double> energy_pj;
  std::optional<double> energy_low;
  std::optional<double> energy_high;
  std::optional<double> array_area_um2;
  std::optional<double> area_um2;
  std::optional<double> area_low;
  std::optional<double> area_high;

  bool operator==(const RelativeReport&) const = default;
};
template <>
inline constexpr auto fields<RelativeReport> = field_table<RelativeReport>(
    field("cycles", &RelativeReport::cycles, "ratio", non_negative, "core cycles"),
    field("time", &RelativeReport::time, "ratio", non_negative, "time"),
    field("dram_read_bytes", &RelativeReport::dram_read_bytes, "ratio", non_negative,
          "bytes read over the DRAM's bus"),
    field("dram_write_bytes", &RelativeReport::dram_write_bytes, "ratio", non_negative,
          "bytes written over the DRAM's bus"),
    field("buffer_read_bytes", &RelativeReport::buffer_read_bytes, "ratio", non_negative,
          "bytes read from on-chip buffers"),
    field("buffer_write_bytes", &RelativeReport::buffer_write_bytes, "ratio", non_negative,
          "bytes written to on-chip buffers"),
    field("array_energy_pj", &RelativeReport::array_energy_pj, "ratio", non_negative,
          "energy of the array alone, nominal"),
    field("energy_pj", &RelativeReport::energy_pj, "ratio", non_negative,
          "energy of the whole machine, nominal"),
    field("energy_low", &RelativeReport::energy_low, "ratio", non_negative,
          "lowest ratio of energies: sources that both share take the same bound in both"),
    field("energy_high", &RelativeReport::energy_high, "ratio", non_negative,
          "highest ratio of energies"),
    field("array_area_um2", &RelativeReport::array_area_um2, "ratio", non_negative,
          "area of the array alone, nominal"),
    field("area_um2", &RelativeReport::area_um2, "ratio", non_negative,
          "area of the chip, nominal"),
    field("area_low", &RelativeReport::area_low, "ratio", non_negative, "lowest ratio of areas"),
    field("area_high", &RelativeReport::area_high, "ratio", non_negative,
          "highest ratio of areas"));

/// One column of the table.
struct ContenderReport {
  std::string scheme;
  std::string formats;
  HeldReport held;
  ArrayReport array;
  EffectiveBits effective_bits;
  ErrorReport error;
  EnergyPerMac energy_pj_per_mac;
  RelativeReport relative;

  bool operator==(const ContenderReport&) const = default;
};
template <>
inline constexpr auto fields<ContenderReport> = field_table<ContenderReport>(
    field("scheme", &ContenderReport::scheme, "", any_value, "the scheme as it was asked for"),
    field("formats", &ContenderReport::formats, "", any_value,
          "the scheme that ran: error, energy and area are all of this one"),
    field("held", &ContenderReport::held, "", any_value, "what was held equal"),
    field("array", &ContenderReport::array, "", any_value, "the array it ran on"),
    field("effective_bits", &ContenderReport::effective_bits, "bit", any_value,
          "stored bits an element, flags included"),
    field("error", &ContenderReport::error, "", any_value, "output error against FP32"),
    field("energy_pj_per_mac", &ContenderReport::energy_pj_per_mac, "pJ", any_value,
          "energy over MACs, from the unit in isolation to the whole machine"),
    field("relative", &ContenderReport::relative, "", any_value,
          "this scheme's over the baseline's; null where the baseline's is zero"));

/// Two schemes, the smaller figure first.
struct RankedPair {
  std::string smaller;
  std::string larger;
  double ratio = 0;
  double low = 0;
  double high = 0;
  bool certain = false;

  bool operator==(const RankedPair&) const = default;
};
template <>
inline constexpr auto fields<RankedPair> = field_table<RankedPair>(
    field("smaller", &RankedPair::smaller, "", any_value, "scheme with the smaller nominal figure"),
    field("larger", &RankedPair::larger, "", any_value, "the other"),
    field("ratio", &RankedPair::ratio, "ratio", non_negative, "larger over smaller, nominal"),
    field("low", &RankedPair::low, "ratio", non_negative,
          "lowest that the sources allow, shared ones at the same bound in both"),
    field("high", &RankedPair::high, "ratio", non_negative, "highest"),
    field("certain", &RankedPair::certain, "", any_value,
          "false: the sources allow the opposite order, so this pair has no ranking"));

struct RankingReport {
  std::string figure;
  std::vector<std::string> order;
  bool certain = false;
  std::vector<RankedPair> pairs;

  bool operator==(const RankingReport&) const = default;
};
template <>
inline constexpr auto fields<RankingReport> = field_table<RankingReport>(
    field("figure", &RankingReport::figure, "", any_value, "energy_pj or area_um2"),
    field("order", &RankingReport::order, "", any_value, "schemes by nominal figure, least first"),
    field("certain", &RankingReport::certain, "", any_value,
          "true: every pair's order holds within the spread of the sources"),
    field("pairs", &RankingReport::pairs, "", any_value, "every two schemes"));

/// What QRazor's authors claim for their arithmetic unit beside what ours saves, and where it goes.
struct UnitClaimReport {
  std::string scheme;
  std::string against;
  double claimed_area_saving = 0;
  double claimed_power_saving = 0;
  double area_saving = 0;
  double energy_saving_per_product = 0;
  double products_per_mac = 0;
  double energy_saving_per_mac = 0;
  double energy_saving_with_razor_unit = 0;
  double energy_saving_on_chip = 0;
  double energy_saving_of_machine = 0;
  std::string explanation;
  std::string source;

  bool operator==(const UnitClaimReport&) const = default;
};
template <>
inline constexpr auto fields<UnitClaimReport> = field_table<UnitClaimReport>(
    field("scheme", &UnitClaimReport::scheme, "", any_value, "an SDR scheme of 4-bit codes"),
    field("against", &UnitClaimReport::against, "", any_value, "the INT8 scheme compared with it"),
    field("claimed_area_saving", &UnitClaimReport::claimed_area_saving, "ratio", any_value,
          "QRazor's, of the arithmetic unit"),
    field("claimed_power_saving", &UnitClaimReport::claimed_power_saving, "ratio", any_value,
          "QRazor's, of the arithmetic unit"),
    field("area_saving", &UnitClaimReport::area_saving, "ratio", any_value,
          "ours, area of the array a multiplier"),
    field("energy_saving_per_product", &UnitClaimReport::energy_saving_per_product, "ratio",
          any_value, "ours, energy of the array a multiplication: the claim's counterpart"),
    field("products_per_mac", &UnitClaimReport::products_per_mac, "", non_negative,
          "multiplications a MAC of the workload: wide operands take several passes"),
    field("energy_saving_per_mac", &UnitClaimReport::energy_saving_per_mac, "ratio", any_value,
          "energy of the array a MAC: what the passes leave of it"),
    field("energy_saving_with_razor_unit", &UnitClaimReport::energy_saving_with_razor_unit, "ratio",
          any_value, "the same with the razor unit charged"),
    field("energy_saving_on_chip", &UnitClaimReport::energy_saving_on_chip, "ratio", any_value,
          "the same with buffers, flags and scales, vector unit and leakage"),
    field("energy_saving_of_machine", &UnitClaimReport::energy_saving_of_machine, "ratio",
          any_value, "the same with DRAM and its signalling"),
    field("explanation", &UnitClaimReport::explanation, "", any_value,
          "why the two differ, as far as can be known"),
    field("source", &UnitClaimReport::source, "", any_value, "where the claim stands"));

struct ComparisonReport {
  int schema_version = 1;
  std::string at;
  std::string baseline;
  std::vector<ContenderReport> schemes;
  std::vector<RankingReport> ranking;
  std::vector<UnitClaimReport> unit_claims;

  bool operator==(const ComparisonReport&) const = default;
};
template <>
inline constexpr auto fields<ComparisonReport> = field_table<ComparisonReport>(
    field("schema_version", &ComparisonReport::schema_version, "", at_least(1),
          "version of these keys"),
    field("at", &ComparisonReport::at, "", any_value, "the rule: what stays the same"),
    field("baseline", &ComparisonReport::baseline, "", any_value, "the scheme ratios are to"),
    field("schemes", &ComparisonReport::schemes, "", any_value,
          "the schemes; each also has all keys of result.json"),
    field("ranking", &ComparisonReport::ranking, "", any_value,
          "who needs less, and whether the sources allow to say so"),
    field("unit_claims", &ComparisonReport::unit_claims, "", any_value,
          "QRazor's claim beside ours, for each SDR scheme of 4-bit codes where INT8 is among the "
          "schemes"));

}  // namespace razorsim
