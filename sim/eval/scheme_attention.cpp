// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/scheme_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/arithmetic/kernel.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/operators/rescale.h"
#include "models/operators/softmax.h"
#include "sim/values/tensor_source.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

/// The base integers of a format as a format of their own: what an incomplete group of V is held
/// at.
FormatSpec base_format(const FormatSpec& format) {
  FormatSpec base = format;
  if (format.name == "sdr") base.name = format.base_bits == 16 ? "int16" : "int8";
  return base;
}

/// V of one key-value head as right operands, head_dim x tokens.
struct ValueOperand {
  PackedRight full;  ///< tokens whose group is full
  PackedRight base;  ///< tokens of an incomplete group
  std::vector<float> scales;
  std::int64_t group = 1;  ///< tokens that become full together
};

ValueOperand value_operand(const AttentionFormats& formats, MatrixView<const float> value,
                           float absmax) {
  ValueOperand operand;
  if (formats.value_axis == ValueAxis::head_dim || formats.value.name != "sdr") {
    const EncodedMatrix rows = encode_numbers(value, formats.value, absmax);
    promise(rows.scales.size() == 1, "V has one static scale");
    std::vector<std::int16_t> columns(rows.values.size());
    for (std::int64_t token = 0; token < rows.rows; ++token) {
      for (std::int64_t i = 0; i < rows.cols; ++i) {
        columns[static_cast<std::size_t>(i * rows.rows + token)] = rows.values_view()(token, i);
      }
    }
    operand.full = PackedRight({columns.data(), rows.cols, rows.rows});
    operand.scales = rows.scales;
    return operand;
  }
  const std::vector<float> columns = transposed(value);
  const MatrixView<const float> view(columns.data(), value.cols(), value.rows());
  const EncodedMatrix razored = encode_numbers(view, formats.value, absmax);
  promise(razored.scales.size() == 1, "V has one static scale");
  operand.full = PackedRight(razored.values_view());
  operand.base =
      PackedRight(encode_numbers(view, base_format(formats.value), absmax).values_view());
  operand.scales = razored.scales;
  operand.group = formats.value.group;
  return operand;
}

/// Sums of one head's probabilities with V. Rows of a block of `group` tokens see the blocks before
/// it razored and their own at its base; only the last of them completes the block.
void context_sums(const PackedLeft& probabilities, const ValueOperand& value,
                  MatrixView<std::int64_t> sums) {
  const std::int64_t tokens = sums.rows();
  const IndexRange n{0, sums.cols()};
  if (value.group == 1) {
    multiply(probabilities, value.full, sums);
    return;
  }
  for (std::int64_t first = 0; first < tokens; first += value.group) {
    const std::int64_t end = std::min(first + value.group, tokens);
    const std::int64_t incomplete =
        end - first == value.group ? end - 1 : end;  // rows before this one
    const auto part = [&](std::int64_t from, std::int64_t to) {
      return sums.block(from, 0, to - from, sums.cols());
    };
    if (incomplete > first) {
      const IndexRange rows{first, incomplete};
      multiply(probabilities, rows, value.base, n, {first, end}, part(first, incomplete));
      if (first > 0)
        multiply(probabilities, rows, value.full, n, {0, first}, part(first, incomplete), true);
    }
    if (incomplete < end)
      multiply(probabilities, {incomplete, end}, value.full, n, {0, end}, part(incomplete, end));
  }
}

/// Probabilities as an operand: a row's groups end with the last column it sees, so that the unseen
/// zeros behind it change nothing; a razored group of zeros has flag 0 either way.
EncodedMatrix encode_probabilities(MatrixView<const float> probabilities,
                                   const FormatSpec& format) {
  return encode_numbers(probabilities, format, 1.0F);
}

}  // namespace

void attend_in_formats(const NetworkSpec& network, const AttentionFormats& formats,
                       const AttentionRanges& ranges, const AttentionOperands& operands,
                       MatrixView<float> out, int threads) {
  for (const FormatSpec* each : {&formats.query, &formats.key, &formats.softmax, &formats.value}) {
    if (!is_integer_format(*each)) {
      throw ConfigError("scheme", "has attention in " + each->name + "; allowed: integer formats");
    }
  }
  const std::int64_t tokens = operands.query.rows();
  const std::int64_t dim = network.head_dim;
  const std::int64_t shared = network.heads / network.kv_heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  parallel_for(network.kv_heads, threads, [&](std::int64_t kv_head) {
    const auto part = [&](const auto& matrix, std::int64_t which) {
      return matrix.block(0, which * dim, tokens, dim);
    };
    const EncodedMatrix key = encode_numbers(part(operands.key, kv_head), formats.key, ranges.key);
    const PackedRight packed_key(key.values_view());
    const ValueOperand value = value_operand(formats, part(operands.value, kv_head), ranges.value);
    // Scores first, then the head's output.
    std::vector<std::int64_t> sums(static_cast<std::size_t>(tokens * std::max(tokens, dim)));
    std::vector<float> numbers(static_cast<std::size_t>(tokens * tokens));
    const MatrixView<std::int64_t> score_sums(sums.data(), tokens, tokens);
    const MatrixView<float> scores(numbers.data(), tokens, tokens);
    for (std::int64_t head = kv_head * shared; head < (kv_head + 1) * shared; ++head) {
      const EncodedMatrix query =
          encode_numbers(part(operands.query, head), formats.query, ranges.query);
      multiply(PackedLeft(query.values_view()), packed_key, score_sums);
      rescale(score_sums, query.scales, key.scales, scores);
      softmax(scores, scale, 0, scores);
      const EncodedMatrix probabilities = encode_probabilities(scores, formats.softmax);
      const MatrixView<std::int64_t> context(sums.data(), tokens, dim);
      context_sums(PackedLeft(probabilities.values_view()), value, context);
      rescale(context, probabilities.scales, value.scales, part(out, head));
    }
  });
}

}  // namespace razorsim
