// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "models/base/errors.h"
#include "sim/config/json.h"
#include "sim/result/comparison.h"
#include "sim/result/csv_writer.h"
#include "sim/result/files.h"
#include "sim/result/json_writer.h"
#include "sim/result/ratios.h"
#include "sim/result/report.h"
#include "sim/result/summary.h"
#include "sim/result/timeline_writer.h"
#include "tests/support/run_program.h"

namespace razorsim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Two operations worked out by hand: 8 + 2 cycles on an array of 4 MACs a cycle at 1 GHz.
RunResult example() {
  RunResult result;
  result.cycles = CoreCycles(10);
  result.core_period = Picoseconds(1000);
  result.time = Picoseconds(10'000);
  result.peak_dram_bytes_per_ns = 2;
  result.peak_macs_per_cycle = 4;
  result.energy.multipliers = {1, 2, 4};
  result.energy.dram_io = {10, 18, 30};
  result.area.multipliers = {50, 100, 200};
  result.provenance.workload = "an \"example\"";
  OperationResult product;
  product.name = "layers.0.q_proj";
  product.m = 2;
  product.k = 3;
  product.n = 4;
  product.counters.cycles = CoreCycles(8);
  product.counters.busy = CoreCycles(6);
  product.counters.stalls[Cause::row_miss] = CoreCycles(2);
  product.counters.macs = 24;
  product.counters.products = 24;
  product.counters.array_slots = 24;
  product.counters.dram_read = {Bytes(6), Bytes(1), Bytes(1), Bytes(4)};
  product.error = {8, 100, 1, 0.5, 99, 98};
  OperationResult other;
  other.name = "layers.0.softmax, head 1";
  other.kind = OperationKind::softmax;
  other.counters.cycles = CoreCycles(2);
  other.counters.busy = CoreCycles(2);
  for (const auto* each : {&product, &other}) add_fields(result.totals, each->counters);
  result.operations = {product, other};
  ModuleResult module{"array", {}, {}};
  module.time.busy = Picoseconds(8'000);
  module.time.idle = Picoseconds(2'000);
  module.slices = {
      {Picoseconds(0), Picoseconds(6'000), Activity::busy, Cause::dependence, 0},
      {Picoseconds(6'000), Picoseconds(8'123), Activity::waiting_in, Cause::row_miss, 0}};
  result.modules = {module};
  result.accumulators = {1, -1, 256};
  return result;
}

TEST(Ratios, AreThoseWorkedOutByHand) {
  const RunResult result = example();
  EXPECT_DOUBLE_EQ(mac_utilization(result.totals, result.peak_macs_per_cycle), 24.0 / 40);
  EXPECT_DOUBLE_EQ(array_occupancy(result.totals), 1);
  EXPECT_DOUBLE_EQ(power_w(20, result.time), 20.0 / 10'000);
  EXPECT_DOUBLE_EQ(*sqnr_db(result.operations[0].error), 20);
  EXPECT_DOUBLE_EQ(*cosine(result.operations[0].error), 99 / (10 * std::sqrt(98.0)));
  EXPECT_FALSE(sqnr_db(result.operations[1].error));
  const Roofline roof = roofline(result);
  EXPECT_DOUBLE_EQ(roof.peak_gmac_per_s, 4);
  EXPECT_DOUBLE_EQ(roof.achieved_gmac_per_s, 2.4);
  EXPECT_DOUBLE_EQ(roof.macs_per_dram_byte, 2);
  EXPECT_DOUBLE_EQ(roof.ridge_macs_per_byte, 2);
  EXPECT_DOUBLE_EQ(roof.roof_gmac_per_s, 4);
}

TEST(Ratios, AnExactOutputHasNoSqnr) {
  NumericError error{4, 10, 0, 0, 10, 10};
  EXPECT_FALSE(sqnr_db(error));
  EXPECT_DOUBLE_EQ(*cosine(error), 1);
}

TEST(Ratios, LogarithmIsThatOfTheLibraryToThreeUlp) {
  for (const double value : {1e-300, 1e-9, 0.099, 0.1, 0.5, 0.7071, 0.99999, 1.00001, 1.5, 2.0,
                             3.14159, 10.0, 12345.678, 1e300}) {
    const double expected = std::log10(value);
    EXPECT_NEAR(fixed_log10(value), expected,
                3 * std::abs(std::nextafter(expected, 1e9) - expected))
        << value;
  }
  EXPECT_EQ(fixed_log10(1.0), 0.0);
}

TEST(JsonWriter, HasTheAgreedKeysAndSums) {
  const auto json =
      nlohmann::json::parse(result_json(example(), Value(JsonObject{{"machine", "m"}})));
  const auto& totals = json.at("totals");
  EXPECT_EQ(json.at("schema_version"), 1);
  EXPECT_EQ(totals.at("cycles"), 10);
  EXPECT_EQ(totals.at("time_ns"), 10.0);
  EXPECT_EQ(totals.at("energy_pj"), 20.0);
  double sum = 0;
  for (const auto& [name, part] : totals.at("energy_by_component_pj").items())
    sum += part.get<double>();
  EXPECT_DOUBLE_EQ(sum, 20.0);
  EXPECT_EQ(totals.at("dram_read_bytes"), 12);
  EXPECT_EQ(totals.at("sqnr_db"), 20.0);
  EXPECT_EQ(json.at("operations").at(0).at("stall_cycles").at("row_miss"), 2);
  EXPECT_TRUE(json.at("operations").at(1).at("sqnr_db").is_null());
  EXPECT_EQ(json.at("modules").at(0).at("total_ps"), 10'000);
  EXPECT_EQ(json.at("spec").at("machine"), "m");
  // python3: sha256(struct.pack("<3q", 1, -1, 256))
  EXPECT_EQ(json.at("output_sha256"),
            "6722c3af6b22bf191afaac91a600216d9a04eac28004135710c52e7a61820000");
  EXPECT_EQ(result_json(example(), Value()), result_json(example(), Value())) << "the same bytes";
}

TEST(CsvWriter, HasACellForEachColumnOfEachLine) {
  std::istringstream csv(operations_csv(example()));
  std::string header, first, second, rest;
  std::getline(csv, header);
  std::getline(csv, first);
  std::getline(csv, second);
  EXPECT_FALSE(std::getline(csv, rest));
  EXPECT_THAT(header, HasSubstr("name,kind,count,heads,m,k,n,"));
  EXPECT_THAT(header, HasSubstr(",stall_cycles.row_miss,"));
  EXPECT_EQ(std::count(first.begin(), first.end(), ','),
            std::count(header.begin(), header.end(), ','));
  EXPECT_THAT(second, HasSubstr("\"layers.0.softmax, head 1\",softmax"));
}

TEST(TimelineWriter, IsChromesFormatToThePicosecond) {
  const auto json = nlohmann::json::parse(timeline_json(example()));
  const auto& events = json.at("traceEvents");
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[1].at("args").at("name"), "array");
  EXPECT_EQ(events[3].at("name"), "layers.0.q_proj");
  EXPECT_EQ(events[3].at("cat"), "busy");
  EXPECT_EQ(events[4].at("name"), "wait: row_miss");
  EXPECT_DOUBLE_EQ(events[4].at("dur").get<double>(), 0.002123);
  EXPECT_EQ(events[4].at("args").at("operation"), "layers.0.q_proj");
}

TEST(Summary, TellsTheRooflineAndTheStalls) {
  const std::string text = summary_text(example());
  EXPECT_THAT(
      text,
      HasSubstr(
          "roofline           2.4 of 4.0 GMAC/s under a roof of 4.0 (2.0 MAC/B, ridge at 2.0)"));
  EXPECT_THAT(text, HasSubstr("row_miss                         2   20.0 %"));
}

// Two kinds of operation in 32 layers are two lines, not 12 times the longest.
TEST(Summary, SumsEqualOperationsOverTheLayers) {
  RunResult result = example();
  const OperationResult one = result.operations.front();
  result.operations.clear();
  for (int layer = 0; layer < 32; ++layer) {
    for (const char* name : {"q_proj", "o_proj"}) {
      OperationResult& each = result.operations.emplace_back(one);
      each.name = fmt::format("decode.layers.{}.{}", layer, name);
    }
  }
  result.operations.push_back(one);
  result.operations.back().name = "head";
  const std::string text = summary_text(result);
  EXPECT_THAT(text, HasSubstr("decode.layers.*.q_proj x32"));
  EXPECT_THAT(text, HasSubstr("decode.layers.*.o_proj x32"));
  EXPECT_THAT(text, HasSubstr(fmt::format(" {:>15} ", 32 * one.counters.cycles.count())));
  EXPECT_THAT(text, HasSubstr("  head  "));
  EXPECT_THAT(text, Not(HasSubstr("more\n")));
}

const ComparisonRule rule = {"equal-pes", "the same machine for all"};

Compared compared(const std::string& name, RunResult result) {
  return {name, scheme_from_name(name), std::move(result), Value(), {}, {}, ""};
}

/// The example with so many times its energy, by two sources of which one is 3 times unsure.
RunResult costing(double times) {
  RunResult result = example();
  result.energy_sources.arithmetic = {2 * times, 2 * times, 6 * times};
  result.energy_sources.dram_io = {18, 18, 18};
  return result;
}

TEST(Comparison, RelatesEverySchemeToTheFirst) {
  RunResult twice = costing(1);
  twice.cycles = CoreCycles(20);
  const std::vector<Compared> all = {compared("sdr4", costing(1)), compared("int8", twice)};
  const auto json = nlohmann::json::parse(json_text(comparison_value(rule, all)));
  EXPECT_EQ(json.at("baseline"), "sdr4");
  EXPECT_EQ(json.at("at"), "equal-pes");
  EXPECT_EQ(json.at("schemes").at(1).at("relative").at("cycles"), 2.0);
  EXPECT_EQ(json.at("schemes").at(0).at("relative").at("energy_pj"), 1.0);
  EXPECT_EQ(json.at("schemes").at(1).at("totals").at("cycles"), 20);
  EXPECT_EQ(json.at("schemes").at(0).at("effective_bits").at("weights"), 4.25);
  EXPECT_THAT(comparison_text(rule, all), HasSubstr("20 (2.00x)"));
}

TEST(Comparison, LevelsOfEnergyEndAtTheWholeMachine) {
  const auto levels =
      comparison_report(rule, {compared("sdr4", costing(1))}).schemes.front().energy_pj_per_mac;
  EXPECT_DOUBLE_EQ(levels.array, 2.0 / 24);
  EXPECT_DOUBLE_EQ(levels.chip, 2.0 / 24);
  EXPECT_DOUBLE_EQ(levels.machine, 20.0 / 24);
}

TEST(Comparison, RanksWhatTheSourcesAllowToRank) {
  RunResult more = costing(2);   // 22 against 20, and no source turns that round
  RunResult other = costing(0);  // 0 + 21: larger than 20, but less than 24 with the first at 6
  other.energy_sources.sram = {21, 21, 21};
  other.energy_sources.dram_io = {};
  const auto ranking = comparison_report(rule, {compared("sdr4", costing(1)),
                                                compared("int8", more), compared("int16x8", other)})
                           .ranking.front();
  EXPECT_EQ(ranking.figure, "energy_pj");
  EXPECT_THAT(ranking.order, ::testing::ElementsAre("sdr4", "int16x8", "int8"));
  EXPECT_FALSE(ranking.certain);
  ASSERT_EQ(ranking.pairs.size(), 3U);
  EXPECT_FALSE(ranking.pairs[0].certain);  // sdr4 and int16x8: 21/24 to 21/20
  EXPECT_DOUBLE_EQ(ranking.pairs[0].low, 21.0 / 24);
  EXPECT_TRUE(ranking.pairs[1].certain);  // sdr4 and int8: 22/20 to 30/24
  EXPECT_DOUBLE_EQ(ranking.pairs[1].high, 30.0 / 24);
  const std::string text =
      comparison_text(rule, {compared("sdr4", costing(1)), compared("int16x8", other)});
  EXPECT_THAT(text, HasSubstr("energy: sdr4 ~ int16x8\n"));
  EXPECT_THAT(text, HasSubstr("within the spread of the sources, so not ranked"));
}

/// The example on an array of one unit, with the energy and area of its array told.
RunResult on_array(const char* unit, double energy_pj, double area_um2, std::int64_t products) {
  RunResult result = costing(1);
  result.array = {
      .unit = unit, .rows = 2, .columns = 1, .lanes = 4, .group = 4, .accumulator_bits = 40};
  result.energy.multipliers = {energy_pj, energy_pj, energy_pj};
  result.area.multipliers = {area_um2, area_um2, area_um2};
  result.totals.activity.array.products = products;
  return result;
}

TEST(Comparison, PutsTheClaimOfThePaperBesideWhatTheUnitSaves) {
  // 48 products at 0.5 pJ against 24 at 1: half a product, but nothing a MAC; 40 of 100 um2.
  const std::vector<Compared> all = {compared("int8", on_array("int8", 24, 100, 24)),
                                     compared("sdr4", on_array("sdr_dot", 24, 40, 48)),
                                     compared("W4A8:g16", on_array("sdr_w4a8", 24, 40, 48))};
  const auto claims = comparison_report(rule, all).unit_claims;
  ASSERT_EQ(claims.size(), 1U) << "W4A8 is no 4-bit unit";
  EXPECT_EQ(claims[0].scheme, "sdr4");
  EXPECT_EQ(claims[0].against, "int8");
  EXPECT_DOUBLE_EQ(claims[0].claimed_area_saving, 0.612);
  EXPECT_DOUBLE_EQ(claims[0].claimed_power_saving, 0.578);
  EXPECT_DOUBLE_EQ(claims[0].area_saving, 0.6);
  EXPECT_DOUBLE_EQ(claims[0].energy_saving_per_product, 0.5);
  EXPECT_DOUBLE_EQ(claims[0].products_per_mac, 2);
  EXPECT_DOUBLE_EQ(claims[0].energy_saving_per_mac, 0);
  EXPECT_THAT(claims[0].explanation, HasSubstr("-1.2 points off in area and -7.8 in energy"));
  const std::string text = comparison_text(rule, all);
  EXPECT_THAT(text, HasSubstr("claimed by QRazor (power)               61.2 %      57.8 %\n"));
  EXPECT_THAT(text, HasSubstr("sdr4 against int8, measured             60.0 %      50.0 %\n"));
  const auto json = nlohmann::json::parse(json_text(comparison_value(rule, all)));
  EXPECT_EQ(json.at("unit_claims").at(0).at("area_saving"), 0.6);
}

TEST(Comparison, HasNoClaimWithoutInt8) {
  EXPECT_TRUE(comparison_report(rule, {compared("sdr4", on_array("sdr_dot", 24, 40, 48)),
                                       compared("int16x8", on_array("int16x8", 24, 100, 24))})
                  .unit_claims.empty());
}

TEST(Comparison, FitsAHundredColumnsWithEightSchemes) {
  std::vector<Compared> all;
  for (const char* name : {"int8", "sdr4", "W4A8:g16", "W4A4KV4Q4P4:g128", "int16x8", "int4",
                           "W4A16:g64", "W8A8:static"}) {
    const Scheme scheme = scheme_from_name(name);
    all.push_back(compared(
        name, on_array(scheme.weights.name == "sdr" ? "sdr_dot" : scheme.weights.name.c_str(), 24,
                       40, 48)));
    all.back().result.cycles = CoreCycles(123456789);
  }
  std::istringstream lines(comparison_text(rule, all));
  std::size_t blocks = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    blocks += line.starts_with("cycles") ? 1 : 0;
  }
  EXPECT_GT(blocks, 1U);  // and each begins with the baseline
}

TEST(Comparison, CsvHasALineASchemeAndTheSameCellsInEach) {
  const std::string csv =
      comparison_csv(rule, {compared("sdr4", costing(1)), compared("int8", costing(2))});
  std::istringstream lines(csv);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0].starts_with("scheme,formats,held.quantity,"));
  EXPECT_THAT(all[0], HasSubstr(",totals.energy_pj,"));
  EXPECT_TRUE(all[2].starts_with("int8,W8A8,"));
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(commas(all[0]), commas(all[1]));
}

TEST(Files, AppearWholeAndReadable) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "f.json";
  write_file(path, "old");
  write_file(path, "new");
  EXPECT_EQ(testing::read_file(path), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "no temporary file is left";
  struct stat about {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(about.st_mode & 0777U, 0666U & ~mask);
}

TEST(Files, WhatCannotBeWrittenIsAnOutputError) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(write_file(folder.path() / "nowhere" / "f", "x"), OutputError);
  folder.write("file", "");
  EXPECT_THROW(make_folder(folder.path() / "file" / "below"), OutputError);
}

}  // namespace
}  // namespace razorsim
