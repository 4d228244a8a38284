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
                                   ReductionAxis axis, std::int64_t head_dim, int threads) {
  AttentionOperand operand;
  operand.axis = axis;
  operand.format = format;
  if (!is_integer(format)) {
    if (format.name != "fp16") {
      throw ConfigError("scheme", "gives attention the format " + format.name +
                                      ", whose groups a run's values do not follow there; allowed: "
                                      "sdr, int8, int16, fp16");
    }
    if (!numbers) numbers = source.reference(name);
    if (!numbers) throw TraceError("the trace has no tensor " + name);
    for (std::int64_t head = 0; head < numbers->cols() / head_dim; ++head) {
      const std::vector<float> part = head_columns(*numbers, head, head_dim, false);
      operand.heads.push_back(encode(format, {part.data(), numbers->rows(), head_dim}));
    }
    return operand;
  }
  const bool from_base = !numbers && format.calibration == Calibration::from_file &&
                         format.granularity == ScaleGranularity::tensor;
  const std::optional<BaseIntegers> base =
      from_base ? source.base(name, base_bits_of(format)) : std::nullopt;
  if (!numbers && !base) {
    numbers = source.reference(name);
    if (!numbers) throw TraceError("the trace has no tensor " + name);
  }
  std::vector<float> joined;
  if (const auto cached = source.cached(name)) {
    promise(numbers && cached->cols() == numbers->cols(), name + ": its cache has another shape");
    for (const MatrixView<const float>& part : {*cached, *numbers}) {
      for (std::int64_t row = 0; row < part.rows(); ++row)
        joined.insert(joined.end(), part.row(row).begin(), part.row(row).end());
    }
    numbers.emplace(joined.data(), cached->rows() + numbers->rows(), cached->cols());
  }
  const std::int64_t heads = (base ? base->cols : numbers->cols()) / head_dim;
  const float absmax =
      format.calibration == Calibration::from_file && !base ? source.absmax(name) : 1.0F;
  operand.heads.resize(static_cast<std::size_t>(heads));
  operand.base.resize(static_cast<std::size_t>(heads));
  parallel_for(heads, threads, [&](std::int64_t head) {
    BaseIntegers& integers = operand.base[static_cast<std::size_t>(head)];
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
    operand.heads[static_cast<std::size_t>(head)] =
        axis == ReductionAxis::tokens ? turned(format, integers.view(), integers.scales)
                                      : encode_integers(format, integers.view(), integers.scales);
  });
  return operand;
}

}  // namespace razorsim
