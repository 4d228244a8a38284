// SPDX-License-Identifier: Apache-2.0
// A workload answered in SCALE-Sim v3's semantics: no machine is run, so what it does not model
// (time, energy, area, memory) is null, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/mapping/dataflow.h"
#include "sim/result/run_result.h"

namespace razorsim {

struct ScaleSimOperation {
  std::string name;
  OperationKind kind = OperationKind::linear;
  std::int64_t heads = 1;
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
  Semantics semantics = Semantics::scale_sim_v3;
  std::int64_t cycles = 0;
  std::int64_t folds = 0;
  std::int64_t cycles_per_fold = 0;
  std::int64_t macs = 0;
  double utilization = 0;
  double mapping_efficiency = 0;

  bool operator==(const ScaleSimOperation&) const = default;
};
template <>
inline constexpr auto fields<ScaleSimOperation> = field_table<ScaleSimOperation>(
    field("name", &ScaleSimOperation::name, "", any_value, "name of the layer"),
    field("kind", &ScaleSimOperation::kind, "", any_value, "what it computes"),
    field("heads", &ScaleSimOperation::heads, "products", non_negative,
          "independent products of this shape, one after the other"),
    field("m", &ScaleSimOperation::m, "rows", non_negative, "rows of the left operand"),
    field("k", &ScaleSimOperation::k, "elements", non_negative, "length of the reduction"),
    field("n", &ScaleSimOperation::n, "columns", non_negative, "columns of the output"),
    field("semantics", &ScaleSimOperation::semantics, "", any_value, "what the cycles mean"),
    field("cycles", &ScaleSimOperation::cycles, "cycle", non_negative,
          "folds * cycles_per_fold - 1, a product"),
    field("folds", &ScaleSimOperation::folds, "folds", non_negative,
          "parts of the operands that fill the array, of one product"),
    field("cycles_per_fold", &ScaleSimOperation::cycles_per_fold, "cycle", non_negative,
          "from its first operand to its last sum"),
    field("macs", &ScaleSimOperation::macs, "", non_negative, "multiply-accumulates: heads m n k"),
    field("utilization", &ScaleSimOperation::utilization, "", between(0, 1),
          "SCALE-Sim's overall utilisation: MACs over cycles times elements"),
    field("mapping_efficiency", &ScaleSimOperation::mapping_efficiency, "", between(0, 1),
          "SCALE-Sim's mapping efficiency: elements with work over elements, mean over folds"));

struct ScaleSimTotals {
  Semantics semantics = Semantics::scale_sim_v3;
  std::int64_t cycles = 0;
  std::int64_t macs = 0;
  double utilization = 0;
  std::optional<double> time_ns;
  std::optional<double> energy_pj;
  std::optional<double> power_w;
  std::optional<double> area_um2;
  std::optional<std::int64_t> dram_read_bytes;
  std::optional<std::int64_t> dram_write_bytes;

  bool operator==(const ScaleSimTotals&) const = default;
};
template <>
inline constexpr auto fields<ScaleSimTotals> = field_table<ScaleSimTotals>(
    field("semantics", &ScaleSimTotals::semantics, "", any_value, "what the cycles mean"),
    field("cycles", &ScaleSimTotals::cycles, "cycle", non_negative, "sum over the layers"),
    field("macs", &ScaleSimTotals::macs, "", non_negative, "multiply-accumulates of all layers"),
    field("utilization", &ScaleSimTotals::utilization, "", between(0, 1),
          "MACs over cycles times elements of the array"),
    field("time_ns", &ScaleSimTotals::time_ns, "ns", non_negative, "null: there is no clock"),
    field("energy_pj", &ScaleSimTotals::energy_pj, "pJ", non_negative, "null: not modelled"),
    field("power_w", &ScaleSimTotals::power_w, "W", non_negative, "null: not modelled"),
    field("area_um2", &ScaleSimTotals::area_um2, "um2", non_negative, "null: not modelled"),
    field("dram_read_bytes", &ScaleSimTotals::dram_read_bytes, "B", non_negative,
          "null: there is no memory"),
    field("dram_write_bytes", &ScaleSimTotals::dram_write_bytes, "B", non_negative,
          "null: there is no memory"));

struct ScaleSimArray {
  std::int64_t rows = 16;
  std::int64_t cols = 16;
  Dataflow dataflow = Dataflow::output_stationary;

  bool operator==(const ScaleSimArray&) const = default;
};
template <>
inline constexpr auto fields<ScaleSimArray> = field_table<ScaleSimArray>(
    field("rows", &ScaleSimArray::rows, "", at_least(1), "rows of processing elements"),
    field("cols", &ScaleSimArray::cols, "", at_least(1), "columns of processing elements"),
    field("dataflow", &ScaleSimArray::dataflow, "", any_value,
          "what stays in the processing elements"));

struct ScaleSimReport {
  int schema_version = 1;
  Semantics semantics = Semantics::scale_sim_v3;
  ScaleSimArray array;
  ScaleSimTotals totals;
  std::vector<ScaleSimOperation> operations;
  RunProvenance provenance;
  std::vector<std::string> remarks;
  std::optional<std::string> output_sha256;

  bool operator==(const ScaleSimReport&) const = default;
};
template <>
inline constexpr auto fields<ScaleSimReport> = field_table<ScaleSimReport>(
    field("schema_version", &ScaleSimReport::schema_version, "", at_least(1),
          "version of these keys; a key changes its meaning only with it"),
    field("semantics", &ScaleSimReport::semantics, "", any_value, "what the cycles mean"),
    field("array", &ScaleSimReport::array, "", any_value, "all there is of the machine"),
    field("totals", &ScaleSimReport::totals, "", any_value, "all layers"),
    field("operations", &ScaleSimReport::operations, "", any_value, "the layers in order"),
    field("provenance", &ScaleSimReport::provenance, "", any_value, "what made this result"),
    field("remarks", &ScaleSimReport::remarks, "", any_value,
          "what a reader should know, in sentences"),
    field("output_sha256", &ScaleSimReport::output_sha256, "", any_value,
          "null: there are no values"));

/// The matrix products of `operations`, one after the other. Throws ConfigError where there is
/// none.
[[nodiscard]] ScaleSimReport scale_sim_report(const std::vector<Operation>& operations,
                                              const ScaleSimArray& array,
                                              const RunProvenance& provenance);

[[nodiscard]] std::string scale_sim_text(const ScaleSimReport& report);

}  // namespace razorsim
