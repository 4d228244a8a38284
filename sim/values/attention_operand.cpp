// SPDX-License-Identifier: Apache-2.0
#include "sim/values/attention_operand.h"

#include <utility>

#include "models/arithmetic/unit_plan.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "traces/llama/parallel.h"

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

}  // namespace

FormatSpec plain_of(const FormatSpec& format) {
  FormatSpec plain;
  plain.name = base_bits_of(format) == 16 ? "int16" : "int8";
  return plain;
}

EncodedMatrix turned(const FormatSpec& format, MatrixView<const std::int16_t> integers,
                     const std::vector<float>& scales) {
  const std::vector<std::int16_t> columns = head_columns(integers, 0, integers.cols(), true);
  return encode_integers(format, {columns.data(), integers.cols(), integers.rows()},
                         {scales.front()});
}

EncodedMatrix turned_fp16(const EncodedMatrix& head) {
  EncodedMatrix turned = head;
  turned.codes = head_columns(head.codes_view(), 0, head.cols, true);
  std::swap(turned.rows, turned.cols);
  return turned;
}

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
  operand.heads.resize(static_cast<std::size_t>(shape.sequences * heads));
  if (integers && shape.is_value) operand.base.resize(operand.heads.size());
  parallel_for(shape.sequences * heads, threads, [&](std::int64_t i) {
    const auto place = static_cast<std::size_t>(i);
    const std::int64_t head = i % heads;
    const auto own = [&](const auto& whole) {
      return head_columns(whole, head, shape.head_dim, false);
    };
    BaseIntegers made;
    if (base) {
      const std::int64_t tokens = base->rows / shape.sequences;
      made = {tokens, shape.head_dim,
              own(base->view().block(i / heads * tokens, 0, tokens, columns)), base->scales};
    } else {
      const MatrixView<const float> whole = rows.views[static_cast<std::size_t>(i / heads)];
      const std::vector<float> part = own(whole);
      const MatrixView<const float> view(part.data(), whole.rows(), shape.head_dim);
      if (!integers) {
        operand.heads[place] = encode(format, view);
        return;
      }
      const ScaleSource scale = format.calibration == Calibration::from_file
                                    ? ScaleSource{{scale_of_absmax(absmax, base_bits_of(format))}}
                                    : ScaleSource{};
      made = base_integers(format, view, scale);
    }
    operand.heads[place] = axis == ReductionAxis::tokens
                               ? turned(format, made.view(), made.scales)
                               : encode_integers(format, made.view(), made.scales);
    if (shape.is_value) operand.base[place] = std::move(made);
  });
  return operand;
}

}  // namespace razorsim
