// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/attention_program.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// V in memory: groups along tokens make it a head_dim x tokens matrix, else it is tokens x
/// head_dim.
PanelBytes value_bytes(const AttentionPlan& plan, std::int64_t tokens) {
  return plan.value_along_tokens ? panel_bytes(plan.value, plan.head_dim, tokens, false)
                                 : panel_bytes(plan.value, tokens, plan.head_dim, true);
}

PanelBytes window_bytes(const AttentionPlan& plan, std::int64_t tokens) {
  PanelBytes bytes;
  bytes.codes = Bytes(ceil_div(tokens * plan.head_dim * plan.value.base_bits, std::int64_t{8}));
  return bytes;
}

struct Block {
  IndexRange tokens;
  std::int64_t head = 0;  ///< first query head, over all groups
  std::int64_t rows = 0;
  std::int64_t visible = 0;
  std::int64_t history = 0;  ///< columns whose V groups are complete
  std::int64_t probability = no_panel;
  bool first = false;  ///< of its K and V
  bool last = false;
};

class Emitter {
 public:
  Emitter(const AttentionPlan& plan, StepSink& sink)
      : plan_(plan), sink_(sink), blocks_(token_blocks(plan)) {}

  void run() {
    std::optional<Block> waiting;
    for (std::int64_t kv = 0; kv < plan_.kv_heads; ++kv) {
      const std::int64_t head_blocks = ceil_div(plan_.group_heads, plan_.block_heads);
      for (const IndexRange& tokens : blocks_) {
        for (std::int64_t h = 0; h < head_blocks; ++h) {
          Block block = block_at(kv, tokens, h);
          block.first = tokens.begin == 0 && h == 0;
          block.last = tokens.end == plan_.tokens && h + 1 == head_blocks;
          scores(block, kv);
          if (waiting) context(*waiting, kv_of_waiting_, false);
          waiting = block;
          kv_of_waiting_ = kv;
        }
      }
    }
    if (waiting) context(*waiting, kv_of_waiting_, true);
  }

 private:
  [[nodiscard]] Block block_at(std::int64_t kv, IndexRange tokens, std::int64_t h) const {
    Block block;
    block.tokens = tokens;
    block.head = kv * plan_.group_heads + h * plan_.block_heads;
    const std::int64_t heads =
        std::min(plan_.block_heads, plan_.group_heads - h * plan_.block_heads);
    block.rows = block.tokens.size() * heads;
    block.visible = plan_.causal_skip ? plan_.past + block.tokens.end : plan_.columns();
    block.history = plan_.value_along_tokens ? complete_columns(block.tokens) : block.visible;
    return block;
  }

  [[nodiscard]] Job new_job(int operation, const Block& block) const {
    Job job;
    job.pass = plan_.pass;
    job.operation = operation;
    job.has_tile = true;
    job.rows = block.tokens;
    job.head = block.head;
    job.tile.head = block.head;
    job.tile.m = {0, block.rows};
    return job;
  }

