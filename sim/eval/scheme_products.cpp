// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/scheme_products.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/operators/matmul_f32.h"
#include "models/operators/rescale.h"
#include "sim/eval/scheme_attention.h"
#include "sim/values/tensor_source.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t row_block = 256;  // rows of activations a thread takes at a time, chosen

/// The edge a projection reads, whose calibration gives its static scale.
std::string_view input_edge(Projection projection) {
  switch (projection) {
    case Projection::q:
    case Projection::k:
    case Projection::v: return "input_norm";
    case Projection::o: return "context";
    case Projection::gate:
    case Projection::up: return "post_norm";
    case Projection::down: return "silu_gate";
  }
  throw Defect("unknown projection");
}

/// Rows that may be encoded apart: all, unless one dynamic scale is shared by the whole tensor.
std::int64_t block_of(const FormatSpec& format, std::int64_t rows) {
  const bool shared = format.calibration == Calibration::on_the_fly &&
                      format.granularity == ScaleGranularity::tensor;
  return shared ? std::max<std::int64_t>(rows, 1) : row_block;
}

/// One real scale a group: each group's sums are rescaled by themselves, K ascending.
void multiply_by_groups(const EncodedMatrix& a, const PackedLeft& left, const EncodedMatrix& w,
                        const PackedRight& right, MatrixView<float> out) {
  promise(a.format.group == w.format.group, "operands with real group scales have one group size");
  std::vector<std::int64_t> sums(static_cast<std::size_t>(out.size()));
  const MatrixView<std::int64_t> view(sums.data(), out.rows(), out.cols());
  const auto column = [](const EncodedMatrix& matrix, std::int64_t group) {
    std::vector<float> scales;
    for (std::int64_t row = 0; row < matrix.rows; ++row) {
      scales.push_back(
          matrix.scales[static_cast<std::size_t>(row * matrix.groups_per_row() + group)]);
    }
    return scales;
  };
  for (std::int64_t group = 0; group < a.groups_per_row(); ++group) {
    const IndexRange k{group * a.format.group,
                       std::min<std::int64_t>((group + 1) * a.format.group, a.cols)};
    multiply(left, {0, out.rows()}, right, {0, out.cols()}, k, view);
    if (group == 0) {
      rescale(view, column(a, group), column(w, group), out);
    } else {
      rescale_add(view, column(a, group), column(w, group), out);
    }
  }
}

}  // namespace

bool names_key_value(const Scheme& scheme) {
  return scheme.name.find("KV") != std::string::npos || scheme.key.name == "sdr" ||
         scheme.value.name == "sdr";
}

SchemeProducts::SchemeProducts(Scheme scheme, const StaticRanges& ranges, int threads)
    : Products(threads), scheme_(std::move(scheme)), ranges_(ranges) {
  if (names_key_value(scheme_) && scheme_.key_position == KeyPosition::before_rope) {
    throw ConfigError("scheme.key_position",
                      "is before_rope; allowed in an evaluation: after_rope");
  }
}

std::string SchemeProducts::operation(std::int64_t layer, std::string_view name) const {
  return fmt::format("layers.{}.{}", layer, name);
}

void SchemeProducts::begin_layer(std::int64_t layer, const LayerWeights& weights) {
  const std::array<const std::vector<float>*, 7> all{
      &weights.q_proj,    &weights.k_proj,  &weights.v_proj,   &weights.o_proj,
      &weights.gate_proj, &weights.up_proj, &weights.down_proj};
  const auto hidden = std::ssize(weights.input_norm);
  left_edge_.clear();
  parallel_for(7, threads_, [&](std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    const auto projection = static_cast<Projection>(index);
    const FormatSpec& format =
        scheme_.format_of(Operand::weights, operation(layer, name_of_projection(projection)));
    Right& right = weights_[at];
    right = {};
    if (format.name == "fp32") return;
    const std::int64_t elements = std::ssize(*all[at]);
    // o and down write the residual stream, the others read it.
    const bool writes = projection == Projection::o || projection == Projection::down;
    const std::int64_t k = writes ? elements / hidden : hidden;
    right.encoded = encode(format, {all[at]->data(), elements / k, k});
    if (is_integer_format(format)) {
      right.packed = PackedRight(right.encoded.values_view());
      right.encoded.values = {};
      right.encoded.codes = {};
    } else {
      right.numbers = decode(right.encoded);
    }
  });
}

