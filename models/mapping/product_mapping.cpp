// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/product_mapping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Of the multiples of `step` up to `whole`, for each number of blocks the smallest that makes no
/// more: a larger one of as many blocks moves as much and needs more room.
std::vector<std::int64_t> sizes(std::int64_t step, std::int64_t whole) {
  std::vector<std::int64_t> found;
  for (std::int64_t size = step; size < whole;) {
    const std::int64_t blocks = ceil_div(whole, size);
    found.push_back(round_up(ceil_div(whole, blocks), step));
    // The next size that makes fewer.
    size = std::max(size + step, round_up(ceil_div(whole, blocks - 1), step));
  }
  found.push_back(whole);
  return found;
}

/// Cost of one candidate, or nothing where it does not fit.
class Evaluation {
 public:
  Evaluation(const ProductShape& product, const MachineShape& machine)
      : product_(product), machine_(machine) {}

  [[nodiscard]] std::optional<ProductMapping> of(ProductMapping map) const {
    if (!misfit(map).empty()) return std::nullopt;
    const bool rows_first = map.order == LoopOrder::mnk;
    const std::int64_t m_blocks = ceil_div(product_.m, map.tile_m);
    const std::int64_t n_blocks = ceil_div(product_.n, map.tile_n);
    const std::int64_t left_all =
        panel_bytes(product_.left, product_.m, product_.k, true).total().count();
    const std::int64_t right_all =
        panel_bytes(product_.right, product_.n, product_.k, true).total().count() *
        product_.products;
    const std::int64_t left_reads =
        rows_first && map.resident ? 1 : n_blocks * (rows_first ? product_.products : 1);
    const std::int64_t right_reads = !rows_first && map.resident ? 1 : m_blocks;
    const double outputs = static_cast<double>(product_.m) * static_cast<double>(product_.n);
    const double written = outputs * (product_.output + static_cast<double>(product_.aux.count()));
    const double traffic =
        static_cast<double>(left_all * left_reads + right_all * right_reads) + written;
    map.dram_bytes = static_cast<std::int64_t>(traffic);

    const double compute =
        static_cast<double>(array_cycles(map) * product_.products) * product_.port_stretch;
    // Small panels leave the engine that loads them waiting for answers instead of moving bytes.
    const double left_time = static_cast<double>(left_all * left_reads) /
                             rate(panel(product_.left, map.tile_m, map.tile_k));
    const double right_time = static_cast<double>(right_all * right_reads) /
                              rate(panel(product_.right, map.tile_n, map.tile_k));
    const double memory =
        std::max({traffic / machine_.dram_bytes_per_cycle, left_time, right_time});
    const double vector =
        outputs * product_.vector_steps / static_cast<double>(machine_.vector_lanes);

    // What no overlap hides: the first panels on their way in, the last tile on its way out, and a
    // resident block too large to be loaded beside the one at work.
    const double first = static_cast<double>(panel(product_.left, map.tile_m, map.tile_k) +
                                             panel(product_.right, map.tile_n, map.tile_k));
    const double tile = static_cast<double>(map.tile_m) * static_cast<double>(map.tile_n);
    const double last = tile * (product_.vector_steps / static_cast<double>(machine_.vector_lanes) +
                                product_.output / machine_.dram_bytes_per_cycle);
    double exposed = 0;
    if (map.resident) {
      const std::int64_t block =
          rows_first ? panel(product_.left, map.tile_m, product_.k)
                     : panel(product_.right, map.tile_n, product_.k) * product_.products;
      const std::int64_t room =
          (rows_first ? machine_.activation_buffer : machine_.weight_buffer).count();
      if (2 * block > room) {
        exposed = static_cast<double>(block * ((rows_first ? m_blocks : n_blocks) - 1)) /
                  machine_.dram_bytes_per_cycle;
      }
    }
    map.estimated_cycles = first / machine_.dram_bytes_per_cycle +
                           std::max({compute, memory, vector}) + last + exposed;
    return map;
  }