  void scores(Block& block, std::int64_t kv) {
    Load query = sink_.new_load(plan_.scores, false);
    query.bytes = panel_bytes(plan_.query, block.rows, plan_.head_dim, true);
    query.address = plan_.query_address +
                    round_up((block.head * plan_.tokens + block.tokens.begin) * plan_.head_dim * 2,
                             request_bytes.count());
    sink_.load(query);
    Load probability = sink_.new_load(plan_.softmax, false);
    probability.reserved = true;
    probability.bytes = panel_bytes(plan_.probability, block.rows, block.visible, true);
    sink_.load(probability);
    block.probability = probability.panel;

    if (block.first)
      key_panels_.assign(static_cast<std::size_t>(ceil_div(plan_.columns(), plan_.slab)), no_panel);
    const std::int64_t slabs = ceil_div(block.visible, plan_.slab);
    const std::int64_t room = block.rows * block.visible * plan_.accumulator.count();
    for (std::int64_t s = 0; s < slabs; ++s) {
      Job job = new_job(plan_.scores, block);
      job.tile.n = {s * plan_.slab, std::min((s + 1) * plan_.slab, block.visible)};
      job.tile.k = {0, plan_.head_dim};
      job.cols = job.tile.n;
      job.tile.left = query.panel;
      job.tile.release_left = s + 1 == slabs;
      job.tile.right_cached = plan_.cache_on_chip;
      job.tile.right =
          cached(key_panels_, s, plan_.scores, plan_.key_address, kv, job.tile.n, false);
      // The last block of a head sees every column, so it is the last to use each panel of K.
      job.tile.release_right = releases(block);
      plan_.scores_cost(job.tile);
      if (s == 0) job.accumulator_room = Bytes(room);
      job.to_accumulator = true;
      job.vector_elements = block.rows * job.tile.n.size();
      job.vector_steps = job.vector_elements * plan_.score_steps;
      job.ends_vector = s + 1 == slabs;
      if (job.ends_vector) {
        job.vector_operation = plan_.softmax;
        job.vector_steps += block.rows * block.visible * plan_.softmax_steps;
        job.accumulator_release = Bytes(room);
        job.cols = {0, block.visible};
        job.razor_groups =
            block.rows * ceil_div<std::int64_t>(block.visible, plan_.probability.group);
        job.razor_sweeps = plan_.probability_sweeps;
        job.chip_panel = probability.panel;
        job.output = probability.bytes;
      }
      sink_.job(job);
    }
  }

  void context(const Block& block, std::int64_t kv, bool last) {
    const std::int64_t room = block.rows * plan_.head_dim * plan_.accumulator.count();
    if (block.first)
      value_panels_.assign(static_cast<std::size_t>(ceil_div(plan_.columns(), plan_.slab)),
                           no_panel);
    const std::int64_t slabs = ceil_div(block.history, plan_.slab);
    const bool window = block.visible > block.history;
    for (std::int64_t s = 0; s < slabs + (window ? 1 : 0); ++s) {
      const bool wide = s == slabs;
      Job job = new_job(plan_.context, block);
      job.tile.n = {0, plan_.head_dim};
      job.cols = job.tile.n;
      job.tile.k = wide ? IndexRange{block.history, block.visible}
                        : IndexRange{s * plan_.slab, std::min((s + 1) * plan_.slab, block.history)};
      job.tile.wide_right = wide;
      job.tile.first_k = s == 0;
      job.tile.left = block.probability;
      const bool end = s + 1 == slabs + (window ? 1 : 0);
      job.tile.release_left = end;
      job.tile.right_cached = plan_.cache_on_chip;
      if (wide && !plan_.cache_on_chip) {
        Load load = sink_.new_load(plan_.context, true);
        load.bytes = window_bytes(plan_, job.tile.k.size());
        load.address = plan_.base_address +
                       round_up((kv * plan_.columns() + job.tile.k.begin) * plan_.head_dim,
                                request_bytes.count());
        sink_.load(load);
        job.tile.right = load.panel;
        job.tile.release_right = true;
      } else if (!wide) {
        job.tile.right =
            cached(value_panels_, s, plan_.context, plan_.value_address, kv, job.tile.k, true);
        job.tile.release_right = releases(block);
      }
      plan_.context_cost(job.tile);
      if (s == 0) job.accumulator_room = Bytes(room);
      job.to_accumulator = end;
      if (end) {
        const OutputCost cost = output_cost(plan_.output, {0, block.rows}, plan_.head_dim);
        job.vector_elements = block.rows * plan_.head_dim;
        job.vector_steps = job.vector_elements * plan_.context_steps;
        job.accumulator_release = Bytes(room);
        job.razor_groups = cost.groups;
        job.razor_sweeps = plan_.output.sweeps;
        job.output = cost.bytes;
        job.output_address =
            plan_.output_address +
            round_up((block.head * plan_.tokens + block.tokens.begin) * plan_.head_dim * 4,
                     request_bytes.count());
        job.last_of_pass = last;
      }
      sink_.job(job);
    }
    // A resident slab of V that only later rows see completely is still in use; one that no row
    // sees (the group at the end is never complete) was never loaded.
  }

