// SPDX-License-Identifier: Apache-2.0
// The numbers of one attention: scores, softmax, context, block by block, on integer operands.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/unit_spec.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/formats/encoded_matrix.h"
#include "models/hardware/value_path.h"
#include "models/mapping/step.h"
#include "sim/values/tensor_source.h"

namespace razorsim {

/// The dimension along which an operand is grouped and reduced.
enum class ReductionAxis { features, tokens };

/// Query, K or V, one matrix a head. `by_token` is tokens x head_dim; grouped along tokens,
/// `encoded` is head_dim x tokens and `base` keeps V's base integers (tokens x head_dim) for the
/// incomplete groups.
struct AttentionOperand {
  std::vector<EncodedMatrix> heads;
  std::vector<BaseIntegers> base;
  ReductionAxis axis = ReductionAxis::features;
  FormatSpec format;
};

/// Cuts a tensor (tokens x heads * head_dim) into heads and encodes each. `numbers` replaces the
/// source's reference in a chain.
[[nodiscard]] AttentionOperand attention_operand(const TensorSource& source,
                                                 std::optional<MatrixView<const float>> numbers,
                                                 const std::string& name, const FormatSpec& format,
                                                 ReductionAxis axis, const Operation& scores);

struct AttentionInputs {
  Operation scores_operation;
  Operation context_operation;
  Scheme scheme;
  UnitSpec unit;                         ///< for its accumulator
  std::vector<float>* output = nullptr;  ///< tokens x heads * head_dim
  AttentionOperand query;
  AttentionOperand key;
  AttentionOperand value;
  std::vector<float>* scores = nullptr;         ///< (heads * tokens) x columns
  std::vector<float>* probabilities = nullptr;  ///< the same shape
};

class AttentionValues {
 public:
  /// Throws ConfigError where the unit's accumulator could overflow: attention's sums come from
  /// operands of two kinds (razored history, base window), for which no canonical order is defined.
  explicit AttentionValues(AttentionInputs inputs);

  /// Isolated operations: softmax starts from these scores, context from these probabilities.
  void start_from(std::optional<MatrixView<const float>> scores,
                  std::optional<MatrixView<const float>> probabilities);

  void scores(const Job& job);   ///< the array: sums of query and key
  void context(const Job& job);  ///< the array: sums of softmax output and value
  /// The same two for an array that steps registers: rows of the block's heads one below the other.
  [[nodiscard]] TileValues tile_values(const Job& job, bool is_scores) const;
  void store(const Job& job, bool is_scores, const std::vector<std::int64_t>& sums);
  void vector(const Job& job, bool is_scores);  ///< rescale; softmax once a block is whole
  void encode_probabilities(const Job& job);

 private:
  /// Heads of a job's block.
  [[nodiscard]] IndexRange heads_of(const Job& job) const;
  [[nodiscard]] MatrixView<float> matrix_of(std::vector<float>& all, std::int64_t head) const;
  [[nodiscard]] MatrixView<std::int64_t> score_block(std::int64_t head, IndexRange rows);
  /// The sum of stacked row `row` (heads one below the other) and column `col` of a job's tile.
  [[nodiscard]] std::int64_t& sum_at(const Job& job, bool is_scores, std::int64_t row,
                                     std::int64_t col);
  /// Where that sum of a context job is in context_sums_.
  [[nodiscard]] std::size_t context_place(const Job& job, std::int64_t row, std::int64_t col) const;
  void require_room() const;
  void soften(const Job& job, std::int64_t head);

  AttentionInputs in_;
  std::int64_t tokens_;
  std::int64_t columns_;
  std::int64_t head_dim_;
  std::int64_t group_heads_;
  std::vector<PackedLeft> query_;
  std::vector<PackedRight> key_;
  std::vector<PackedRight> value_;
  std::vector<PackedRight> base_;                          ///< V at its base, head_dim x tokens
  using BlockKey = std::pair<std::int64_t, std::int64_t>;  ///< head, first row
  std::map<BlockKey, std::vector<std::int64_t>>
      score_sums_;  ///< rows x columns of the blocks under way
  std::vector<std::vector<std::int64_t>> spare_sums_;
  std::vector<std::int64_t> context_sums_;         ///< heads x tokens x head_dim
  std::map<BlockKey, EncodedMatrix> probability_;  ///< rows x columns of the blocks under way
  std::vector<EncodedMatrix> value_right_;         ///< V as the unit takes it, head_dim x tokens
  std::vector<EncodedMatrix> base_right_;          ///< V at its base, head_dim x tokens
  std::optional<MatrixView<const float>> given_scores_;
  std::optional<MatrixView<const float>> given_probabilities_;
};

}  // namespace razorsim
