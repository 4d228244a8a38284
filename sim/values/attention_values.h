// SPDX-License-Identifier: Apache-2.0
// The numbers of one attention: scores, softmax, context, block by block, on integer operands or
// FP16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/arithmetic/factors.h"
#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "models/hardware/value_path.h"
#include "models/mapping/step.h"
#include "sim/values/attention_operand.h"
#include "sim/values/output_comparison.h"
#include "sim/values/pass_work.h"

namespace razorsim {

struct AttentionInputs {
  Operation scores_operation;
  Operation context_operation;
  FormatSpec probability;  ///< of the softmax output
  UnitSpec unit;           ///< for its accumulator
  int threads = 1;
  AttentionOperand query;
  AttentionOperand key;
  AttentionOperand value;
  MatrixView<float> output;  ///< (sequences * tokens) x (heads of a sequence * head_dim)
  /// References, (heads * tokens) x columns. Isolated operations start from them: softmax from
  /// these scores, context from these probabilities.
  std::optional<MatrixView<const float>> reference_scores;
  std::optional<MatrixView<const float>> reference_probabilities;
  bool isolated = true;
};

class AttentionValues {
 public:
  /// Throws ConfigError where the unit's accumulator could overflow: attention's sums come from
  /// operands of two kinds (razored history, base window), for which no canonical order is defined.
  explicit AttentionValues(AttentionInputs inputs);

  /// Does the steps in their order, blocks side by side. Returns the output's elements made. Throws
  /// ConfigError as the constructor does, where a row of the softmax output is too heavy.
  std::int64_t run(const std::vector<AttentionStep>& steps);

  [[nodiscard]] const AttentionInputs& inputs() const { return in_; }
  /// When the context is whole: drops the operands.
  void release();

  /// Scores and softmax output beside their references.
  [[nodiscard]] OutputComparison compared_scores() const;
  [[nodiscard]] OutputComparison compared_probabilities() const;

  /// For an array that steps registers: the operands of a job's tile, rows of the block's heads one
  /// below the other, and its sums back.
  [[nodiscard]] TileValues tile_values(const Job& job, bool is_scores) const;
  void store(const Job& job, bool is_scores, const std::vector<std::int64_t>& sums);

 private:
  /// What is made of a block before its probabilities are encoded, rows x columns each. A thread's
  /// next block takes it over, still in cache.
  struct Room {
    std::int64_t size = 0;                   ///< elements there is room for
    std::unique_ptr<std::int64_t[]> sums;    ///< scores
    std::unique_ptr<float[]> scores;         ///< the same rescaled
    std::unique_ptr<float[]> probabilities;  ///< made only up to what a row sees
  };
  /// Rows of one head on their way from scores to context.
  struct Block {
    std::int64_t head = 0;
    IndexRange rows;
    Room room;
    LeftFactor query;                   ///< its rows of the query, from scores to softmax
    EncodedMatrix probability;          ///< rows x the columns that any row sees
    LeftFactor factor;                  ///< the same
    std::int64_t heaviest_row = 0;      ///< of it, if its sums are integers
    std::vector<std::int64_t> context;  ///< rows x head_dim
    bool done = false;
  };
  using BlockKey = std::pair<std::int64_t, std::int64_t>;  ///< head, first row

  /// The room of the last block that this thread has encoded.
  [[nodiscard]] static Room& spare_room();
  /// Its room for sums, scores or probabilities, with nothing in it at first.
  template <class T>
  [[nodiscard]] MatrixView<T> part_of(Block& block, std::unique_ptr<T[]> Room::*part) const;
  [[nodiscard]] MatrixView<std::int64_t> context_of(Block& block) const;
  [[nodiscard]] Block& block_at(std::int64_t head, IndexRange rows);
  void run(Block& block, const AttentionStep& step);
  void multiply_scores(Block& block, const AttentionStep& step);
  void rescale_scores(Block& block, IndexRange n);
  void soften(Block& block, std::int64_t visible);
  /// Row by row, what each may see; `ahead` as in output_comparison.h.
  void compare(const Block& block, MatrixView<const float> made,
               const std::optional<MatrixView<const float>>& reference, std::ptrdiff_t ahead,
               std::vector<OutputComparison>& rows) const;
  void encode(Block& block, std::int64_t visible);
  void multiply_context(Block& block, const AttentionStep& step);
  void rescale_context(Block& block);
  [[nodiscard]] std::size_t kv_of(const Block& block) const;
  /// The rows of a block in a matrix of (heads * tokens) x columns.
  [[nodiscard]] MatrixView<const float> rows_of(MatrixView<const float> all,
                                                const Block& block) const {
    return all.block(block.head * tokens_ + block.rows.begin, 0, block.rows.size(), columns_);
  }
  /// Sums of at most `largest` in the accumulator of `operation`.
  void require_room(const Operation& operation, std::int64_t largest) const;
  [[nodiscard]] std::int64_t largest_value() const;

  AttentionInputs in_;
  std::int64_t tokens_;
  std::int64_t columns_;
  std::int64_t head_dim_;
  std::int64_t group_heads_;
  bool probability_has_groups_;
  UnitPlan scores_plan_;
  UnitPlan context_plan_;
  UnitPlan window_plan_;           ///< of V at its base
  std::vector<LeftFactor> query_;  ///< whole heads of formats with FP32 sums
  std::vector<RightFactor> key_;
  std::vector<RightFactor> value_;
  std::vector<RightFactor> base_;                  ///< V at its base
  std::vector<OutputComparison> compared_scores_;  ///< of each row, heads * tokens
  std::vector<OutputComparison> compared_probabilities_;
  std::map<BlockKey, Block> blocks_;  ///< under way
};

}  // namespace razorsim