  /// Whether a block gives back the panels of K and V it uses.
  [[nodiscard]] bool releases(const Block& block) const {
    return !plan_.cache_on_chip && (!plan_.cache_resident || block.last);
  }

  /// The panel of slab `s` of a head's K or V. A resident one is loaded once, whole; what is cached
  /// on chip needs none.
  std::int64_t cached(std::vector<std::int64_t>& panels, std::int64_t s, int operation,
                      std::int64_t address, std::int64_t kv, IndexRange used, bool value) {
    if (plan_.cache_on_chip) return no_panel;
    std::int64_t& held = panels[static_cast<std::size_t>(s)];
    if (plan_.cache_resident && held != no_panel) return held;
    IndexRange range = used;
    if (plan_.cache_resident) {
      range = {s * plan_.slab,
               std::min((s + 1) * plan_.slab, value ? value_columns() : plan_.columns())};
    }
    Load load = sink_.new_load(operation, true);
    load.bytes = value ? value_bytes(plan_, range.size())
                       : panel_bytes(plan_.key, range.size(), plan_.head_dim, true);
    const std::int64_t row = kv * plan_.columns() + range.begin;
    load.address = address + round_up(row * plan_.head_dim, request_bytes.count());
    sink_.load(load);
    held = load.panel;
    return held;
  }

  /// Columns whose V groups are complete with the first token of a block, and so with all of its
  /// tokens.
  [[nodiscard]] std::int64_t complete_columns(IndexRange tokens) const {
    return (plan_.past + tokens.begin + 1) / plan_.value.group * plan_.value.group;
  }
  /// Columns whose V is read razored by the last block of a head.
  [[nodiscard]] std::int64_t value_columns() const {
    return plan_.value_along_tokens ? complete_columns(blocks_.back()) : plan_.columns();
  }

  const AttentionPlan& plan_;
  StepSink& sink_;
  std::vector<IndexRange> blocks_;
  std::int64_t kv_of_waiting_ = 0;
  std::vector<std::int64_t> key_panels_;
  std::vector<std::int64_t> value_panels_;
};

}  // namespace

std::vector<IndexRange> token_blocks(const AttentionPlan& plan) {
  std::vector<IndexRange> blocks;
  const std::int64_t group = plan.value.group;
  for (std::int64_t begin = 0; begin < plan.tokens;) {
    std::int64_t end = std::min(begin + plan.block_tokens, plan.tokens);
    // Token t completes a group where past + t + 1 is a multiple of it; from t on, rows see more of
    // V razored.
    if (plan.value_along_tokens)
      end = std::min(end, round_up(plan.past + begin + 2, group) - 1 - plan.past);
    blocks.push_back({begin, end});
    begin = end;
  }
  return blocks;
}

