// SPDX-License-Identifier: Apache-2.0
#include "sim/values/tensor_dump.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/base/pattern.h"
#include "models/formats/format.h"

namespace razorsim {

void add_operand(DumpedTensors& to, const std::string& name, const EncodedMatrix& operand) {
  const std::vector<std::int64_t> shape{operand.rows, operand.cols};
  if (!operand.reals.empty()) {
    to.insert_or_assign(name, make_tensor(operand.reals, shape));
    return;
  }
  const FormatTraits traits = traits_of(operand.format);
  if (traits.element_bits <= Bits(8)) {
    std::vector<std::int8_t> codes;
    for (const std::int16_t code : operand.codes) codes.push_back(static_cast<std::int8_t>(code));
    to.insert_or_assign(name + ".codes", make_tensor(std::move(codes), shape));
  } else {
    to.insert_or_assign(name + ".codes", make_tensor(operand.codes, shape));
  }
  const std::int64_t groups = operand.groups_per_row();
  if (!operand.group_codes.empty()) {
    to.insert_or_assign(name + (traits.is_integer ? ".flags" : ".block_scales"),
                        make_tensor(operand.group_codes, {operand.rows, groups}));
  }
  if (operand.scales.empty()) return;
  const bool by_group = operand.format.granularity == ScaleGranularity::group;
  const std::vector<std::int64_t> scales =
      by_group ? std::vector<std::int64_t>{operand.rows, groups}
               : std::vector<std::int64_t>{std::ssize(operand.scales)};
  to.insert_or_assign(name + ".scale", make_tensor(operand.scales, scales));
}

bool TensorDump::wants(std::string_view operation) const {
  return std::ranges::any_of(
      patterns_, [&](const std::string& pattern) { return matches_pattern(pattern, operation); });
}

TensorDump TensorDump::inside(const std::string& name) const {
  if (!is_on()) return {};
  std::string plain = name;
  std::ranges::replace(plain, '/', '_');  // a scheme may be called by its file's path
  return {folder_ / plain, patterns_};
}

void TensorDump::write(const std::string& operation, const DumpedTensors& tensors) const {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (failure) {
    throw OutputError(
        fmt::format("folder {} can't be made: {}", folder_.string(), failure.message()));
  }
  write_safetensors(folder_ / (operation + ".safetensors"),
                    {{"format", "razorsim tensors 1"}, {"operation", operation}}, tensors);
}

}  // namespace razorsim
