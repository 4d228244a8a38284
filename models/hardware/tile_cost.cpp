// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/tile_cost.h"

#include <algorithm>

namespace razorsim {
namespace {

PanelBytes times(const PanelBytes& bytes, std::int64_t factor) {
  return {bytes.codes * factor, bytes.flags * factor, bytes.scales * factor};
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

TileCost tile_cost(const ArraySpec& array, const MachineShape& shape, const TileOperands& usual,
                   const TileOperands& wide) {
  return [array, shape, usual, wide](Tile& tile) {
    const TileOperands& operands = tile.wide_right ? wide : usual;
    const UnitPlan& plan = operands.plan;
    const std::int64_t m = tile.m.size();
    const std::int64_t n = tile.n.size();
    const std::int64_t k = tile.k.size();
    const std::int64_t m_waves = ceil_div(m, array.rows);
    const std::int64_t n_waves = ceil_div(n, array.cols);
    const std::int64_t beats = plan.beats(k);
    tile.beats = CoreCycles(m_waves * n_waves * beats);
    tile.skew = CoreCycles(output_skew(array, m, n, beats) + plan.latency_cycles);
    const UnitCounters counters = count(plan, m, n, k);
    tile.macs = counters.macs;
    tile.products = counters.products;
    tile.group_ends = counters.group_ends;
    // Every wave reads its rows and columns anew; the planes of a wide operand are cut from a
    // register at the array's edge, so passes do not read again.
    tile.left_read = times(panel_bytes(operands.left, m, k, tile.first_k), n_waves);
    tile.right_read = times(panel_bytes(operands.right, n, k, tile.first_k), m_waves);
    const std::int64_t left_cycles =
        ceil_div(tile.left_read.total().count(), shape.activation_port.count());
    const std::int64_t right_cycles =
        ceil_div(tile.right_read.total().count(), shape.weight_port.count());
    tile.port_stall = CoreCycles(
        std::max<std::int64_t>(0, std::max(left_cycles, right_cycles) - tile.beats.count()));
  };
}

}  // namespace razorsim
