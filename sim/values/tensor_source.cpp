// SPDX-License-Identifier: Apache-2.0
#include "sim/values/tensor_source.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/base/errors.h"
#include "models/formats/format.h"

namespace razorsim {
namespace {

/// Base integers a format is made from; 0 for formats that start from real numbers.
int base_bits_of(const FormatSpec& format) {
  if (format.granularity == ScaleGranularity::group ||
      format.calibration == Calibration::on_the_fly)
    return 0;
  if (format.name == "sdr") return format.base_bits;
  if (format.name == "int4") return 4;
  if (format.name == "int8") return 8;
  if (format.name == "int16") return 16;
  return 0;
}

}  // namespace

bool is_static(const FormatSpec& format) {
  return format.calibration == Calibration::from_file &&
         format.granularity != ScaleGranularity::group && format.name != "fp16" &&
         format.name != "fp32";
}

namespace {

ScaleSource static_scale(const FormatSpec& format, float absolute_maximum) {
  const FormatTraits traits = traits_of(format);
  if (format.name == "nvfp4" && is_static(format))
    return {{absolute_maximum / (6.0F * 448.0F)}};  // largest E2M1 times largest E4M3
  if (format.calibration == Calibration::on_the_fly ||
      format.granularity == ScaleGranularity::group)
    return {};
  if (!traits.is_integer) return {};
  const float largest = format.calibration == Calibration::unit_range ? 1.0F : absolute_maximum;
  return {{scale_of_absmax(largest, traits.base_bits)}};
}

}  // namespace

std::optional<MatrixView<const float>> TraceSource::reference(const std::string& name) const {
  if (!trace_.has(name)) return std::nullopt;
  return trace_.tensor(name).view<float>();
}

std::shared_ptr<const BaseIntegers> TraceSource::base(const std::string& name, int bits) const {
  if (!trace_.has(name + ".base" + std::to_string(bits))) return nullptr;
  return std::make_shared<const BaseIntegers>(trace_.base(name, bits));
}

float TraceSource::absmax(const std::string& name) const {
  const float most = trace_.tensor(name + ".absmax").view<float>()(0, 0);
  if (!(most >= 0 && std::isfinite(most)))
    throw TraceError("the trace's tensor " + name + ".absmax holds no magnitude");
  return most;
}

std::vector<float> TraceSource::weight(const std::string& name) const {
  return trace_.weight(name);
}

OperandSource::OperandSource(std::string left_name, BaseIntegers left, std::string right_name,
                             BaseIntegers right)
    : left_name_(std::move(left_name)),
      right_name_(std::move(right_name)),
      left_(std::make_shared<const BaseIntegers>(std::move(left))),
      right_(std::make_shared<const BaseIntegers>(std::move(right))) {}

std::shared_ptr<const BaseIntegers> OperandSource::integers(const std::string& name) const {
  promise(name == left_name_ || name == right_name_, "no operand is called " + name);
  return name == left_name_ ? left_ : right_;
}

std::optional<MatrixView<const float>> OperandSource::reference(const std::string&) const {
  return std::nullopt;
}

std::shared_ptr<const BaseIntegers> OperandSource::base(const std::string& name, int) const {
  if (name != left_name_ && name != right_name_) return nullptr;
  return integers(name);
}

float OperandSource::absmax(const std::string& name) const {
  float largest = 0;
  for (const float value : weight(name)) largest = std::max(largest, value < 0 ? -value : value);
  return largest;
}

std::vector<float> OperandSource::weight(const std::string& name) const {
  const BaseIntegers& base = *integers(name);
  std::vector<float> numbers(base.values.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(base.cols);
    numbers[i] = static_cast<float>(base.values[i]) *
                 (base.scales.size() == 1 ? base.scales[0] : base.scales[row]);
  }
  return numbers;
}

EncodedMatrix encode_tensor(const TensorSource& source, const std::string& name,
                            const FormatSpec& format, bool is_weight) {
  if (is_weight) {
    const std::vector<float> scales = source.row_scales(name, format);
    if (!scales.empty()) {
      const std::vector<float> numbers = source.weight(name);
      const std::int64_t rows = std::ssize(scales);
      return encode(format, {numbers.data(), rows, std::ssize(numbers) / rows}, {scales});
    }
  }
  const int bits = base_bits_of(format);
  if (bits != 0 && format.calibration != Calibration::unit_range) {
    if (const std::shared_ptr<const BaseIntegers> base = source.base(name, bits))
      return encode_integers(format, base->view(), base->scales);
  }
  if (is_weight || !source.reference(name)) {
    const std::vector<float> numbers = source.weight(name);
    const std::shared_ptr<const BaseIntegers> shape = source.base(name, 8);
    if (!shape) throw TraceError("the trace has no tensor " + name + ".base8");
    return encode(format, {numbers.data(), shape->rows, shape->cols}, {});
  }
  const bool needs_maximum = is_static(format) && !static_scale(format, 1.0F).given.empty();
  return encode_numbers(*source.reference(name), format,
                        needs_maximum ? source.absmax(name) : 1.0F);
}

EncodedMatrix encode_numbers(MatrixView<const float> numbers, const FormatSpec& format,
                             float absolute_maximum) {
  return encode(format, numbers, static_scale(format, absolute_maximum));
}

EncodedMatrix window(const EncodedMatrix& whole, IndexRange rows, IndexRange cols) {
  EncodedMatrix part;
  part.format = whole.format;
  part.rows = rows.size();
  part.cols = cols.size();
  const std::int64_t group = whole.format.group;
  const bool grouped = !whole.group_codes.empty();
  promise(
      !grouped || (cols.begin % group == 0 && (cols.end % group == 0 || cols.end == whole.cols)),
      "a window of an encoded matrix cuts a group");
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const auto from = [&](const auto& all, std::int64_t stride, std::int64_t begin,
                          std::int64_t end, auto& out) {
      if (!all.empty())
        out.insert(out.end(), all.begin() + row * stride + begin, all.begin() + row * stride + end);
    };
    from(whole.values, whole.cols, cols.begin, cols.end, part.values);
    from(whole.codes, whole.cols, cols.begin, cols.end, part.codes);
    if (grouped) {
      from(whole.group_codes, whole.groups_per_row(), cols.begin / group, ceil_div(cols.end, group),
           part.group_codes);
    }
  }
  if (whole.format.granularity == ScaleGranularity::group && !whole.scales.empty()) {
    promise(cols.begin % group == 0, "a window of an encoded matrix cuts a group");
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const auto first = whole.scales.begin() + row * whole.groups_per_row();
      part.scales.insert(part.scales.end(), first + cols.begin / group,
                         first + ceil_div(cols.end, group));
    }
  } else if (whole.scales.size() == static_cast<std::size_t>(whole.rows) && whole.rows > 1) {
    part.scales.assign(whole.scales.begin() + rows.begin, whole.scales.begin() + rows.end);
  } else {
    part.scales = whole.scales;
  }
  return part;
}

void append_rows(EncodedMatrix& above, const EncodedMatrix& below) {
  if (above.rows == 0) {
    above = below;
    return;
  }
  promise(above.format == below.format && above.cols == below.cols, "rows of different encodings");
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(above.values, below.values);
  append(above.codes, below.codes);
  append(above.group_codes, below.group_codes);
  above.rows += below.rows;
}

}  // namespace razorsim