SchemeProducts::Left SchemeProducts::encode_left(const FormatSpec& format,
                                                 MatrixView<const float> a, float absmax) const {
  Left left;
  left.encoded = encode_numbers(a, format, absmax);
  if (is_integer_format(format)) {
    left.packed = PackedLeft(left.encoded.values_view());
    left.encoded.values = {};
    left.encoded.codes = {};
  } else {
    left.numbers = decode(left.encoded);
  }
  return left;
}

void SchemeProducts::linear(std::int64_t layer, Projection projection, MatrixView<const float> a,
                            MatrixView<const float> weight, MatrixView<float> out) {
  const std::string name = operation(layer, name_of_projection(projection));
  const FormatSpec& left_format = scheme_.format_of(Operand::activations, name);
  const FormatSpec& right_format = scheme_.format_of(Operand::weights, name);
  if (left_format.name == "fp32" && right_format.name == "fp32") {
    Products::linear(layer, projection, a, weight, out);
    return;
  }
  const std::int64_t step = block_of(left_format, a.rows());
  const std::int64_t blocks = ceil_div(a.rows(), step);
  const auto rows_of = [&](const auto& matrix, std::int64_t block) {
    return matrix.block(block * step, 0, std::min(step, matrix.rows() - block * step),
                        matrix.cols());
  };
  // k and v read what q read, up what gate read, unless an override gives them another format.
  const std::string edge = operation(layer, input_edge(projection)) + ".output";
  const bool shares = edge == left_edge_ && lefts_.front().encoded.format == left_format;
  if (!shares && left_format.name != "fp32") {
    const float absmax =
        left_format.calibration == Calibration::from_file ? ranges_.absmax_of(edge) : 1.0F;
    lefts_ = std::vector<Left>(static_cast<std::size_t>(blocks));
    left_edge_ = edge;
    parallel_for(blocks, threads_, [&](std::int64_t block) {
      lefts_[static_cast<std::size_t>(block)] = encode_left(left_format, rows_of(a, block), absmax);
    });
  }
  const Right& right = weights_[static_cast<std::size_t>(projection)];
  parallel_for(blocks, threads_, [&](std::int64_t block) {
    const MatrixView<float> to = rows_of(out, block);
    const bool plain_left = left_format.name == "fp32";
    const Left empty;
    const Left& left = plain_left ? empty : lefts_[static_cast<std::size_t>(block)];
    if (left.packed.rows() > 0 && right.packed.rows() > 0) {
      if (left_format.granularity == ScaleGranularity::group &&
          right_format.granularity == ScaleGranularity::group) {
        multiply_by_groups(left.encoded, left.packed, right.encoded, right.packed, to);
        return;
      }
      std::vector<std::int64_t> sums(static_cast<std::size_t>(to.size()));
      const MatrixView<std::int64_t> view(sums.data(), to.rows(), to.cols());
      multiply(left.packed, right.packed, view);
      rescale(view, left.encoded.scales, right.encoded.scales, to);
      return;
    }
    // A floating format on either side: the product of the real values in FP32.
    const auto real = [](const std::vector<float>& numbers, MatrixView<const float> otherwise) {
      return numbers.empty()
                 ? otherwise
                 : MatrixView<const float>(numbers.data(), otherwise.rows(), otherwise.cols());
    };
    promise(left.packed.rows() == 0 && right.packed.rows() == 0,
            "a product mixes integers and floating numbers");
    matmul_f32(real(left.numbers, rows_of(a, block)), real(right.numbers, weight), to);
  });
}

void SchemeProducts::attention(std::int64_t layer, const NetworkSpec& network,
                               const AttentionOperands& operands, MatrixView<float> out,
                               const Tap& tap) {
  if (!names_key_value(scheme_)) {
    Products::attention(layer, network, operands, out, tap);
    return;
  }
  promise(operands.past == 0 && !tap, "an evaluation attends to whole sequences");
  const std::string scores = operation(layer, "scores");
  const std::string context = operation(layer, "context");
  const AttentionFormats formats{scheme_.format_of(Operand::query, scores),
                                 scheme_.format_of(Operand::key, scores),
                                 scheme_.format_of(Operand::softmax, context),
                                 scheme_.format_of(Operand::value, context), scheme_.value_axis};
  const AttentionRanges ranges{ranges_.absmax_of(operation(layer, "rope_q.output")),
                               ranges_.absmax_of(operation(layer, "rope_k.output")),
                               ranges_.absmax_of(operation(layer, "v_proj.output"))};
  attend_in_formats(network, formats, ranges, operands, out, threads_);
}

}  // namespace razorsim
