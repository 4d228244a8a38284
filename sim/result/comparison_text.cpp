// SPDX-License-Identifier: Apache-2.0
// comparison_text(): the table for a terminal of 100 columns. Declared in comparison.h.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "sim/result/comparison.h"
#include "sim/result/summary.h"
#include "sim/result/unit_claim.h"

namespace razorsim {
namespace {

constexpr std::size_t width_limit = 100;

/// A row of the table: its name and a cell a scheme.
using Row = std::vector<std::string>;

std::string count_text(double value) { return fmt::format("{:.0f}", value); }
std::string ps_text(double value) {
  return time_text(Picoseconds(static_cast<std::int64_t>(value)));
}
std::string size_text(double value) { return bytes_text(static_cast<std::int64_t>(value)); }
std::string share_text(double value) { return fmt::format("{:.1f} %", 100 * value); }
std::string watt_text(double value) { return fmt::format("{:.3f} W", value); }
std::string um2_text(double value) { return fmt::format("{:.1f} um2", value); }

double number(std::int64_t value) { return static_cast<double>(value); }

/// The rows, built section by section.
class Table {
 public:
  Table(const std::vector<Compared>& all, const ComparisonReport& report)
      : all_(all), report_(report) {}

  [[nodiscard]] std::vector<Row> rows() {
    machine();
    error();  // before the first figure of energy, which says nothing without it
    levels();
    time();
    traffic();
    energy();
    area();
    return std::move(rows_);
  }

 private:
  /// How a figure is shown: with its ratio to the baseline, or left out where it is zero
  /// everywhere.
  enum class Show { ratio, plain, unless_zero };

  void words(std::string name, const std::function<std::string(std::size_t)>& cell) {
    Row row = {std::move(name)};
    for (std::size_t i = 0; i < all_.size(); ++i) row.push_back(cell(i));
    rows_.push_back(std::move(row));
  }

  void figure(std::string name, const std::function<double(std::size_t)>& value,
              const std::function<std::string(double)>& text, Show show) {
    Row row = {std::move(name)};
    bool any = false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      any |= value(i) != 0;
      std::string cell = text(value(i));
      if (show == Show::ratio && i > 0 && value(0) > 0)
        cell += fmt::format(" ({:.2f}x)", value(i) / value(0));
      row.push_back(std::move(cell));
    }
    if (any || show != Show::unless_zero) rows_.push_back(std::move(row));
  }

  [[nodiscard]] const RunResult& result(std::size_t i) const { return all_[i].result; }
  [[nodiscard]] const ContenderReport& column(std::size_t i) const { return report_.schemes[i]; }
  void heading(std::string name) { rows_.push_back({std::move(name)}); }

  void machine() {
    words("formats", [&](std::size_t i) { return column(i).formats; });
    words("array", [&](std::size_t i) {
      const ArrayReport& array = column(i).array;
      return fmt::format("{}x{} {}-{}", array.rows, array.columns, array.unit, array.lanes);
    });
    words("  accumulators",
          [&](std::size_t i) { return fmt::format("{} bits", column(i).array.accumulator_bits); });
    const auto bits = [&](std::string name, double EffectiveBits::*which) {
      words(std::move(name), [&, which](std::size_t i) {
        return fmt::format("{:.4g}", column(i).effective_bits.*which);
      });
    };
    bits("bits of a weight", &EffectiveBits::weights);
    bits("  of an activation", &EffectiveBits::activations);
    bits("  of K", &EffectiveBits::key);
    bits("  of V", &EffectiveBits::value);
  }

  void levels() {
    heading("energy a MAC");
    const auto level = [&](std::string name, double EnergyPerMac::*which) {
      figure(
          std::move(name), [&, which](std::size_t i) { return column(i).energy_pj_per_mac.*which; },
          [](double value) { return fmt::format("{:.3f} pJ", value); }, Show::ratio);
    };
    level("  unit alone", &EnergyPerMac::array);
    level("  + razor unit", &EnergyPerMac::with_razor_unit);
    level("  + buffers", &EnergyPerMac::with_buffers);
    level("  + the whole chip", &EnergyPerMac::chip);
    level("  + DRAM", &EnergyPerMac::machine);
    figure(
        "area a multiplier", [&](std::size_t i) { return column(i).array.area_um2_per_multiplier; },
        um2_text, Show::ratio);
  }

