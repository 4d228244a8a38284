// SPDX-License-Identifier: Apache-2.0
// Attention of all heads: scores, softmax and context of one block of rows after the other, with
// nothing in between leaving the chip.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/operation.h"
#include "models/mapping/product_mapping.h"
#include "models/mapping/product_program.h"
#include "models/mapping/step.h"

namespace razorsim {

/// One K and V serve `group_heads` query heads. A block of rows is `block_tokens` tokens of
/// `block_heads` of those heads; it sees the columns 0 .. past + its last token where `causal_skip`
/// holds, else all. Where V's groups run along tokens, groups that are complete with a query's own
/// token come razored ("history"), the rest at V's base ("window"), so that no query sees flags
/// made with later tokens. A block ends where a group becomes complete: all its rows share one
/// history.
struct AttentionPlan {
  int pass = 0;
  int scores = 0;
  int softmax = 0;
  int context = 0;
  std::int64_t kv_heads = 1;
  std::int64_t group_heads = 1;
  std::int64_t tokens = 0;
  std::int64_t past = 0;
  std::int64_t head_dim = 0;
  FormatSpec query;
  FormatSpec key;
  FormatSpec probability;
  FormatSpec value;
  bool value_along_tokens =
      true;  ///< V is razored along tokens; its last group is a window at its base
  bool causal_skip = true;
  std::int64_t block_tokens = 1;
  std::int64_t block_heads = 1;
  std::int64_t slab = 0;       ///< tokens of K or V in one panel
  std::int64_t slab_step = 1;  ///< and what it is a multiple of: FP32 sums are cut where a beat is
  bool cache_resident = true;  ///< a head's K and V stay in the weight buffer for all its blocks
  bool cache_on_chip = false;  ///< K and V are read in place, nothing is loaded
  Bytes accumulator{5};
  std::int64_t score_steps = 1;    ///< vector steps a score: rescale
  std::int64_t softmax_steps = 0;  ///< vector steps a score in softmax
  std::int64_t context_steps = 1;  ///< vector steps a context element
  std::int64_t probability_sweeps = 1;
  OutputPlan output;
  TileCost scores_cost;
  TileCost context_cost;  ///< looks at Tile::wide_right
  std::int64_t query_address = 0;
  std::int64_t key_address = 0;
  std::int64_t value_address = 0;
  std::int64_t base_address = 0;  ///< V at its base
  std::int64_t output_address = 0;

  [[nodiscard]] std::int64_t columns() const { return past + tokens; }
};

/// The blocks of tokens a head is cut into.
[[nodiscard]] std::vector<IndexRange> token_blocks(const AttentionPlan& plan);

/// Chooses block_tokens, block_heads, slab and cache_resident of `plan`, whose other members are
/// set. Throws ConfigError at "output_buffer" where a row of scores does not fit, at
/// "weight_buffer" or "activation_buffer" where a panel does not. `given`, where it is not null,
/// says them instead, as the mapping of the scores: tile_m rows of a block, tokens times heads, and
/// tile_n tokens of a panel of K or V; a ConfigError below "mapping" where it cannot be.
void choose_blocks(AttentionPlan& plan, const MachineShape& machine,
                   const GivenMapping* given = nullptr);

/// Sends the steps of `plan` to `sink`; scores of the next block come before the context of a
/// block, so that the array works while the vector unit and the razor unit do.
void run_program(const AttentionPlan& plan, StepSink& sink);

}  // namespace razorsim
