// SPDX-License-Identifier: Apache-2.0
#include "sim/values/attention_values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/mapping/passes.h"
#include "models/operators/rescale.h"
#include "models/operators/softmax.h"

namespace razorsim {
namespace {

template <class T>
std::vector<T> head_columns(MatrixView<const T> whole, std::int64_t head, std::int64_t head_dim, bool transposed) {
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

}  // namespace

AttentionOperand attention_operand(const TensorSource& source, std::optional<MatrixView<const float>> numbers,
                                   const std::string& name, const FormatSpec& format, ReductionAxis axis,
                                   const Operation& scores) {
  AttentionOperand operand;
  operand.axis = axis;
  operand.format = format;
  const bool along_tokens = axis == ReductionAxis::tokens;
  const bool from_base = !numbers && format.calibration == Calibration::from_file && format.granularity == ScaleGranularity::tensor;
  const std::optional<BaseIntegers> base = from_base ? source.base(name, base_bits_of(format)) : std::nullopt;
  if (!numbers && !base) {
    numbers = source.reference(name);
    if (!numbers) throw TraceError("the trace has no tensor " + name);
  }
  const std::int64_t head_dim = scores.k;
  const std::int64_t heads = (base ? base->cols : numbers->cols()) / head_dim;
  const float absmax = format.calibration == Calibration::from_file && !base ? source.absmax(name) : 1.0F;
  for (std::int64_t head = 0; head < heads; ++head) {
    BaseIntegers integers;
    if (base) {
      integers = {base->rows, head_dim, head_columns(base->view(), head, head_dim, false), base->scales};
    } else {
      const std::vector<float> part = head_columns(*numbers, head, head_dim, false);
      const ScaleSource scale = format.calibration == Calibration::from_file
                                    ? ScaleSource{{scale_of_absmax(absmax, base_bits_of(format))}}
                                    : ScaleSource{};
      integers = base_integers(format, {part.data(), numbers->rows(), head_dim}, scale);
    }
    if (along_tokens) {
      const std::vector<std::int16_t> turned =
          head_columns(integers.view(), 0, head_dim, true);
      operand.heads.push_back(encode_integers(format, {turned.data(), head_dim, integers.rows}, integers.scales));
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
  for (const EncodedMatrix& head : in_.value.heads) {
    if (in_.value.axis == ReductionAxis::tokens) {
      value_.emplace_back(head.values_view());
    } else {
      const std::vector<std::int16_t> turned = head_columns(head.values_view(), 0, head_dim_, true);
      value_.emplace_back(MatrixView<const std::int16_t>(turned.data(), head_dim_, head.rows));
    }
  }
  const std::int64_t heads = in_.scores_operation.heads;
  score_sums_.assign(static_cast<std::size_t>(heads * tokens_ * columns_), 0);
  context_sums_.assign(static_cast<std::size_t>(heads * tokens_ * head_dim_), 0);
  probability_.resize(static_cast<std::size_t>(heads));
  for (EncodedMatrix& head : probability_) {
    head.rows = tokens_;
    head.cols = columns_;
    head.values.assign(static_cast<std::size_t>(tokens_ * columns_), 0);
    head.scales.assign(static_cast<std::size_t>(tokens_), 0.0F);
  }
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

void AttentionValues::scores(const Job& job) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    MatrixView<std::int64_t> sums(score_sums_.data() + head * tokens_ * columns_, tokens_, columns_);
    multiply(query_[static_cast<std::size_t>(head)], job.rows, key_[static_cast<std::size_t>(head / group_heads_)], job.tile.n,
             job.tile.k, sums.block(job.rows.begin, job.tile.n.begin, job.rows.size(), job.tile.n.size()));
  }
}

void AttentionValues::context(const Job& job) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    if (job.tile.wide_right) {
      add_window(job, head);
      continue;
    }
    const EncodedMatrix& left = probability_[static_cast<std::size_t>(head)];
    const PackedLeft rows(left.values_view().block(job.rows.begin, 0, job.rows.size(), columns_));
    MatrixView<std::int64_t> sums(context_sums_.data() + head * tokens_ * head_dim_, tokens_, head_dim_);
    multiply(rows, {0, job.rows.size()}, value_[static_cast<std::size_t>(head / group_heads_)], {0, head_dim_}, job.tile.k,
             sums.block(job.rows.begin, 0, job.rows.size(), head_dim_), !job.tile.first_k);
  }
}

/// Tokens of groups that a row may not see complete enter at their base, the others as razored.
void AttentionValues::add_window(const Job& job, std::int64_t head) {
  const auto kv = static_cast<std::size_t>(head / group_heads_);
  const EncodedMatrix& left = probability_[static_cast<std::size_t>(head)];
  const MatrixView<const std::int16_t> razored = in_.value.heads[kv].values_view();
  const MatrixView<const std::int16_t> base = in_.value.base[kv].view();
  const std::int64_t group = in_.value.format.group;
  for (std::int64_t row = job.rows.begin; row < job.rows.end; ++row) {
    const std::int64_t complete = (in_.scores_operation.past + row + 1) / group * group;
    for (std::int64_t i = 0; i < head_dim_; ++i) {
      std::int64_t sum = 0;
      for (std::int64_t token = job.tile.k.begin; token < job.tile.k.end; ++token) {
        const std::int64_t value = token < complete ? razored(i, token) : base(token, i);
        sum += value * left.values_view()(row, token);
      }
      std::int64_t& total = context_sums_[static_cast<std::size_t>((head * tokens_ + row) * head_dim_ + i)];
      total = job.tile.first_k ? sum : total + sum;
    }
  }
}

void AttentionValues::vector(const Job& job, bool is_scores) {
  const IndexRange heads = heads_of(job);
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    const auto kv = static_cast<std::size_t>(head / group_heads_);
    const auto part = [&](const std::vector<float>& scales, IndexRange range) {
      return scales.size() <= 1 ? std::span<const float>(scales)
                                : std::span<const float>(scales).subspan(static_cast<std::size_t>(range.begin),
                                                                         static_cast<std::size_t>(range.size()));
    };
    if (is_scores) {
      const MatrixView<const std::int64_t> sums(score_sums_.data() + head * tokens_ * columns_, tokens_, columns_);
      rescale(sums.block(job.rows.begin, job.tile.n.begin, job.rows.size(), job.tile.n.size()),
              part(in_.query.heads[static_cast<std::size_t>(head)].scales, job.rows), part(in_.key.heads[kv].scales, job.tile.n),
              matrix_of(*in_.scores, head).block(job.rows.begin, job.tile.n.begin, job.rows.size(), job.tile.n.size()));
      if (job.ends_vector) soften(job, head);
      continue;
    }
    const EncodedMatrix& left = probability_[static_cast<std::size_t>(head)];
    const MatrixView<const std::int64_t> sums(context_sums_.data() + head * tokens_ * head_dim_, tokens_, head_dim_);
    const MatrixView<float> out(in_.output->data(), tokens_, in_.scores_operation.heads * head_dim_);
    rescale(sums.block(job.rows.begin, 0, job.rows.size(), head_dim_), part(left.scales, job.rows),
            std::span<const float>(in_.value.heads[kv].scales),
            out.block(job.rows.begin, head * head_dim_, job.rows.size(), head_dim_));
  }
}