  void time() {
    figure(
        "cycles (native)", [&](std::size_t i) { return number(result(i).cycles.count()); },
        count_text, Show::ratio);
    figure(
        "time", [&](std::size_t i) { return number(result(i).time.count()); }, ps_text,
        Show::ratio);
    figure(
        "  busy", [&](std::size_t i) { return number(result(i).totals.busy.count()); }, count_text,
        Show::plain);
    for (const auto& cause : enum_names<Cause>) {
      figure(
          fmt::format("  {}", cause.name),
          [&](std::size_t i) { return number(result(i).totals.stalls[cause.value].count()); },
          count_text, Show::unless_zero);
    }
    figure(
        "MAC utilisation",
        [&](std::size_t i) {
          return mac_utilization(result(i).totals, result(i).peak_macs_per_cycle);
        },
        share_text, Show::plain);
    words("bound by", [&](std::size_t i) { return std::string(name_of(result(i).bound)); });
  }

  void traffic() {
    figure(
        "DRAM read", [&](std::size_t i) { return number(all_bytes(result(i).totals.dram_read)); },
        size_text, Show::ratio);
    figure(
        "  flags and scales",
        [&](std::size_t i) {
          const DramBytes& bytes = result(i).totals.dram_read;
          return number((bytes.flags + bytes.scales).count());
        },
        size_text, Show::plain);
    figure(
        "DRAM written",
        [&](std::size_t i) { return number(all_bytes(result(i).totals.dram_written)); }, size_text,
        Show::ratio);
    figure(
        "buffers read", [&](std::size_t i) { return number(result(i).totals.buffer_read.count()); },
        size_text, Show::ratio);
    figure(
        "buffers written",
        [&](std::size_t i) { return number(result(i).totals.buffer_written.count()); }, size_text,
        Show::ratio);
  }

  /// "1.58 to 1.79x" below a figure whose sources differ.
  void spread(const std::optional<double> RelativeReport::*low,
              const std::optional<double> RelativeReport::*high) {
    words("  ratio, low to high", [&](std::size_t i) {
      const RelativeReport& relative = column(i).relative;
      if (i == 0 || !(relative.*low)) return std::string();
      return fmt::format("{:.2f} to {:.2f}x", *(relative.*low), *(relative.*high));
    });
  }

  template <class Breakdown>
  void parts(const Breakdown RunResult::*breakdown, std::string (*text)(double)) {
    for_each_field<Breakdown>([&](const auto& each) {
      figure(
          fmt::format("  {}", each.name),
          [&, member = each.member](std::size_t i) {
            return ((result(i).*breakdown).*member).nominal;
          },
          text, Show::unless_zero);
    });
  }

  void energy() {
    figure(
        "energy", [&](std::size_t i) { return result(i).energy.total().nominal; }, energy_text,
        Show::ratio);
    words("  low to high", [&](std::size_t i) {
      const Estimate total = result(i).energy.total();
      return fmt::format("{} to {}", energy_text(total.low), energy_text(total.high));
    });
    spread(&RelativeReport::energy_low, &RelativeReport::energy_high);
    parts(&RunResult::energy, energy_text);
    figure(
        "power",
        [&](std::size_t i) { return power_w(result(i).energy.total().nominal, result(i).time); },
        watt_text, Show::plain);
  }

  void area() {
    figure(
        "area", [&](std::size_t i) { return result(i).area.total().nominal; }, area_text,
        Show::ratio);
    spread(&RelativeReport::area_low, &RelativeReport::area_high);
    parts(&RunResult::area, area_text);
  }

