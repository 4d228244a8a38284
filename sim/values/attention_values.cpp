// SPDX-License-Identifier: Apache-2.0
#include "sim/values/attention_values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/arithmetic/saturating.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/mapping/passes.h"
#include "models/operators/rescale.h"
#include "models/operators/softmax.h"

namespace razorsim {
namespace {

template <class T>
std::vector<T> head_columns(MatrixView<const T> whole, std::int64_t head, std::int64_t head_dim,
                            bool transposed) {
  std::vector<T> part(static_cast<std::size_t>(whole.rows() * head_dim));
  for (std::int64_t token = 0; token < whole.rows(); ++token) {
    for (std::int64_t i = 0; i < head_dim; ++i) {
      const std::int64_t place = transposed ? i * whole.rows() + token : token * head_dim + i;
      part[static_cast<std::size_t>(place)] = whole(token, head * head_dim + i);
    }
  }
  return part;
}

int base_bits_of(const FormatSpec& format) {
  if (format.name == "sdr") return format.base_bits;
  return format.name == "int16" ? 16 : 8;
}

/// Plain integers at the base of `format`.
FormatSpec plain_of(const FormatSpec& format) {
  FormatSpec plain;
  plain.name = base_bits_of(format) == 16 ? "int16" : "int8";
  return plain;
}

/// tokens x head_dim integers as a head_dim x tokens operand.
EncodedMatrix turned(const FormatSpec& format, MatrixView<const std::int16_t> integers,
                     const std::vector<float>& scales) {
  const std::vector<std::int16_t> columns = head_columns(integers, 0, integers.cols(), true);
  return encode_integers(format, {columns.data(), integers.cols(), integers.rows()},
                         {scales.front()});
}

}  // namespace

AttentionOperand attention_operand(const TensorSource& source,
                                   std::optional<MatrixView<const float>> numbers,
                                   const std::string& name, const FormatSpec& format,
                                   ReductionAxis axis, const Operation& scores) {
  AttentionOperand operand;
  operand.axis = axis;
  operand.format = format;
  const bool along_tokens = axis == ReductionAxis::tokens;
  const bool from_base = !numbers && format.calibration == Calibration::from_file &&
                         format.granularity == ScaleGranularity::tensor;
  const std::optional<BaseIntegers> base =
      from_base ? source.base(name, base_bits_of(format)) : std::nullopt;
  if (!numbers && !base) {
    numbers = source.reference(name);
    if (!numbers) throw TraceError("the trace has no tensor " + name);
  }
  const std::int64_t head_dim = scores.k;
  const std::int64_t heads = (base ? base->cols : numbers->cols()) / head_dim;
  const float absmax =
      format.calibration == Calibration::from_file && !base ? source.absmax(name) : 1.0F;
  for (std::int64_t head = 0; head < heads; ++head) {
    BaseIntegers integers;
    if (base) {
      integers = {base->rows, head_dim, head_columns(base->view(), head, head_dim, false),
                  base->scales};
    } else {
      const std::vector<float> part = head_columns(*numbers, head, head_dim, false);
      const ScaleSource scale = format.calibration == Calibration::from_file
                                    ? ScaleSource{{scale_of_absmax(absmax, base_bits_of(format))}}
                                    : ScaleSource{};
      integers = base_integers(format, {part.data(), numbers->rows(), head_dim}, scale);
    }
    if (along_tokens) {
      const std::vector<std::int16_t> turned = head_columns(integers.view(), 0, head_dim, true);
      operand.heads.push_back(
          encode_integers(format, {turned.data(), head_dim, integers.rows}, integers.scales));
    } else {
      operand.heads.push_back(encode_integers(format, integers.view(), integers.scales));
    }
    operand.base.push_back(std::move(integers));
  }
  return operand;
}

AttentionValues::AttentionValues(AttentionInputs inputs)
    : in_(std::move(inputs)),
      tokens_(in_.scores_operation.m),
      columns_(in_.scores_operation.n),
      head_dim_(in_.scores_operation.k),
      group_heads_(in_.scores_operation.heads / in_.scores_operation.kv_heads) {
  for (const EncodedMatrix& head : in_.query.heads) query_.emplace_back(head.values_view());
  for (const EncodedMatrix& head : in_.key.heads) key_.emplace_back(head.values_view());
  // Groups along head_dim cannot be summed over tokens, so V then enters as plain integers of its
  // base.
  const FormatSpec plain = plain_of(in_.value.format);
  for (const EncodedMatrix& head : in_.value.heads) {
    const bool along_tokens = in_.value.axis == ReductionAxis::tokens;
    value_right_.push_back(along_tokens ? head : turned(plain, head.values_view(), head.scales));
    value_.emplace_back(value_right_.back().values_view());
  }
  for (const BaseIntegers& head : in_.value.base) {
    base_right_.push_back(turned(plain, head.view(), head.scales));
    base_.emplace_back(base_right_.back().values_view());
  }
  require_room();
  const std::int64_t heads = in_.scores_operation.heads;
  context_sums_.assign(static_cast<std::size_t>(heads * tokens_ * head_dim_), 0);
}

void AttentionValues::start_from(std::optional<MatrixView<const float>> scores,
                                 std::optional<MatrixView<const float>> probabilities) {
  given_scores_ = scores;
  given_probabilities_ = probabilities;
}

IndexRange AttentionValues::heads_of(const Job& job) const {
  return {job.head, job.head + job.tile.m.size() / job.rows.size()};
}

MatrixView<float> AttentionValues::matrix_of(std::vector<float>& all, std::int64_t head) const {
  return {all.data() + head * tokens_ * columns_, tokens_, columns_};
}

void AttentionValues::require_room() const {
  const FormatSpec probability = formats_of(in_.context_operation, in_.scheme).left;
  const int needed =
      std::max({accumulator_bits_needed(in_.query.format, in_.key.format, head_dim_),
                accumulator_bits_needed(probability, value_right_.front().format, columns_),
                accumulator_bits_needed(probability, base_right_.front().format, columns_)});
  if (needed > in_.unit.accumulator_bits) {
    throw ConfigError("array.unit.accumulator_bits",
                      "is " + std::to_string(in_.unit.accumulator_bits) +
                          "; allowed with values on: at least " + std::to_string(needed) +
                          ", which the sums of " + in_.context_operation.name + " need");
  }
}

TileValues AttentionValues::tile_values(const Job& job, bool is_scores) const {
  TileValues values;
  const IndexRange heads = heads_of(job);
  const auto kv = static_cast<std::size_t>(heads.begin / group_heads_);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    const auto index = static_cast<std::size_t>(head);
    if (is_scores) {
      append_rows(values.left, window(in_.query.heads[index], job.rows, job.tile.k));
    } else {
      // A row's groups are cut at the last column it may see; the rest of the row is zero.
      const EncodedMatrix& rows = probability_.at({head, job.rows.begin});
      const std::int64_t end =
          rows.group_codes.empty()
              ? job.tile.k.end
              : std::min(columns_, round_up<std::int64_t>(job.tile.k.end, rows.format.group));
      append_rows(values.left, window(rows, {0, job.rows.size()}, {job.tile.k.begin, end}));
    }
  }
  if (is_scores) {
    values.right = window(in_.key.heads[kv], job.tile.n, job.tile.k);
  } else {
    const EncodedMatrix& right = (job.tile.wide_right ? base_right_ : value_right_)[kv];
    values.right =
        window(right, {0, head_dim_}, {job.tile.k.begin, job.tile.k.begin + values.left.cols});
  }
  // Scores reduce over one head's features, in one slab.
  const bool from_zero = is_scores || job.tile.first_k;
  for (std::int64_t row = 0; row < job.tile.m.size(); ++row) {
    for (std::int64_t col = 0; col < job.tile.n.size(); ++col)
      values.sums.push_back(from_zero ? 0 : context_sums_[context_place(job, row, col)]);
  }
  return values;
}

