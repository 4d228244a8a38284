// SPDX-License-Identifier: Apache-2.0
// What razoring does to each tensor of a model on a text: flags, truncated bits, zeros, error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/base/fields.h"
#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"

namespace razorsim {

/// One tensor razored in groups of one size.
struct RazoredTensor {
  std::string tensor;
  std::string operand;
  std::int64_t base_bits = 0;
  std::int64_t magnitude_bits = 0;
  std::int64_t group = 0;
  std::int64_t elements = 0;
  std::vector<std::int64_t> flags;
  double truncated_bits = 0;
  double zero_codes = 0;
  double zero_groups = 0;
  double outlier_ratio = 0;
  double sqnr_db = 0;

  bool operator==(const RazoredTensor&) const = default;
};
template <>
inline constexpr auto fields<RazoredTensor> = field_table<RazoredTensor>(
    field("tensor", &RazoredTensor::tensor, "", any_value, "its name in traces"),
    field("operand", &RazoredTensor::operand, "", any_value, "what the scheme calls it"),
    field("base_bits", &RazoredTensor::base_bits, "bit", any_value, "of the base integers"),
    field("magnitude_bits", &RazoredTensor::magnitude_bits, "bit", any_value, "a code keeps"),
    field("group", &RazoredTensor::group, "elements", any_value, "elements that share a flag"),
    field("elements", &RazoredTensor::elements, "elements", non_negative, "of the tensor"),
    field("flags", &RazoredTensor::flags, "groups", any_value,
          "groups with flag 0, 1, 2, ..: bits cut from each element"),
    field("truncated_bits", &RazoredTensor::truncated_bits, "bit", non_negative,
          "mean flag of an element"),
    field("zero_codes", &RazoredTensor::zero_codes, "", between(0, 1), "share of codes that are 0"),
    field("zero_groups", &RazoredTensor::zero_groups, "", between(0, 1),
          "share of groups whose codes are all 0"),
    field("outlier_ratio", &RazoredTensor::outlier_ratio, "", non_negative,
          "largest magnitude over the root mean square of the tensor"),
    field("sqnr_db", &RazoredTensor::sqnr_db, "dB", any_value,
          "razored numbers against FP32, scale and base included; 999 where equal"));

struct RazoringReport {
  std::string scheme;
  std::int64_t tokens = 0;
  std::vector<RazoredTensor> tensors;
};
template <>
inline constexpr auto fields<RazoringReport> = field_table<RazoringReport>(
    field("scheme", &RazoringReport::scheme, "", any_value, "as asked for"),
    field("tokens", &RazoringReport::tokens, "tokens", non_negative, "of the text that were used"),
    field("tensors", &RazoringReport::tensors, "", any_value,
          "layer by layer, an entry a tensor and group size"));

/// What razoring did to one tensor, groups along its columns: `encoded` is made of `numbers`.
[[nodiscard]] RazoredTensor describe_razored(const EncodedMatrix& encoded,
                                             MatrixView<const float> numbers);

/// Runs the FP32 model over `tokens` as one sequence and razors, with each group size, every weight
/// and every FP32 edge whose format in `scheme` is SDR; V along tokens or head_dim as the scheme
/// says. Throws TraceError, and ConfigError when the scheme razors nothing.
[[nodiscard]] RazoringReport report_razoring(const Model& model,
                                             const std::vector<std::int32_t>& tokens,
                                             const StaticRanges& ranges, const Scheme& scheme,
                                             const std::vector<int>& groups, int threads,
                                             const std::function<void(double)>& progress = {});

}  // namespace razorsim