  void error() {
    const auto row = [&](std::string name, std::optional<double> ErrorReport::*which) {
      words(std::move(name), [&, which](std::size_t i) {
        if (all_[i].error.products == 0) return std::string("-");
        const std::optional<double>& value = column(i).error.*which;
        return value ? fmt::format("{:.2f} dB", *value) : std::string("exact");
      });
    };
    row("output SQNR", &ErrorReport::sqnr_db);
    row("  worst product", &ErrorReport::worst_sqnr_db);
  }

  const std::vector<Compared>& all_;
  const ComparisonReport& report_;
  std::vector<Row> rows_;
};

/// Columns that stand side by side: the baseline and as many of the others as fit.
std::vector<std::vector<std::size_t>> blocks_of(const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::size_t>> blocks;
  const auto start = [&] { return widths[0] + 2 + widths[1]; };
  std::size_t used = start();
  blocks.push_back({1});
  for (std::size_t i = 2; i < widths.size(); ++i) {
    if (used + 2 + widths[i] > width_limit && blocks.back().size() > 1) {
      blocks.push_back({1});
      used = start();
    }
    blocks.back().push_back(i);
    used += 2 + widths[i];
  }
  return blocks;
}

std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const std::vector<std::size_t>& block : blocks_of(widths)) {
    if (!text.empty()) text += '\n';
    for (const Row& row : rows) {
      std::string line = fmt::format("{:<{}}", row[0], widths[0]);
      if (row.size() > 1) {
        for (const std::size_t i : block) line += fmt::format("  {:>{}}", row[i], widths[i]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
  }
  return text;
}

std::string ranking_text(const RankingReport& ranking) {
  std::string text = fmt::format("{}: ", ranking.figure == "energy_pj" ? "energy" : "area");
  std::string open;
  for (std::size_t i = 0; i < ranking.order.size(); ++i) {
    if (i > 0) {
      const auto neighbours =
          std::find_if(ranking.pairs.begin(), ranking.pairs.end(), [&](const RankedPair& pair) {
            return pair.smaller == ranking.order[i - 1] && pair.larger == ranking.order[i];
          });
      text += neighbours->certain ? " < " : " ~ ";
    }
    text += ranking.order[i];
  }
  for (const RankedPair& pair : ranking.pairs) {
    if (pair.certain) continue;
    open += fmt::format("  {} and {}: {:.2f}x, {:.2f} to {:.2f}x\n", pair.smaller, pair.larger,
                        pair.ratio, pair.low, pair.high);
  }
  if (open.empty()) return text + '\n';
  return text + "\nwithin the spread of the sources, so not ranked:\n" + open;
}

}  // namespace

std::string comparison_text(const ComparisonRule& rule, const std::vector<Compared>& all) {
  const ComparisonReport report = comparison_report(rule, all);
  std::vector<Row> rows = {{""}};
  for (const Compared& each : all) rows.front().push_back(each.name);
  for (Row& row : Table(all, report).rows()) rows.push_back(std::move(row));
  std::string text = fmt::format("{}\n{}: {}\n\n{}\n", all.front().result.provenance.workload,
                                 rule.name, rule.meaning, table_text(rows));
  for (const RankingReport& each : report.ranking) text += ranking_text(each);
  text += claims_text(report.unit_claims);
  std::vector<std::string> notes;
  const auto note = [&](std::string sentence) {
    if (std::find(notes.begin(), notes.end(), sentence) == notes.end())
      notes.push_back(std::move(sentence));
  };
  for (const Compared& each : all) {
    if (!each.held.note.empty()) note(fmt::format("{}: {}", each.name, each.held.note));
  }
  if (!all.front().error_workload.empty()) {
    note(fmt::format("the workload has no tensors; the error is that of the same schemes on {}",
                     all.front().error_workload));
  }
  for (const Compared& each : all) {
    for (const std::string& remark : each.result.remarks) note(remark);
  }
  if (!notes.empty()) text += '\n';
  for (const std::string& each : notes) text += fmt::format("note: {}\n", each);
  return text;
}

}  // namespace razorsim
