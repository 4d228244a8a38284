// SPDX-License-Identifier: Apache-2.0
// How a product is cut into tiles that fit the buffers, so that it takes the least time, then
// traffic.
#pragma once

#include <cstdint>
#include <functional>

#include "models/mapping/geometry.h"

namespace razorsim {

enum class LoopOrder { mnk, nmk };
template <>
inline constexpr auto enum_names<LoopOrder> = std::to_array<EnumName<LoopOrder>>({
    {LoopOrder::mnk, "mnk", "row blocks outermost: activations stay, weights stream"},
    {LoopOrder::nmk, "nmk", "column blocks outermost: weights stay, activations stream"},
});

/// m x k times n x k transposed, `products` times with one left operand (2 for gate and up).
struct ProductShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t products = 1;
  FormatSpec left;
  FormatSpec right;
  std::int64_t k_step = 16;  ///< slabs of K are multiples of this (groups, lanes)
  std::int64_t k_fold = 1;   ///< and fill the array's rows where they are multiples of this, too
  std::int64_t n_step = 1;  ///< column blocks are multiples of this (groups or heads of the output)
  std::int64_t m_step = 1;  ///< row blocks are multiples of this (V's groups of tokens)
  Bytes accumulator{5};     ///< one sum
  Bytes aux{0};             ///< bytes an output element reads beside, e.g. 4 for the residual
  double output{4};         ///< bytes an output element writes
  double vector_steps{1};   ///< elementary vector operations an output element
  bool whole_rows = false;  ///< outputs wait in staging until their rows are complete
  Bytes staged{4};          ///< one output element there
  /// Cycles of the array for one tile among others.
  std::function<std::int64_t(std::int64_t m, std::int64_t n, std::int64_t k)> tile_cycles;
  double port_stretch = 1;  ///< cycles a beat takes where the buffers' ports are narrow
};

/// The choice. `resident`: the outer operand's block stays for all of K and the whole inner loop.
struct ProductMapping {
  std::int64_t tile_m = 0;
  std::int64_t tile_n = 0;
  std::int64_t tile_k = 0;
  LoopOrder order = LoopOrder::mnk;
  bool resident = true;
  double estimated_cycles = 0;
  std::int64_t dram_bytes = 0;

  bool operator==(const ProductMapping&) const = default;
};

/// Searches loop orders, tile sizes and residency. Throws ConfigError at "array" where not even the
/// smallest tile fits the buffers.
[[nodiscard]] ProductMapping choose_mapping(const ProductShape& product,
                                            const MachineShape& machine);

}  // namespace razorsim
