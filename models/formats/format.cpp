// SPDX-License-Identifier: Apache-2.0
#include "models/formats/format.h"

#include <array>

namespace razorsim {
namespace {

const auto& table() {
  static const std::array formats{
#define RAZORSIM_FORMAT(name) &name##_format(),
#include "models/formats/formats.def"
#undef RAZORSIM_FORMAT
  };
  return formats;
}

void refuse(const FormatSpec& spec) {
  std::vector<Problem> problems = problems_of(spec, "");
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

EncodedMatrix blank(const FormatSpec& spec, std::int64_t rows, std::int64_t cols) {
  EncodedMatrix matrix;
  matrix.format = spec;
  matrix.rows = rows;
  matrix.cols = cols;
  return matrix;
}

}  // namespace

void NumberFormat::encode_integers(MatrixView<const std::int16_t>, EncodedMatrix&) const {
  throw Defect(std::string(name()) + " is not an integer format");
}

const std::vector<FormatName>& format_names() {
  static const std::vector<FormatName> names = [] {
    std::vector<FormatName> all;
    for (const NumberFormat* format : table()) all.push_back({format->name(), format->meaning()});
    return all;
  }();
  return names;
}

const NumberFormat& format_named(std::string_view name) {
  for (const NumberFormat* format : table()) {
    if (format->name() == name) return *format;
  }
  std::vector<std::string_view> known;
  for (const NumberFormat* format : table()) known.push_back(format->name());
  std::string message = "is '" + std::string(name) + "'; allowed:";
  for (const std::string_view each : known) message += " " + std::string(each);
  throw ConfigError("format", message + did_you_mean(name, known));
}

std::vector<Problem> problems_of(const FormatSpec& spec, std::string_view path) {
  Complaints complaints{std::string(path), {}};
  const NumberFormat* format = nullptr;
  try {
    format = &format_named(spec.name);
  } catch (const ConfigError& error) {
    complaints.add("format", error.problems().front().message);
    return complaints.found;
  }
  if (spec.group < 1)
    complaints.add("group", "is " + std::to_string(spec.group) + "; allowed: 1 and more");
  if (spec.magnitude_bits < 1 || spec.magnitude_bits > 7) {
    complaints.add("magnitude_bits",
                   "is " + std::to_string(spec.magnitude_bits) + "; allowed: 1 to 7");
  }
  // The razoring rules belong to SDR; set on another format they would silently do nothing.
  if (spec.name != "sdr" && spec.rounding != FormatSpec{}.rounding) {
    complaints.add("rounding", "is '" + std::string(name_of(spec.rounding)) +
                                   "'; it has no effect on " + spec.name);
  }
  if (spec.name != "sdr" && spec.overflow != FormatSpec{}.overflow) {
    complaints.add("overflow", "is '" + std::string(name_of(spec.overflow)) +
                                   "'; it has no effect on " + spec.name);
  }
  if (spec.calibration == Calibration::unit_range && spec.granularity == ScaleGranularity::row) {
    complaints.add("granularity",
                   "is 'row' with calibration 'unit', which is one scale for the whole tensor");
  }
  if (complaints.found.empty()) format->check(spec, complaints);
  return complaints.found;
}

FormatSpec default_spec(std::string_view name) { return format_named(name).variants().front(); }

FormatTraits traits_of(const FormatSpec& spec) { return format_named(spec.name).traits(spec); }

std::uint16_t stored_bits(const FormatTraits& traits, std::int16_t code) {
  promise(traits.element_bits <= Bits(16), "fp32 has no 16-bit codes");
  const auto bits = static_cast<unsigned>(traits.element_bits.count());
  const auto word = static_cast<unsigned>(code);
  if (!traits.sign_magnitude || code >= 0)
    return static_cast<std::uint16_t>(word & ((1U << bits) - 1));
  return static_cast<std::uint16_t>((1U << (bits - 1)) | static_cast<unsigned>(-code));
}

std::vector<std::int16_t> all_codes(const FormatSpec& spec) {
  const FormatTraits traits = traits_of(spec);
  std::vector<std::int16_t> codes;
  if (traits.element_bits > Bits(16)) return codes;
  for (std::int32_t code = traits.smallest_code; code <= traits.largest_code; ++code) {
    codes.push_back(static_cast<std::int16_t>(code));
  }
  return codes;
}

Storage storage_of(const FormatSpec& spec, std::int64_t rows, std::int64_t cols) {
  const FormatTraits traits = traits_of(spec);
  Storage storage;
  storage.codes = traits.element_bits * (rows * cols);
  if (traits.has_groups)
    storage.groups = traits.group_bits * (rows * ceil_div<std::int64_t>(cols, spec.group));
  storage.scales = traits.scale_bits * (spec.granularity == ScaleGranularity::row ? rows : 1);
  return storage;
}

double effective_bits(const FormatSpec& spec, std::int64_t cols) {
  const Storage row = storage_of(spec, 1, cols);
  return static_cast<double>((row.codes + row.groups).count()) / static_cast<double>(cols);
}

EncodedMatrix encode(const FormatSpec& spec, MatrixView<const float> numbers,
                     const ScaleSource& source) {
  refuse(spec);
  EncodedMatrix matrix = blank(spec, numbers.rows(), numbers.cols());
  format_named(spec.name).encode(numbers, source, matrix);
  return matrix;
}

BaseIntegers base_integers(const FormatSpec& spec, MatrixView<const float> numbers,
                           const ScaleSource& source) {
  refuse(spec);
  const FormatTraits traits = traits_of(spec);
  promise(traits.is_integer, "only integer formats have base integers");
  return quantise(spec, traits.base_bits, numbers, source);
}

EncodedMatrix encode_integers(const FormatSpec& spec, MatrixView<const std::int16_t> base,
                              std::vector<float> scales) {
  refuse(spec);
  EncodedMatrix matrix = blank(spec, base.rows(), base.cols());
  matrix.scales = std::move(scales);
  format_named(spec.name).encode_integers(base, matrix);
  return matrix;
}

void decode(const EncodedMatrix& encoded, MatrixView<float> out) {
  promise(out.rows() == encoded.rows && out.cols() == encoded.cols,
          "decode writes a matrix of the same shape");
  format_named(encoded.format.name).decode(encoded, out);
}

std::vector<float> decode(const EncodedMatrix& encoded) {
  std::vector<float> numbers(static_cast<std::size_t>(encoded.rows * encoded.cols));
  decode(encoded, {numbers.data(), encoded.rows, encoded.cols});
  return numbers;
}

}  // namespace razorsim
