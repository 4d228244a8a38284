// SPDX-License-Identifier: Apache-2.0
// Closed forms of a tile on the array: cycles, counts, bytes read. The `pe` fidelity proves them.
#pragma once

#include <cstdint>

#include "models/arithmetic/unit_plan.h"
#include "models/base/scheme.h"
#include "models/hardware/specs.h"
#include "models/mapping/product_program.h"

namespace razorsim {

/// The two operands of a tile and how the unit takes them.
struct TileOperands {
  UnitPlan plan;
  FormatSpec left;
  FormatSpec right;
};

/// Costs of tiles of `usual` operands; those marked wide_right take `wide`.
[[nodiscard]] TileCost tile_cost(const ArraySpec& array, const MachineShape& shape,
                                 const TileOperands& usual, const TileOperands& wide = {});

/// Cycles of an m x n x k tile; the members are those of Tile.
struct TileTime {
  std::int64_t preload = 0;
  std::int64_t beats = 0;
  std::int64_t last_fold = 0;
  std::int64_t skew = 0;
};
[[nodiscard]] TileTime tile_time(const ArraySpec& array, const UnitPlan& plan, std::int64_t m,
                                 std::int64_t n, std::int64_t k);

/// Output stationary: cycles from the entry of an m x n tile's last operands until the last sum of
/// any wave is complete, without the unit's own latency. Operands of a wave reach its far corner
/// (rows - 1) + (cols - 1) cycles after they enter; a narrow last wave may be overtaken by a full
/// one before it.
[[nodiscard]] std::int64_t output_skew(const ArraySpec& array, std::int64_t m, std::int64_t n,
                                       std::int64_t beats);

}  // namespace razorsim
