// SPDX-License-Identifier: Apache-2.0
#include "sim/result/comparison.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "sim/result/json_writer.h"
#include "sim/result/ratios.h"
#include "sim/result/summary.h"

namespace razorsim {
namespace {

/// One figure of cost: how it is read and shown, and its key in "relative".
struct Figure {
  std::string name;
  std::string key;  ///< "" where no ratio makes sense
  std::function<double(const RunResult&)> value;
  std::string (*text)(double);
};

std::string count_text(double value) { return fmt::format("{:.0f}", value); }
std::string ps_text(double value) {
  return time_text(Picoseconds(static_cast<std::int64_t>(value)));
}
std::string size_text(double value) { return bytes_text(static_cast<std::int64_t>(value)); }
std::string share_text(double value) { return fmt::format("{:.1f} %", 100 * value); }
std::string watt_text(double value) { return fmt::format("{:.3f} W", value); }

double number(std::int64_t value) { return static_cast<double>(value); }

std::vector<Figure> figures() {
  std::vector<Figure> all = {
      {"cycles", "cycles", [](const RunResult& r) { return number(r.cycles.count()); }, count_text},
      {"time", "time", [](const RunResult& r) { return number(r.time.count()); }, ps_text},
      {"  busy", "", [](const RunResult& r) { return number(r.totals.busy.count()); }, count_text},
  };
  for (const auto& cause : enum_names<Cause>) {
    all.push_back({fmt::format("  stalled: {}", cause.name), "",
                   [which = cause.value](const RunResult& r) {
                     return number(r.totals.stalls[which].count());
                   },
                   count_text});
  }
  all.insert(
      all.end(),
      {
          {"MAC utilisation", "",
           [](const RunResult& r) { return mac_utilization(r.totals, r.peak_macs_per_cycle); },
           share_text},
          {"DRAM read", "dram_read_bytes",
           [](const RunResult& r) { return number(all_bytes(r.totals.dram_read)); }, size_text},
          {"  flags and scales", "",
           [](const RunResult& r) {
             return number((r.totals.dram_read.flags + r.totals.dram_read.scales).count());
           },
           size_text},
          {"DRAM written", "dram_write_bytes",
           [](const RunResult& r) { return number(all_bytes(r.totals.dram_written)); }, size_text},
          {"buffers read", "buffer_read_bytes",
           [](const RunResult& r) { return number(r.totals.buffer_read.count()); }, size_text},
          {"buffers written", "buffer_write_bytes",
           [](const RunResult& r) { return number(r.totals.buffer_written.count()); }, size_text},
          {"energy", "energy_pj", [](const RunResult& r) { return r.energy.total().nominal; },
           energy_text},
      });
  for_each_field<EnergyBreakdown>([&](const auto& each) {
    all.push_back(
        {fmt::format("  {}", each.name), "",
         [member = each.member](const RunResult& r) { return (r.energy.*member).nominal; },
         energy_text});
  });
  all.push_back({"power", "",
                 [](const RunResult& r) { return power_w(r.energy.total().nominal, r.time); },
                 watt_text});
  all.push_back(
      {"area", "area_um2", [](const RunResult& r) { return r.area.total().nominal; }, area_text});
  for_each_field<AreaBreakdown>([&](const auto& each) {
    all.push_back({fmt::format("  {}", each.name), "",
                   [member = each.member](const RunResult& r) { return (r.area.*member).nominal; },
                   area_text});
  });
  return all;
}

/// A row of the table: its name and a cell a scheme.
using Row = std::vector<std::string>;

std::vector<Row> error_rows(const std::vector<Compared>& all) {
  Row mean = {"output SQNR"}, worst = {"  worst product"};
  bool any = false;
  for (const Compared& each : all) {
    const ErrorSummary error = error_summary(each.result);
    any |= error.products > 0;
    const auto cell = [&](double ratio) {
      const auto value = decibel(ratio);
      return value                ? fmt::format("{:.2f} dB", *value)
             : error.products > 0 ? std::string("exact")
                                  : std::string("-");
    };
    mean.push_back(cell(error.mean_noise_to_signal));
    worst.push_back(cell(error.worst_noise_to_signal));
  }
  if (!any) return {};
  return {mean, worst};
}

std::vector<Row> rows_of(const std::vector<Compared>& all) {
  std::vector<Row> rows;
  for (const Figure& figure : figures()) {
    Row row = {figure.name};
    const double baseline = figure.value(all.front().result);
    bool any = false;
    for (const Compared& each : all) {
      const double value = figure.value(each.result);
      any |= value != 0;
      std::string cell = figure.text(value);
      // Cells of a column line up whether or not they carry a ratio.
      if (!figure.key.empty() && &each != &all.front() && baseline > 0)
        cell += fmt::format(" ({:.2f}x)", value / baseline);
      row.push_back(std::move(cell));
    }
    if (any || !figure.key.empty()) rows.push_back(std::move(row));
    if (figure.name == "MAC utilisation") {
      Row bound = {"bound by"};
      for (const Compared& each : all) bound.push_back(std::string(name_of(each.result.bound)));
      rows.push_back(std::move(bound));
    }
  }
  for (Row& row : error_rows(all)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace

std::string comparison_text(const std::vector<Compared>& all) {
  std::vector<Row> rows = {{""}};
  for (const Compared& each : all) rows.front().push_back(each.scheme);
  for (Row& row : rows_of(all)) rows.push_back(std::move(row));
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text = fmt::format("{}\n\n", all.front().result.provenance.workload);
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
    text += '\n';
  }
  std::vector<std::string> remarks;
  for (const Compared& each : all) {
    for (const std::string& remark : each.result.remarks) {
      if (std::find(remarks.begin(), remarks.end(), remark) == remarks.end())
        remarks.push_back(remark);
    }
  }
  if (!remarks.empty()) text += '\n';
  for (const std::string& remark : remarks) text += fmt::format("note: {}\n", remark);
  return text;
}

Value comparison_value(const std::vector<Compared>& all) {
  JsonArray schemes;
  for (const Compared& each : all) {
    Value one, relative = JsonObject{};
    for (const Figure& figure : figures()) {
      if (figure.key.empty()) continue;
      const double baseline = figure.value(all.front().result);
      relative.set(figure.key,
                   baseline > 0 ? Value(figure.value(each.result) / baseline) : Value());
    }
    one.set("scheme", each.scheme);
    one.set("relative", std::move(relative));
    const Value result = result_value(each.result, each.spec);
    for (const Member& member : *result.object()) one.set(member.key, member.value);
    schemes.push_back(std::move(one));
  }
  Value value;
  value.set("schema_version", 1);
  value.set("baseline", all.front().scheme);
  value.set("schemes", std::move(schemes));
  return value;
}

}  // namespace razorsim
