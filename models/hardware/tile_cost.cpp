// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/tile_cost.h"

#include <algorithm>
#include <utility>

#include "models/hardware/fold_layout.h"

namespace razorsim {
namespace {

PanelBytes times(const PanelBytes& bytes, std::int64_t factor) {
  return {bytes.codes * factor, bytes.flags * factor, bytes.scales * factor};
}

TileTime output_stationary_time(const ArraySpec& array, const UnitPlan& plan, std::int64_t m,
                                std::int64_t n, std::int64_t k) {
  const std::int64_t beats = plan.beats(k);
  TileTime time;
  time.beats = ceil_div(m, array.rows) * ceil_div(n, array.cols) * beats;
  time.skew = output_skew(array, m, n, beats) + plan.latency_cycles;
  return time;
}

/// `lines` rows of the operand that stays lie along the columns, K along the rows, and `stream`
/// rows of the other pass through. A fold waits for its load, which began with the fold before.
TileTime operand_stationary_time(const ArraySpec& array, const UnitPlan& plan, std::int64_t lines,
                                 std::int64_t stream, std::int64_t k) {
  const bool weights = array.dataflow == Dataflow::weight_stationary;
  const std::int64_t planes_still = weights ? plan.planes_w : plan.planes_a;
  const FoldLayout layout(plan, array.rows);
  const std::int64_t waves = ceil_div(lines, array.cols);
  const std::int64_t pass = stream * (plan.passes() / planes_still) * layout.beats();
  std::int64_t wave = 0;  // cycles from the last fold of the wave before to the last of this one
  for (const FoldLayout::SizeClass& each : layout.sizes(k))
    wave += planes_still * each.count * std::max(pass, layout.load_cycles(each.size));

  TileTime time;
  time.preload = layout.load_cycles(layout.fold(0, k).size());
  time.beats = waves * wave - std::max(pass, time.preload) + pass;
  time.last_fold = pass;
  // The last wave may be narrow: then a sum of the one before may leave later.
  const std::int64_t last = lines - (waves - 1) * array.cols;
  const std::int64_t far = waves == 1 ? last - 1 : std::max(last - 1, array.cols - 1 - wave);
  const std::int64_t column_foot = 1;
  time.skew = layout.last_lag() + far + plan.latency_cycles + column_foot;
  return time;
}

/// Bytes that `lines` rows of k elements read once, with the flags that folds read again.
PanelBytes folded_bytes(const FormatSpec& format, const FoldLayout& layout, std::int64_t lines,
                        const Tile& tile) {
  PanelBytes bytes = panel_bytes(format, lines, tile.k.size(), tile.first_k);
  if (format.name == "sdr") {
    const std::int64_t groups = layout.groups_read(tile.k.size(), format.group);
    bytes.flags = panel_bytes(format, lines, groups * format.group, false).flags;
  }
  return bytes;
}

void count_output_stationary(const ArraySpec& array, const TileOperands& operands, Tile& tile) {
  const std::int64_t m = tile.m.size();
  const std::int64_t n = tile.n.size();
  const std::int64_t k = tile.k.size();
  const UnitCounters counters = count(operands.plan, m, n, k);
  tile.shifts = counters.flag_adds;
  tile.group_ends = counters.group_ends;
  // Every wave reads its rows and columns anew; the planes of a wide operand are cut from a
  // register at the array's edge, so passes do not read again.
  tile.left_read = times(panel_bytes(operands.left, m, k, tile.first_k), ceil_div(n, array.cols));
  tile.right_read = times(panel_bytes(operands.right, n, k, tile.first_k), ceil_div(m, array.rows));
}

void count_operand_stationary(const ArraySpec& array, const TileOperands& operands, Tile& tile) {
  const UnitPlan& plan = operands.plan;
  const bool weights = array.dataflow == Dataflow::weight_stationary;
  const std::int64_t m = tile.m.size();
  const std::int64_t n = tile.n.size();
  const std::int64_t k = tile.k.size();
  const FoldLayout layout(plan, array.rows);
  const std::int64_t outputs = m * n * plan.passes();
  const std::int64_t additions = outputs * layout.additions(k);
  tile.shifts = plan.shifts ? additions : 0;
  // Down the column, and once a fold into the accumulator at its foot.
  tile.group_ends = additions + outputs * layout.folds(k);
  // An element holds one plane: the operand that stays is read for each of its planes, and so is
  // the other, whose own planes are cut at the edge.
  const std::int64_t planes = weights ? plan.planes_w : plan.planes_a;
  const std::int64_t waves = ceil_div(weights ? n : m, array.cols);
  tile.left_read =
      times(folded_bytes(operands.left, layout, m, tile), weights ? planes * waves : planes);
  tile.right_read =
      times(folded_bytes(operands.right, layout, n, tile), weights ? planes : planes * waves);
}

}  // namespace

std::int64_t output_skew(const ArraySpec& array, std::int64_t m, std::int64_t n,
                         std::int64_t beats) {
  const std::int64_t m_waves = ceil_div(m, array.rows);
  const std::int64_t n_waves = ceil_div(n, array.cols);
  const std::int64_t waves = m_waves * n_waves;
  std::int64_t skew = 0;
  for (std::int64_t back = 0; back < waves && back * beats < array.rows + array.cols; ++back) {
    const std::int64_t wave = waves - 1 - back;  // columns are the inner loop
    const std::int64_t rows = std::min(array.rows, m - wave / n_waves * array.rows);
    const std::int64_t cols = std::min(array.cols, n - wave % n_waves * array.cols);
    skew = std::max(skew, rows - 1 + cols - 1 - back * beats);
  }
  return skew;
}

TileTime tile_time(const ArraySpec& array, const UnitPlan& plan, std::int64_t m, std::int64_t n,
                   std::int64_t k) {
  switch (array.dataflow) {
    case Dataflow::output_stationary: return output_stationary_time(array, plan, m, n, k);
    case Dataflow::weight_stationary: return operand_stationary_time(array, plan, n, m, k);
    case Dataflow::input_stationary: break;
  }
  return operand_stationary_time(array, plan, m, n, k);
}

TileCost tile_cost(const ArraySpec& array, const MachineShape& shape, const TileOperands& usual,
                   const TileOperands& wide) {
  return [array, shape, usual, wide](Tile& tile) {
    const TileOperands& operands = tile.wide_right ? wide : usual;
    const TileTime time =
        tile_time(array, operands.plan, tile.m.size(), tile.n.size(), tile.k.size());
    tile.preload = CoreCycles(time.preload);
    tile.beats = CoreCycles(time.beats);
    tile.last_fold = CoreCycles(time.last_fold);
    tile.skew = CoreCycles(time.skew);
    tile.macs = tile.m.size() * tile.n.size() * tile.k.size();
    tile.products = tile.macs * operands.plan.passes();
    if (array.dataflow == Dataflow::output_stationary) {
      count_output_stationary(array, operands, tile);
    } else {
      count_operand_stationary(array, operands, tile);
    }
    // What stays may be read while its first fold is brought in, too.
    const std::int64_t left = ceil_div(tile.left_read.total().count(),  //
                                       shape.activation_port.count());
    const Bytes right_port = tile.right_cached ? shape.kv_port : shape.weight_port;
    const std::int64_t right = ceil_div(tile.right_read.total().count(), right_port.count());
    const bool left_stays = array.dataflow == Dataflow::input_stationary;
    const std::int64_t left_late = left - time.beats - (left_stays ? time.preload : 0);
    const std::int64_t right_late = right - time.beats - (left_stays ? 0 : time.preload);
    tile.port_stall = CoreCycles(std::max<std::int64_t>({0, left_late, right_late}));
  };
}

}  // namespace razorsim