  /// What is too small for a mapping; "" where it fits.
  [[nodiscard]] std::string_view misfit(const ProductMapping& map) const {
    const bool rows_first = map.order == LoopOrder::mnk;
    const std::int64_t tile = map.tile_m * map.tile_n;
    if (tile * product_.accumulator.count() * product_.products >
            machine_.accumulator_room.count() ||
        static_cast<double>(tile) * product_.output + 128 >
            static_cast<double>(machine_.output_room.count()))
      return "output_buffer";
    if (product_.whole_rows &&
        (map.order != LoopOrder::mnk ||
         map.tile_m * product_.n * product_.staged.count() > machine_.staging.count())) {
      return "razor_unit.staging_kib";
    }
    const std::int64_t aux = round_up(tile * product_.aux.count(), request_bytes.count());
    const std::int64_t left = rows_first && map.resident
                                  ? panel(product_.left, map.tile_m, product_.k)
                                  : 2 * panel(product_.left, map.tile_m, map.tile_k);
    const std::int64_t right =
        !rows_first && map.resident
            ? panel(product_.right, map.tile_n, product_.k) * product_.products
            : 2 * panel(product_.right, map.tile_n, map.tile_k);
    // Slabs of a resident block are padded apart; 64 bytes a slab more than cover it.
    const std::int64_t slabs =
        ceil_div(product_.k, map.tile_k) * request_bytes.count() * product_.products;
    if (left + 2 * aux + slabs > machine_.activation_buffer.count()) return "activation_buffer";
    return right + slabs > machine_.weight_buffer.count() ? "weight_buffer" : "";
  }

 private:
  /// All tiles of one product, full ones and those at the edges.
  [[nodiscard]] std::int64_t array_cycles(const ProductMapping& map) const {
    struct Side {
      std::int64_t whole;
      std::int64_t tile;
      [[nodiscard]] std::array<std::pair<std::int64_t, std::int64_t>, 2> parts() const {
        return {{{whole / tile, tile}, {whole % tile == 0 ? 0 : 1, whole % tile}}};
      }
    };
    std::int64_t cycles = 0;
    for (const auto& [m_count, m] : Side{product_.m, map.tile_m}.parts()) {
      for (const auto& [n_count, n] : Side{product_.n, map.tile_n}.parts()) {
        for (const auto& [k_count, k] : Side{product_.k, map.tile_k}.parts()) {
          const std::int64_t count = m_count * n_count * k_count;
          if (count > 0) cycles += count * product_.tile_cycles(m, n, k);
        }
      }
    }
    return cycles;
  }

  [[nodiscard]] static std::int64_t panel(const FormatSpec& format, std::int64_t rows,
                                          std::int64_t cols) {
    return panel_bytes(format, rows, cols, true).padded().count();
  }

  /// Bytes a cycle of one DMA engine that loads panels of this size.
  [[nodiscard]] double rate(std::int64_t panel_size) const {
    const double burst = static_cast<double>(std::min(panel_size, machine_.burst.count()));
    const double answered = machine_.dram_latency_cycles + burst / machine_.dram_bytes_per_cycle;
    return std::min(machine_.dram_bytes_per_cycle,
                    static_cast<double>(machine_.bursts_in_flight) * burst / answered);
  }

  const ProductShape& product_;
  const MachineShape& machine_;
};

/// The fastest; of those as fast, the one with the least traffic, then the largest tiles.
const ProductMapping& best_of(const std::vector<ProductMapping>& fitting) {
  const auto cycles = [](const ProductMapping& map) { return map.estimated_cycles; };
  const double fastest = cycles(*std::ranges::min_element(fitting, {}, cycles));
  const auto better = [](const ProductMapping& a, const ProductMapping& b) {
    if (a.dram_bytes != b.dram_bytes) return a.dram_bytes < b.dram_bytes;
    return a.tile_m * a.tile_n * a.tile_k > b.tile_m * b.tile_n * b.tile_k;
  };
  const ProductMapping* best = nullptr;
  for (const ProductMapping& map : fitting) {
    if (cycles(map) > (1 + mapping_tie) * fastest) continue;
    if (best == nullptr || better(map, *best)) best = &map;
  }
  return *best;
}

/// Throws where `size` is neither the whole nor made of whole steps.
void require_steps(const GivenMapping& given, std::string_view key, std::int64_t size,
                   std::int64_t step, std::int64_t whole) {
  if (size >= whole || size % step == 0) return;
  throw ConfigError(fmt::format("mapping.{}.{}", given.operation, key),
                    fmt::format("is {}; allowed: multiples of {} (groups and heads stay whole), or "
                                "{} and more for all",
                                size, step, whole));
}

/// Rows that wait whole for their scale, held in the staging buffer or sent on a detour.
ProductMapping hold_or_detour(const ProductShape& product, const MachineShape& machine) {
  const std::int64_t rows =
      machine.staging.count() / std::max<std::int64_t>(1, product.n * product.staged.count());
  if (rows < std::min(machine.rows, product.m)) return {};
  const ProductMapping held = choose_mapping(product, machine);
  ProductShape leaving = product;
  leaving.whole_rows = false;
  leaving.output = 2;
  const double back = static_cast<double>(product.m * product.n) * (2 + product.output) /
                      machine.dram_bytes_per_cycle;
  return choose_mapping(leaving, machine).estimated_cycles + back < held.estimated_cycles
             ? ProductMapping{}
             : held;
}

}  // namespace

