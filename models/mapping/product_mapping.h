// SPDX-License-Identifier: Apache-2.0
// How a product is cut into tiles that fit the buffers, so that it takes the least time, then
// traffic.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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
  std::int64_t k_unit = 1;   ///< K may be cut at multiples of this (groups, lanes)
  std::int64_t k_step = 16;  ///< slabs of K tried are multiples of this
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

/// Estimates that differ by no more than this share are taken as equal, and traffic decides:
/// chosen, about what they are off by.
inline constexpr double mapping_tie = 0.02;

/// Searches loop orders, tile sizes and residency. Throws ConfigError at "array" where not even the
/// smallest tile fits the buffers.
[[nodiscard]] ProductMapping choose_mapping(const ProductShape& product,
                                            const MachineShape& machine);

/// A mapping that is given instead of searched for.
struct GivenMapping {
  std::string operation{};
  std::int64_t tile_m = 0;
  std::int64_t tile_n = 0;
  std::int64_t tile_k = 0;
  LoopOrder order = LoopOrder::mnk;
  bool resident = true;

  bool operator==(const GivenMapping&) const = default;
};
template <>
inline constexpr auto fields<GivenMapping> = field_table<GivenMapping>(
    field("operation", &GivenMapping::operation, "", any_value,
          "name of a linear operation, or of the scores of an attention; without its 'layers.N.' "
          "that of every layer"),
    field("tile_m", &GivenMapping::tile_m, "rows", at_least(1),
          "rows of a tile; all where there are fewer. Of attention: tokens times query heads"),
    field("tile_n", &GivenMapping::tile_n, "columns", at_least(1),
          "output columns of a tile; all where there are fewer. Of attention: tokens of a panel of "
          "K and V"),
    field("tile_k", &GivenMapping::tile_k, "elements", at_least(1),
          "slab of the reduction of a tile; all where it is shorter"),
    field("order", &GivenMapping::order, "", any_value, "loops from the outermost"),
    field("resident", &GivenMapping::resident, "", any_value,
          "the outer operand's block stays in its buffer for the whole inner loop"));

/// The one for operations that run side by side, by an own name before that of every layer; null
/// where there is none. Throws ConfigError where two of them are given different ones.
[[nodiscard]] const GivenMapping* given_for(const std::vector<GivenMapping>& given,
                                            const std::vector<std::string>& operations);
/// An operation's name without "layers.N.".
[[nodiscard]] std::string_view name_in_layer(std::string_view operation);

/// `given` where it is not null, else the best there is. Throws ConfigError below "mapping" for one
/// that cuts a group or does not fit the buffers. tile_m = 0 for a product whose rows wait whole
/// for their scale, where they do not fit the staging buffer or the detour over DRAM is cheaper.
[[nodiscard]] ProductMapping map_product(const ProductShape& product, const MachineShape& machine,
                                         const GivenMapping* given);

}  // namespace razorsim