namespace {

/// What a slab of K and V is a multiple of.
std::int64_t slab_unit(const AttentionPlan& plan) {
  return plan.value_along_tokens ? plan.value.group : plan.slab_step;
}

/// Whether the panels that are held at a time fit the weight buffer twice: all of a head's where
/// its cache is resident, one of K and of V else, and V's window at its base. What is cached on
/// chip is not held there.
bool cache_fits(const AttentionPlan& plan, const MachineShape& machine) {
  if (plan.cache_on_chip) return true;
  const std::int64_t window =
      window_bytes(plan, plan.block_tokens + 2 * slab_unit(plan)).padded().count();
  const auto cache = [&](std::int64_t tokens) {
    return panel_bytes(plan.key, tokens, plan.head_dim, true).padded().count() +
           value_bytes(plan, tokens).padded().count();
  };
  const std::int64_t columns = plan.columns();
  std::int64_t held = cache(plan.slab);
  if (plan.cache_resident) {
    held = columns / plan.slab * cache(plan.slab) +
           (columns % plan.slab > 0 ? cache(columns % plan.slab) : 0);
  }
  return 2 * (held + window) <= machine.weight_buffer.count();
}

/// The blocks of a given mapping, with room for `rows` rows of scores.
void take_blocks(AttentionPlan& plan, const MachineShape& machine, std::int64_t rows,
                 const GivenMapping& given) {
  const auto refuse = [&](std::string_view key, std::int64_t is, const std::string& allowed) {
    throw ConfigError(fmt::format("mapping.{}.{}", given.operation, key),
                      fmt::format("is {}; allowed: {}", is, allowed));
  };
  if (given.tile_m > plan.group_heads && given.tile_m % plan.group_heads != 0) {
    refuse("tile_m", given.tile_m,
           fmt::format("fewer than the {} query heads of a key head, or multiples of them",
                       plan.group_heads));
  }
  plan.block_heads = std::min(plan.group_heads, given.tile_m);
  plan.block_tokens = std::min(given.tile_m / plan.block_heads, plan.tokens);
  if (plan.block_heads * plan.block_tokens > rows)
    refuse("tile_m", given.tile_m, fmt::format("up to {}, which the buffers have room for", rows));
  const std::int64_t columns = plan.columns();
  if (given.tile_n < columns && given.tile_n % slab_unit(plan) != 0) {
    refuse("tile_n", given.tile_n,
           fmt::format("multiples of {} (groups stay whole), or {} and more for all",
                       slab_unit(plan), columns));
  }
  if (given.tile_k < plan.head_dim)
    refuse("tile_k", given.tile_k, fmt::format("{} and more: a head stays whole", plan.head_dim));
  plan.slab = std::min(given.tile_n, round_up(columns, slab_unit(plan)));
  plan.cache_resident = given.resident;
  if (cache_fits(plan, machine)) return;
  throw ConfigError(fmt::format("mapping.{}", given.operation),
                    fmt::format("has panels of {} tokens of K and V that do not fit weight_buffer "
                                "twice; allowed: a smaller tile_n{}, or a larger weight_buffer",
                                plan.slab, given.resident ? ", resident: false" : ""));
}

}  // namespace

void choose_blocks(AttentionPlan& plan, const MachineShape& machine, const GivenMapping* given) {
  plan.cache_on_chip = machine.kv_on_chip;
  const std::int64_t columns = plan.columns();
  const std::int64_t score_row = columns * plan.accumulator.count();
  const std::int64_t room = machine.accumulator_room.count();
  const std::int64_t probability_row =
      panel_bytes(plan.probability, 1, columns, true).padded().count();
  // Two blocks are under way at a time; a machine short of room takes one row at a time.
  const std::int64_t most =
      std::min(room / (2 * score_row), machine.activation_buffer.count() / (4 * probability_row));
  if (score_row > room || 4 * probability_row > machine.activation_buffer.count()) {
    throw ConfigError("output_buffer",
                      "holds no row of " + std::to_string(columns) +
                          " attention scores (softmax needs whole rows); allowed: a larger "
                          "output_buffer.size_kib or activation_buffer.size_kib, or fewer tokens");
  }
  const std::int64_t rows = std::max<std::int64_t>(1, most);
  if (given != nullptr) return take_blocks(plan, machine, rows, *given);
  plan.block_heads = std::min(plan.group_heads, rows);
  // Enough tokens that rows of all heads fill the array's rows without remainder.
  const std::int64_t wanted = machine.rows / std::gcd(machine.rows, plan.block_heads);
  plan.block_tokens =
      std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, rows / plan.block_heads));
  plan.block_tokens = std::min(plan.block_tokens, plan.tokens);

  const std::int64_t group = slab_unit(plan);
  plan.slab = round_up(columns, group);
  plan.cache_resident = true;
  plan.cache_resident = cache_fits(plan, machine);
  while (plan.slab > group && !cache_fits(plan, machine))
    plan.slab = round_up(plan.slab / 2, group);
  if (!cache_fits(plan, machine)) {
    throw ConfigError("weight_buffer",
                      "holds no panel of " + std::to_string(plan.slab) +
                          " tokens of K and V twice; allowed: a larger weight_buffer.size_kib");
  }
}

void run_program(const AttentionPlan& plan, StepSink& sink) { Emitter(plan, sink).run(); }

}  // namespace razorsim