void AttentionValues::store(const Job& job, bool is_scores, const std::vector<std::int64_t>& sums) {
  auto next = sums.begin();
  for (std::int64_t row = 0; row < job.tile.m.size(); ++row) {
    for (std::int64_t col = 0; col < job.tile.n.size(); ++col)
      sum_at(job, is_scores, row, col) = *next++;
  }
}

std::int64_t& AttentionValues::sum_at(const Job& job, bool is_scores, std::int64_t row,
                                      std::int64_t col) {
  if (!is_scores) return context_sums_[context_place(job, row, col)];
  const std::int64_t head = job.head + row / job.rows.size();
  return score_block(head, job.rows)(row % job.rows.size(), job.tile.n.begin + col);
}

std::size_t AttentionValues::context_place(const Job& job, std::int64_t row,
                                           std::int64_t col) const {
  const std::int64_t head = job.head + row / job.rows.size();
  const std::int64_t token = job.rows.begin + row % job.rows.size();
  return static_cast<std::size_t>((head * tokens_ + token) * head_dim_ + col);
}

MatrixView<std::int64_t> AttentionValues::score_block(std::int64_t head, IndexRange rows) {
  std::vector<std::int64_t>& sums = score_sums_[{head, rows.begin}];
  if (sums.empty()) {
    if (!spare_sums_.empty()) {
      sums = std::move(spare_sums_.back());
      spare_sums_.pop_back();
    }
    sums.resize(static_cast<std::size_t>(rows.size() * columns_));
  }
  return {sums.data(), rows.size(), columns_};
}