ProductMapping choose_mapping(const ProductShape& product, const MachineShape& machine) {
  const Evaluation evaluation(product, machine);
  std::vector<ProductMapping> fitting;
  const std::int64_t m_step = round_up(machine.rows, product.m_step);
  const std::int64_t n_step = round_up(machine.cols, product.n_step);
  // A dynamic scale over wide rows may leave room for a few rows only.
  std::vector<std::int64_t> row_sizes = sizes(std::min(m_step, product.m), product.m);
  if (product.whole_rows) {
    const std::int64_t rows =
        machine.staging.count() / std::max<std::int64_t>(1, product.n * product.staged.count());
    if (rows >= 1) row_sizes.push_back(std::min(rows, product.m));
  }
  std::vector<std::int64_t> slab_sizes = sizes(std::min(product.k_step, product.k), product.k);
  const std::int64_t fold = std::lcm(product.k_step, product.k_fold);
  if (fold < product.k && fold != product.k_step) {
    for (const std::int64_t size : sizes(fold, product.k)) slab_sizes.push_back(size);
  }
  for (const std::int64_t tile_m : row_sizes) {
    for (const std::int64_t tile_n : sizes(std::min(n_step, product.n), product.n)) {
      for (const std::int64_t tile_k : slab_sizes) {
        for (const LoopOrder order : {LoopOrder::mnk, LoopOrder::nmk}) {
          for (const bool resident : {true, false}) {
            const auto found = evaluation.of({tile_m, tile_n, tile_k, order, resident});
            if (found) fitting.push_back(*found);
          }
        }
      }
    }
  }
  if (fitting.empty()) {
    throw ConfigError(
        "array", "no tile of a product of " + std::to_string(product.m) + " x " +
                     std::to_string(product.n) + " x " + std::to_string(product.k) +
                     " fits the buffers; larger weight_buffer, activation_buffer, output_buffer or "
                     "razor_unit.staging_kib, or a smaller array");
  }
  return best_of(fitting);
}

std::string_view name_in_layer(std::string_view operation) {
  constexpr std::string_view layers = "layers.";
  if (!operation.starts_with(layers)) return operation;
  return operation.substr(operation.find('.', layers.size()) + 1);
}

const GivenMapping* given_for(const std::vector<GivenMapping>& given,
                              const std::vector<std::string>& operations) {
  const auto find = [&](const std::string& operation) -> const GivenMapping* {
    for (const std::string_view name : {std::string_view(operation), name_in_layer(operation)}) {
      for (const GivenMapping& each : given) {
        if (each.operation == name) return &each;
      }
    }
    return nullptr;
  };
  const GivenMapping* found = nullptr;
  for (const std::string& operation : operations) {
    const GivenMapping* one = find(operation);
    if (one == nullptr) continue;
    if (found != nullptr) {
      GivenMapping same = *one;
      same.operation = found->operation;
      if (same != *found)
        throw ConfigError(fmt::format("mapping.{}", one->operation),
                          fmt::format("differs from that of {}, beside which it runs; allowed: one "
                                      "mapping for both",
                                      found->operation));
    }
    found = one;
  }
  return found;
}

ProductMapping map_product(const ProductShape& product, const MachineShape& machine,
                           const GivenMapping* given) {
  if (given == nullptr) {
    return product.whole_rows ? hold_or_detour(product, machine) : choose_mapping(product, machine);
  }
  require_steps(*given, "tile_m", given->tile_m, product.m_step, product.m);
  require_steps(*given, "tile_n", given->tile_n, product.n_step, product.n);
  require_steps(*given, "tile_k", given->tile_k, product.k_unit, product.k);
  const ProductMapping map{std::min(given->tile_m, product.m),
                           std::min(given->tile_n, product.n),
                           std::min(given->tile_k, product.k),
                           given->order,
                           given->resident,
                           0,
                           0};
  const Evaluation evaluation(product, machine);
  const std::string_view misfit = evaluation.misfit(map);
  if (misfit == "razor_unit.staging_kib") return {};
  if (!misfit.empty()) {
    throw ConfigError(fmt::format("mapping.{}", given->operation),
                      fmt::format("has tiles of {} x {} x {} that do not fit {}; allowed: smaller "
                                  "tiles{}, or a larger {}",
                                  map.tile_m, map.tile_n, map.tile_k, misfit,
                                  map.resident ? ", resident: false" : "", misfit));
  }
  return *evaluation.of(map);
}

}  // namespace razorsim
