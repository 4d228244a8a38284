// SPDX-License-Identifier: Apache-2.0
#include "sim/result/scale_sim_report.h"

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/mapping/scale_sim.h"
#include "sim/result/ratios.h"
#include "sim/result/summary.h"

namespace razorsim {
namespace {

/// a += b * c within 63 bits.
void add_product(std::int64_t& a, std::int64_t b, std::int64_t c) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(b, c, &product) || __builtin_add_overflow(a, product, &a))
    throw ConfigError("workload", "takes more cycles than 63 bits hold");
}

double utilization(std::int64_t macs, std::int64_t cycles, const ScaleSimArray& array) {
  return share(static_cast<double>(macs),
               static_cast<double>(cycles) * static_cast<double>(array.rows * array.cols));
}

ScaleSimOperation answer(const Operation& operation, const ScaleSimArray& array) {
  const ScaleSimTiming timing = scale_sim_timing(array.dataflow, array.rows, array.cols,
                                                 operation.m, operation.k, operation.n);
  ScaleSimOperation result;
  result.name = operation.name;
  result.kind = operation.kind;
  result.heads = operation.heads;
  result.m = operation.m;
  result.k = operation.k;
  result.n = operation.n;
  add_product(result.cycles, operation.heads, timing.cycles.count());
  result.folds = timing.folds;
  result.cycles_per_fold = timing.cycles_per_fold.count();
  std::int64_t outputs = 0;
  add_product(outputs, operation.heads * operation.m, operation.n);
  add_product(result.macs, outputs, operation.k);
  result.utilization = utilization(result.macs, result.cycles, array);
  result.mapping_efficiency = timing.mapping_efficiency();
  return result;
}

}  // namespace

ScaleSimReport scale_sim_report(const std::vector<Operation>& operations,
                                const ScaleSimArray& array, const RunProvenance& provenance) {
  ScaleSimReport report;
  report.array = array;
  report.provenance = provenance;
  report.provenance.semantics = Semantics::scale_sim_v3;
  bool attention = false;
  for (const Operation& each : operations) {
    if (!each.is_product()) continue;
    if (each.kind != OperationKind::linear) attention = true;
    report.operations.push_back(answer(each, array));
    add_product(report.totals.cycles, 1, report.operations.back().cycles);
    add_product(report.totals.macs, 1, report.operations.back().macs);
  }
  if (report.operations.empty()) throw ConfigError("workload", "has no matrix products");
  report.totals.utilization = utilization(report.totals.macs, report.totals.cycles, array);
  report.remarks.push_back(
      "one MAC a processing element; lanes, formats, buffers and memory are not modelled");
  if (const auto left_out = operations.size() - report.operations.size(); left_out > 0)
    report.remarks.push_back(fmt::format("{} vector operations are not modelled", left_out));
  if (attention) report.remarks.push_back("attention is computed in full squares, head by head");
  return report;
}

std::string scale_sim_text(const ScaleSimReport& report) {
  constexpr std::size_t most = 40;
  const std::string cycles = fmt::format("cycles ({})", name_of(report.semantics));
  std::string text =
      fmt::format("{}\nsemantics {}, array {} x {}, dataflow {}\n\n", report.provenance.workload,
                  name_of(report.semantics), report.array.rows, report.array.cols,
                  name_of(report.array.dataflow));
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<22} {}\n", name, value);
  };
  line(cycles, fmt::format("{}", report.totals.cycles));
  line("MACs", fmt::format("{} ({} of the array's peak)",
                           engineering(static_cast<double>(report.totals.macs)),
                           percent(report.totals.utilization)));
  text += fmt::format("\n  {:<28} {:>22} {:>10} {:>12} {:>8} {:>8}\n", "layer", cycles, "folds",
                      "cycles/fold", "MACs/pk", "mapping");
  for (std::size_t i = 0; i < std::min(most, report.operations.size()); ++i) {
    const ScaleSimOperation& each = report.operations[i];
    text += fmt::format("  {:<28} {:>22} {:>10} {:>12} {:>8} {:>8}\n", each.name, each.cycles,
                        each.folds, each.cycles_per_fold, percent(each.utilization),
                        percent(each.mapping_efficiency));
  }
  if (report.operations.size() > most)
    text += fmt::format("  and {} more\n", report.operations.size() - most);
  text += '\n';
  for (const std::string& each : report.remarks) text += fmt::format("  note: {}\n", each);
  return text;
}

}  // namespace razorsim
