// SPDX-License-Identifier: Apache-2.0
#include "sim/app/operands.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/json.h"
#include "sim/config/load.h"
#include "traces/io/safetensors.h"

namespace razorsim {

/// The JSON file.
struct OperandFile {
  std::vector<std::vector<std::int64_t>> a;
  std::vector<std::vector<std::int64_t>> w;
  std::int64_t bits_a = 0;
  std::int64_t bits_w = 0;
};
template <>
inline constexpr auto fields<OperandFile> = field_table<OperandFile>(
    field("a", &OperandFile::a, "", any_value, "base integers of the left operand, m rows of k"),
    field("w", &OperandFile::w, "", any_value, "base integers of the right operand, n rows of k"),
    field("bits_a", &OperandFile::bits_a, "bit", between(2, 16),
          "bits of a's integers; the scheme's when left out"),
    field("bits_w", &OperandFile::bits_w, "bit", between(2, 16),
          "bits of w's integers; the scheme's when left out"));

namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  // Source: S. Vigna, splitmix64, public domain.
  std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

/// Sum of four uniform 16-bit numbers, centred: bell-shaped, -131070 .. 131070, deviation 37837.
std::int64_t bell(std::uint64_t& state) {
  const std::uint64_t bits = splitmix(state);
  std::int64_t sum = -131070;
  for (int part = 0; part < 4; ++part)
    sum += static_cast<std::int64_t>((bits >> (16 * part)) & 0xFFFF);
  return sum;
}

/// Scales -131070 .. 131070 to the base's symmetric range.
std::int16_t to_base(std::int64_t value, int bits) {
  const std::int64_t largest = largest_integer(bits);
  return static_cast<std::int16_t>(std::clamp(value * largest / 131070, -largest, largest));
}

BaseIntegers flatten(const std::vector<std::vector<std::int64_t>>& rows) {
  BaseIntegers base;
  base.rows = static_cast<std::int64_t>(rows.size());
  base.cols = rows.empty() ? 0 : static_cast<std::int64_t>(rows.front().size());
  for (const auto& row : rows) {
    for (const std::int64_t value : row) base.values.push_back(static_cast<std::int16_t>(value));
  }
  base.scales = {1.0F};
  return base;
}

Operands read_json_operands(const std::string& path, const Scheme& scheme) {
  const Value value = read_json_file(path);
  Shape shape = shape_of<OperandFile>();
  const auto bits = [&](const char* key, const FormatSpec& format) {
    const Value* given = value.find(key);
    return given && given->integer() ? *given->integer() : integer_bits(format);
  };
  const std::int64_t bits_a = bits("bits_a", scheme.activations);
  const std::int64_t bits_w = bits("bits_w", scheme.weights);
  const auto limit = [&](std::size_t which, std::int64_t width) {
    if (width < 2 || width > 16) return;  // the check of the bits themselves says so
    const double largest = largest_integer(static_cast<int>(width));
    shape.fields[which].range = between(-largest, largest);
  };
  limit(0, bits_a);
  limit(1, bits_w);
  const OperandFile file = from_value<OperandFile>(value, shape);
  std::vector<Problem> problems;
  const auto require_rows = [&](const char* key, const auto& rows) {
    if (rows.empty() || rows.front().empty()) {
      problems.push_back(
          {key, fmt::format("is missing or empty; allowed: a list of rows ({})", path)});
    }
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].size() == rows.front().size()) continue;
      problems.push_back(
          {fmt::format("{}[{}]", key, i), fmt::format("has {} elements, the first row has {} ({})",
                                                      rows[i].size(), rows.front().size(), path)});
      return;
    }
  };
  require_rows("a", file.a);
  require_rows("w", file.w);
  if (problems.empty() && file.a.front().size() != file.w.front().size()) {
    problems.push_back(
        {"w",
         fmt::format("has rows of {}, a has rows of {}; both are as long as the reduction ({})",
                     file.w.front().size(), file.a.front().size(), path)});
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return {flatten(file.a), flatten(file.w), static_cast<int>(bits_a), static_cast<int>(bits_w)};
}

BaseIntegers from_tensor(const Safetensors& file, const std::string& name, int& bits,
                         const std::string& path) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end())
    throw TraceError(fmt::format("{}: has no tensor '{}'", path, name));
  const Tensor& tensor = found->second;
  BaseIntegers base{tensor.rows(), tensor.cols(), {}, {1.0F}};
  const auto copy = [&](const auto& view) {
    for (std::int64_t row = 0; row < view.rows(); ++row) {
      for (const auto value : view.row(row)) base.values.push_back(value);
    }
  };
  if (tensor.dtype == Dtype::i8) {
    copy(tensor.view<std::int8_t>());
  } else if (tensor.dtype == Dtype::i16) {
    copy(tensor.view<std::int16_t>());
  } else {
    throw TraceError(fmt::format("{}: tensor '{}' is {}; allowed: I8 or I16", path, name,
                                 name_of(tensor.dtype)));
  }
  bits = tensor.dtype == Dtype::i8 ? 8 : 16;
  const int largest = largest_integer(bits);
  for (const std::int16_t value : base.values) {
    if (value < -largest)
      throw TraceError(fmt::format("{}: tensor '{}' has {}; allowed: {} to {}", path, name, value,
                                   -largest, largest));
  }
  if (base.values.empty()) throw TraceError(fmt::format("{}: tensor '{}' is empty", path, name));
  return base;
}

Operands read_tensor_operands(const std::string& path) {
  const Safetensors file = read_safetensors(path);
  Operands operands;
  operands.a = from_tensor(file, "a", operands.bits_a, path);
  operands.w = from_tensor(file, "w", operands.bits_w, path);
  if (operands.a.cols != operands.w.cols) {
    throw TraceError(fmt::format("{}: 'w' has rows of {}, 'a' has rows of {}", path,
                                 operands.w.cols, operands.a.cols));
  }
  return operands;
}

}  // namespace

int integer_bits(const FormatSpec& format) {
  if (format.name == "sdr") return format.base_bits;
  if (format.name == "int4") return 4;
  return format.name == "int8" ? 8 : 16;
}

Operands read_operands(const std::string& path, const Scheme& scheme) {
  return path.ends_with(".safetensors") ? read_tensor_operands(path)
                                        : read_json_operands(path, scheme);
}

Operands make_operands(std::int64_t m, std::int64_t k, std::int64_t n, std::uint64_t seed,
                       const Scheme& scheme) {
  constexpr std::uint64_t outlier_period = 64;
  constexpr std::int64_t outlier_gain = 16;
  Operands operands;
  operands.bits_a = integer_bits(scheme.activations);
  operands.bits_w = integer_bits(scheme.weights);
  operands.a = {m, k, {}, {1.0F}};
  operands.w = {n, k, {}, {1.0F}};
  operands.a.values.reserve(static_cast<std::size_t>(m * k));
  operands.w.values.reserve(static_cast<std::size_t>(n * k));
  std::uint64_t state = seed;
  std::vector<bool> outlier;
  for (std::int64_t i = 0; i < k; ++i) outlier.push_back(splitmix(state) % outlier_period == 0);
  for (std::int64_t i = 0; i < m * k; ++i) {
    const std::int64_t value = bell(state);
    operands.a.values.push_back(to_base(
        outlier[static_cast<std::size_t>(i % k)] ? value : value / outlier_gain, operands.bits_a));
  }
  for (std::int64_t i = 0; i < n * k; ++i)
    operands.w.values.push_back(to_base(bell(state), operands.bits_w));
  return operands;
}

}  // namespace razorsim
