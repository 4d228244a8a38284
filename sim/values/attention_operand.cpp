// SPDX-License-Identifier: Apache-2.0
#include "sim/values/attention_operand.h"

#include <algorithm>
#include <utility>

#include "models/arithmetic/unit_plan.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

/// tokens x head_dim elements as head_dim x tokens.
std::vector<std::int16_t> turned(MatrixView<const std::int16_t> head) {
  std::vector<std::int16_t> columns(static_cast<std::size_t>(head.size()));
  constexpr std::int64_t at_once = 8;  // rows that are read side by side
  for (std::int64_t first = 0; first < head.rows(); first += at_once) {
    const std::int64_t end = std::min(first + at_once, head.rows());
    std::int16_t* to = columns.data();
    for (std::int64_t i = 0; i < head.cols(); ++i, to += head.rows()) {
      for (std::int64_t token = first; token < end; ++token) to[token] = head(token, i);
    }
  }
  return columns;
}

/// The rows of each sequence, cached ones first, and room for those that are put together.
struct Sequences {
  std::vector<MatrixView<const float>> views;
  std::vector<std::vector<float>> joined;
};

Sequences sequences_of(MatrixView<const float> own, std::optional<MatrixView<const float>> cached,
                       HeadShape shape) {
  Sequences all;
  const auto part = [&](MatrixView<const float> whole, std::int64_t sequence) {
    const std::int64_t rows = whole.rows() / shape.sequences;
    return whole.block(sequence * rows, 0, rows, whole.cols());
  };
  promise(!cached || cached->cols() == own.cols(), "a cache has another shape than what it caches");
  for (std::int64_t sequence = 0; sequence < shape.sequences; ++sequence) {
    if (!cached) {
      all.views.push_back(part(own, sequence));
      continue;
    }
    std::vector<float>& joined = all.joined.emplace_back();
    for (const MatrixView<const float>& rows : {part(*cached, sequence), part(own, sequence)}) {
      for (std::int64_t row = 0; row < rows.rows(); ++row)
        joined.insert(joined.end(), rows.row(row).begin(), rows.row(row).end());
    }
    all.views.emplace_back(joined.data(), (cached->rows() + own.rows()) / shape.sequences,
                           own.cols());
  }
  return all;
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

/// tokens x head_dim elements of FP16 as a head_dim x tokens operand.
EncodedMatrix turned_fp16(const EncodedMatrix& head) {
  EncodedMatrix all = head;
  all.codes = turned(head.codes_view());
  std::swap(all.rows, all.cols);
  return all;
}

}  // namespace

AttentionOperand attention_operand(const TensorSource& source,
                                   std::optional<MatrixView<const float>> numbers,
                                   const std::string& name, const FormatSpec& format,
                                   ReductionAxis axis, HeadShape shape, int threads) {
  AttentionOperand operand;
  operand.axis = axis;
  operand.format = format;
  const bool integers = is_integer(format);
  if (!integers && format.name != "fp16") {
    throw ConfigError("scheme", "gives attention the format " + format.name +
                                    ", whose groups a run's values do not follow there; allowed: "
                                    "sdr, int8, int16, fp16");
  }
  const bool from_base = integers && !numbers && format.calibration == Calibration::from_file &&
                         format.granularity == ScaleGranularity::tensor;
  const std::shared_ptr<const BaseIntegers> base =
      from_base ? source.base(name, base_bits_of(format)) : nullptr;
  if (!numbers && !base) {
    numbers = source.reference(name);
    if (!numbers) throw TraceError("the trace has no tensor " + name);
  }
  const std::int64_t columns = base ? base->cols : numbers->cols();
  const std::int64_t heads = columns / shape.head_dim;
  const Sequences rows = base ? Sequences{} : sequences_of(*numbers, source.cached(name), shape);
  const float absmax = integers && format.calibration == Calibration::from_file && !base
                           ? source.absmax(name)
                           : 1.0F;
  const auto count = static_cast<std::size_t>(shape.sequences * heads);
  operand.heads.resize(count);
  if (shape.is_value && integers) operand.base.resize(count);
  if (shape.is_value && axis == ReductionAxis::features) operand.turned.resize(count);
  const auto encode_head = [&](std::size_t place, MatrixView<const std::int16_t> head,
                               const std::vector<float>& scales) {
    if (axis == ReductionAxis::features)
      operand.heads[place] = encode_integers(format, head, scales);
    if (!shape.is_value) return;
    const std::vector<std::int16_t> columns = turned(head);
    const MatrixView<const std::int16_t> view(columns.data(), head.cols(), head.rows());
    const std::vector<float> scale = {scales.front()};
    operand.base[place] = encode_integers(plain_of(format), view, scale);
    if (axis == ReductionAxis::tokens) {
      operand.heads[place] = encode_integers(format, view, scale);
    } else {
      const std::vector<std::int16_t> values = turned(operand.heads[place].values_view());
      operand.turned[place] =
          encode_integers(plain_of(format), {values.data(), head.cols(), head.rows()}, scale);
    }
  };
  parallel_for(shape.sequences * heads, threads, [&](std::int64_t i) {
    const auto place = static_cast<std::size_t>(i);
    const auto own = [&](const auto& whole, std::int64_t row, std::int64_t tokens) {
      return whole.block(row, i % heads * shape.head_dim, tokens, shape.head_dim);
    };
    if (base) {
      const std::int64_t tokens = base->rows / shape.sequences;
      return encode_head(place, own(base->view(), i / heads * tokens, tokens), base->scales);
    }
    const MatrixView<const float> whole = rows.views[static_cast<std::size_t>(i / heads)];
    const MatrixView<const float> head = own(whole, 0, whole.rows());
    if (!integers) {
      operand.heads[place] = encode(format, head);
      if (shape.is_value) operand.turned[place] = turned_fp16(operand.heads[place]);
      return;
    }
    const ScaleSource scale = format.calibration == Calibration::from_file
                                  ? ScaleSource{{scale_of_absmax(absmax, base_bits_of(format))}}
                                  : ScaleSource{};
    const BaseIntegers made = base_integers(format, head, scale);
    encode_head(place, made.view(), made.scales);
  });
  return operand;
}

}  // namespace razorsim
