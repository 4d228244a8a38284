// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/scheme_products.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/arithmetic/factors.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/operators/matmul_f32.h"
#include "models/operators/rescale.h"
#include "sim/eval/scheme_attention.h"
#include "sim/values/tensor_source.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t row_block = 192;  // rows of activations a thread takes at a time, chosen

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

/// Two integer formats whose scales can be taken out of the sum: none along the reduction, or both
/// operands cut alike.
bool multiplies_exactly(const FormatSpec& left, const FormatSpec& right) {
  if (!is_integer_format(left) || !is_integer_format(right)) return false;
  const bool left_groups = left.granularity == ScaleGranularity::group;
  const bool right_groups = right.granularity == ScaleGranularity::group;
  return left_groups == right_groups && (!left_groups || left.group == right.group);
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

SchemeProducts::SchemeProducts(Scheme scheme, const StaticRanges& ranges, int threads,
                               std::shared_ptr<const QuantisedWeights> imported)
    : Products(threads),
      scheme_(std::move(scheme)),
      ranges_(ranges),
      imported_(std::move(imported)) {
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
    const std::string name = operation(layer, name_of_projection(projection));
    const std::int64_t elements = std::ssize(*all[at]);
    // o and down write the residual stream, the others read it.
    const bool writes = projection == Projection::o || projection == Projection::down;
    const std::int64_t k = writes ? elements / hidden : hidden;
    weights_[at] = encode_right(scheme_.format_of(Operand::activations, name),
                                scheme_.format_of(Operand::weights, name),
                                {all[at]->data(), elements / k, k}, name + ".weight");
  });
}

EncodedMatrix SchemeProducts::encode_weight(const FormatSpec& format,
                                            MatrixView<const float> weight,
                                            const std::string& name) const {
  if (imported_ && is_integer_format(format) && format.granularity != ScaleGranularity::group) {
    const BaseIntegers* given = imported_->find(name, traits_of(format).base_bits);
    if (given != nullptr) return encode_integers(format, given->view(), given->scales);
  }
  return encode(format, weight, {ranges_.row_scales_of(name, format, weight.rows())});
}

float SchemeProducts::absmax_of(const FormatSpec& format, const std::string& edge) const {
  return format.calibration == Calibration::from_file ? ranges_.absmax_of(edge) : 1.0F;
}

void SchemeProducts::add_tensors(const LinearCall& call, DumpedTensors& to) const {
  const std::string name = operation(call.layer, name_of_projection(call.projection));
  const FormatSpec& left_format = scheme_.format_of(Operand::activations, name);
  const FormatSpec& right_format = scheme_.format_of(Operand::weights, name);
  const std::string edge = operation(call.layer, input_edge(call.projection)) + ".output";
  const EncodedMatrix left =
      left_format.name == "fp32"
          ? encode(left_format, call.a)
          : encode_numbers(call.a, left_format, absmax_of(left_format, edge));
  const EncodedMatrix right = encode_weight(right_format, call.weight, name + ".weight");
  add_operand(to, "left", left);
  add_operand(to, "right", right);
  if (!multiplies_exactly(left_format, right_format) ||
      left_format.granularity == ScaleGranularity::group)
    return;
  std::vector<std::int64_t> sums(static_cast<std::size_t>(left.rows * right.rows));
  const MatrixView<std::int64_t> view(sums.data(), left.rows, right.rows);
  multiply(PackedLeft(left.values_view()), PackedRight(right.values_view()), view);
  to.insert_or_assign("accumulators", make_tensor(std::move(sums), {left.rows, right.rows}));
}

SchemeProducts::Right SchemeProducts::encode_right(const FormatSpec& left, const FormatSpec& right,
                                                   MatrixView<const float> weight,
                                                   const std::string& name) const {
  Right made;
  made.exact = multiplies_exactly(left, right);
  if (right.name == "fp32") {
    if (left.name != "fp32") made.numbers = PackedF32::transposed(weight);
    return made;
  }
  made.encoded = encode_weight(right, weight, name);
  if (made.exact) {
    made.packed = PackedRight(made.encoded.values_view(), least_packing(left));
  } else {
    const std::vector<float> numbers = decode(made.encoded);
    made.numbers = PackedF32::transposed({numbers.data(), weight.rows(), weight.cols()});
  }
  made.encoded.values = {};
  made.encoded.codes = {};
  return made;
}

SchemeProducts::Left SchemeProducts::encode_left(const FormatSpec& format, bool exact,
                                                 MatrixView<const float> a, float absmax) const {
  Left left;
  left.encoded = encode_numbers(a, format, absmax);
  if (exact) {
    left.packed = PackedLeft(left.encoded.values_view());
  } else {
    left.numbers = decode(left.encoded);
  }
  left.encoded.values = {};
  left.encoded.codes = {};
  return left;
}

void SchemeProducts::linear(std::int64_t layer, Projection projection, MatrixView<const float> a,
                            MatrixView<const float> weight, MatrixView<float> out) {
  const std::string name = operation(layer, name_of_projection(projection));
  const FormatSpec& left_format = scheme_.format_of(Operand::activations, name);
  const bool plain_left = left_format.name == "fp32";
  if (plain_left && scheme_.format_of(Operand::weights, name).name == "fp32") {
    Products::linear(layer, projection, a, weight, out);
    return;
  }
  const Right& right = weights_[static_cast<std::size_t>(projection)];
  const std::int64_t step = block_of(left_format, a.rows());
  const std::int64_t blocks = ceil_div(a.rows(), step);
  const auto rows_of = [&](const auto& matrix, std::int64_t block) {
    return matrix.block(block * step, 0, std::min(step, matrix.rows() - block * step),
                        matrix.cols());
  };
  // k and v read what q read, up what gate read, unless an override gives them another format.
  const std::string edge = operation(layer, input_edge(projection)) + ".output";
  const bool shares = edge == left_edge_ && right.exact == left_exact_ &&
                      lefts_.front().encoded.format == left_format;
  if (!shares && !plain_left) {
    const float absmax = absmax_of(left_format, edge);
    lefts_ = std::vector<Left>(static_cast<std::size_t>(blocks));
    left_edge_ = edge;
    left_exact_ = right.exact;
    parallel_for(blocks, threads_, [&](std::int64_t block) {
      lefts_[static_cast<std::size_t>(block)] =
          encode_left(left_format, right.exact, rows_of(a, block), absmax);
    });
  }
  parallel_for(blocks, threads_, [&](std::int64_t block) {
    const MatrixView<float> to = rows_of(out, block);
    if (!right.exact) {  // the product of the real values in FP32
      const MatrixView<const float> from = rows_of(a, block);
      const float* numbers =
          plain_left ? nullptr : lefts_[static_cast<std::size_t>(block)].numbers.data();
      matmul_f32(plain_left ? from : MatrixView<const float>(numbers, from.rows(), from.cols()),
                 right.numbers, to);
      return;
    }
    const Left& left = lefts_[static_cast<std::size_t>(block)];
    if (left_format.granularity == ScaleGranularity::group) {
      multiply_by_groups(left.encoded, left.packed, right.encoded, right.packed, to);
      return;
    }
    const auto sums =
        std::make_unique_for_overwrite<std::int64_t[]>(static_cast<std::size_t>(to.size()));
    const MatrixView<std::int64_t> view(sums.get(), to.rows(), to.cols());
    multiply(left.packed, right.packed, view);
    rescale(view, left.encoded.scales, right.encoded.scales, to);
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