void AttentionValues::scores(const Job& job) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    const MatrixView<std::int64_t> sums = score_block(head, job.rows);
    multiply(query_[static_cast<std::size_t>(head)], job.rows,
             key_[static_cast<std::size_t>(head / group_heads_)], job.tile.n, job.tile.k,
             sums.block(0, job.tile.n.begin, job.rows.size(), job.tile.n.size()));
  }
}

void AttentionValues::context(const Job& job) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    const PackedLeft rows(probability_.at({head, job.rows.begin}).values_view());
    MatrixView<std::int64_t> sums(context_sums_.data() + head * tokens_ * head_dim_, tokens_,
                                  head_dim_);
    // Tokens of groups that are not complete for this block enter at their base.
    const std::vector<PackedRight>& value = job.tile.wide_right ? base_ : value_;
    multiply(rows, {0, job.rows.size()}, value[static_cast<std::size_t>(head / group_heads_)],
             {0, head_dim_}, job.tile.k, sums.block(job.rows.begin, 0, job.rows.size(), head_dim_),
             !job.tile.first_k);
  }
}

void AttentionValues::vector(const Job& job, bool is_scores) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    const auto kv = static_cast<std::size_t>(head / group_heads_);
    const auto part = [&](const std::vector<float>& scales, IndexRange range) {
      return scales.size() <= 1
                 ? std::span<const float>(scales)
                 : std::span<const float>(scales).subspan(static_cast<std::size_t>(range.begin),
                                                          static_cast<std::size_t>(range.size()));
    };
    if (is_scores) {
      const MatrixView<std::int64_t> sums = score_block(head, job.rows);
      rescale(sums.block(0, job.tile.n.begin, job.rows.size(), job.tile.n.size()),
              part(in_.query.heads[static_cast<std::size_t>(head)].scales, job.rows),
              part(in_.key.heads[kv].scales, job.tile.n),
              matrix_of(*in_.scores, head)
                  .block(job.rows.begin, job.tile.n.begin, job.rows.size(), job.tile.n.size()));
      if (job.ends_vector) {
        soften(job, head);
        const auto done = score_sums_.find({head, job.rows.begin});
        spare_sums_.push_back(std::move(done->second));
        score_sums_.erase(done);
      }
      continue;
    }
    const std::vector<float> left = probability_.at({head, job.rows.begin}).scales;
    probability_.erase({head, job.rows.begin});
    const MatrixView<const std::int64_t> sums(context_sums_.data() + head * tokens_ * head_dim_,
                                              tokens_, head_dim_);
    const MatrixView<float> out(in_.output->data(), tokens_,
                                in_.scores_operation.heads * head_dim_);
    rescale(sums.block(job.rows.begin, 0, job.rows.size(), head_dim_), left,
            std::span<const float>(in_.value.heads[kv].scales),
            out.block(job.rows.begin, head * head_dim_, job.rows.size(), head_dim_));
  }
}

void AttentionValues::soften(const Job& job, std::int64_t head) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
  const MatrixView<float> out = matrix_of(*in_.probabilities, head);
  MatrixView<const float> scores = matrix_of(*in_.scores, head);
  if (given_scores_) scores = given_scores_->block(head * tokens_, 0, tokens_, columns_);
  softmax(scores.block(job.rows.begin, 0, job.rows.size(), columns_), scale,
          in_.scores_operation.past + job.rows.begin,
          out.block(job.rows.begin, 0, job.rows.size(), columns_));
}

void AttentionValues::encode_probabilities(const Job& job) {
  const IndexRange heads = heads_of(job);
  const FormatSpec format = formats_of(in_.context_operation, in_.scheme).left;
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    MatrixView<const float> numbers = matrix_of(*in_.probabilities, head);
    if (given_probabilities_)
      numbers = given_probabilities_->block(head * tokens_, 0, tokens_, columns_);
    probability_[{head, job.rows.begin}] =
        encode_numbers(numbers.block(job.rows.begin, 0, job.rows.size(), columns_), format, 1.0F);
  }
}

}  // namespace razorsim