void AttentionValues::soften(const Job& job, std::int64_t head) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
  const MatrixView<float> out = matrix_of(*in_.probabilities, head);
  MatrixView<const float> scores = matrix_of(*in_.scores, head);
  if (given_scores_) scores = given_scores_->block(head * tokens_, 0, tokens_, columns_);
  softmax(scores.block(job.rows.begin, 0, job.rows.size(), columns_), scale, in_.scores_operation.past + job.rows.begin,
          out.block(job.rows.begin, 0, job.rows.size(), columns_));
}

void AttentionValues::encode_probabilities(const Job& job) {
  const IndexRange heads = heads_of(job);
  const FormatSpec format = formats_of(in_.context_operation, in_.scheme).left;
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    MatrixView<const float> numbers = matrix_of(*in_.probabilities, head);
    if (given_probabilities_) numbers = given_probabilities_->block(head * tokens_, 0, tokens_, columns_);
    const EncodedMatrix block = encode_numbers(numbers.block(job.rows.begin, 0, job.rows.size(), columns_), format, 1.0F);
    EncodedMatrix& whole = probability_[static_cast<std::size_t>(head)];
    std::copy(block.values.begin(), block.values.end(), whole.values.begin() + job.rows.begin * columns_);
    for (std::int64_t row = 0; row < job.rows.size(); ++row) {
      whole.scales[static_cast<std::size_t>(job.rows.begin + row)] = block.scale_of(row);
    }
  }
}

}  // namespace razorsim
