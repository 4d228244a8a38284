// SPDX-License-Identifier: Apache-2.0
#include "traces/calibrate/calibration.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/scales.h"
#include "models/operators/rms_norm.h"
#include "traces/calibrate/row_scales.h"
#include "traces/io/safetensors.h"
#include "traces/io/untrusted.h"
#include "traces/llama/forward.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr const char* format_name = "razorsim calibration 1";
constexpr std::string_view suffix = ".absmax";
constexpr std::string_view row_suffix = ".scale";

/// The smallest magnitude that at least `percentile` percent of all do not exceed.
float clipped_maximum(MatrixView<const float> values, double percentile, int threads) {
  if (percentile == 100) {  // the maximum itself, which needs no order of all
    std::vector<float> most(static_cast<std::size_t>(values.rows()));
    parallel_for(values.rows(), threads, [&](std::int64_t row) {
      most[static_cast<std::size_t>(row)] = absmax(values.row(row));
    });
    return absmax(most);
  }
  std::vector<float> magnitudes;
  magnitudes.reserve(static_cast<std::size_t>(values.size()));
  for (std::int64_t row = 0; row < values.rows(); ++row) {
    for (const float each : values.row(row)) magnitudes.push_back(std::abs(each));
  }
  const auto count = static_cast<double>(magnitudes.size());
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(percentile / 100 * count)));
  const auto at = magnitudes.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(magnitudes.begin(), at, magnitudes.end());
  return *at;
}

std::vector<float> row_scales_in(const Tensor& tensor, const std::string& path,
                                 const std::string& name) {
  std::vector<float> scales;
  for (std::size_t at = 0; tensor.dtype == Dtype::f32 && at < tensor.bytes.size();
       at += sizeof(float)) {
    scales.push_back(load<float>(tensor.bytes.data() + at));
  }
  const auto good = [](float scale) { return scale > 0 && std::isfinite(scale); };
  if (scales.empty() || !std::ranges::all_of(scales, good))
    throw TraceError(fmt::format("{}: {} are no scales", path, in_quotes(name)));
  return scales;
}

}  // namespace

float StaticRanges::absmax_of(std::string_view edge) const {
  const auto found = absmax.find(edge);
  if (found == absmax.end()) {
    throw TraceError(fmt::format("the calibration has no scale for {}", in_quotes(edge)));
  }
  return found->second;
}

std::vector<float> StaticRanges::row_scales_of(std::string_view weight, const FormatSpec& format,
                                               std::int64_t rows) const {
  if (row_scales.empty()) return {};
  const std::string key = row_scales_key(weight, format);
  const auto found = row_scales.find(key);
  if (found == row_scales.end()) return {};
  if (std::ssize(found->second) != rows) {
    throw TraceError(fmt::format("the calibration has {} scales for {}, whose rows are {}",
                                 found->second.size(), in_quotes(key), rows));
  }
  return found->second;
}

StaticRanges calibrate(const Model& model, const std::vector<std::int32_t>& tokens,
                       const CalibrationSpec& spec, int threads) {
  const NetworkSpec& network = model.network();
  const auto used = std::min(std::ssize(tokens), static_cast<std::ptrdiff_t>(spec.tokens));
  if (used == 0) throw TraceError("calibration needs at least one token");
  std::vector<std::int64_t> lengths;
  for (std::int64_t first = 0; first < used; first += spec.context) {
    lengths.push_back(std::min<std::int64_t>(spec.context, used - first));
  }

  StaticRanges calibration;
  calibration.spec = spec;
  calibration.spec.tokens = used;
  calibration.model_sha256 = model.sha256();
  const Tap tap = [&](std::string_view edge, MatrixView<const float> values) {
    if (edge.ends_with(".scores.output") || edge.ends_with(".softmax.output")) return;
    for (std::int64_t row = 0; row < values.rows(); ++row) {
      if (!all_finite(values.row(row)))
        throw TraceError(fmt::format("{}: '{}' overflows FP32", model.path(), edge));
    }
    calibration.absmax[std::string(edge)] = clipped_maximum(values, spec.percentile, threads);
  };
  std::vector<float> stream = embed(model, {tokens.begin(), tokens.begin() + used});
  const MatrixView<float> view(stream.data(), used, network.hidden);
  Products products(threads);
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    forward_layer(network, layer, load_layer(model, layer, threads), lengths, view, products, tap);
  }
  rms_norm(view, model.weight("final_norm.weight"), static_cast<float>(network.norm_epsilon), view);
  tap("final_norm.output", view);
  return calibration;
}

void write_calibration(const StaticRanges& calibration, const std::string& path) {
  std::map<std::string, Tensor> tensors;
  for (const auto& [edge, absmax] : calibration.absmax) {
    tensors.emplace(edge + std::string(suffix), make_tensor<float>({absmax}, {1}));
  }
  for (const auto& [key, scales] : calibration.row_scales) {
    tensors.emplace(key + std::string(row_suffix), make_tensor(scales, {std::ssize(scales)}));
  }
  write_safetensors(path,
                    {{"format", format_name},
                     {"tokens", fmt::format("{}", calibration.spec.tokens)},
                     {"context", fmt::format("{}", calibration.spec.context)},
                     {"percentile", fmt::format("{}", calibration.spec.percentile)},
                     {"model_sha256", calibration.model_sha256},
                     {"text", calibration.text},
                     {"text_sha256", calibration.text_sha256}},
                    tensors);
}

StaticRanges read_calibration(const std::string& path) {
  const Safetensors file = read_safetensors(path);
  const auto fail = [&](const std::string& why) {
    return TraceError(fmt::format("{}: {}", path, why));
  };
  const auto entry = [&](const char* key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      throw fail(fmt::format("no calibration file: its metadata has no '{}'", key));
    return found->second;
  };
  if (entry("format") != format_name) throw fail("no calibration file of this version");
  const auto number = [&](const char* key, Range range) {
    double value = 0;
    const std::string text = entry(key);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !range.holds(value)) {
      throw fail(fmt::format("'{}' is {}", key, in_quotes(text)));
    }
    return value;
  };
  StaticRanges calibration;
  calibration.spec.tokens = static_cast<std::int64_t>(number("tokens", between(1, 1 << 28)));
  calibration.spec.context = static_cast<std::int64_t>(number("context", between(1, 1 << 20)));
  calibration.spec.percentile = number("percentile", between(1, 100));
  calibration.model_sha256 = entry("model_sha256");
  calibration.text = entry("text");
  calibration.text_sha256 = entry("text_sha256");
  for (const auto& [name, tensor] : file.tensors) {
    if (name.ends_with(row_suffix)) {
      const std::string key = name.substr(0, name.size() - row_suffix.size());
      calibration.row_scales.emplace(key, row_scales_in(tensor, path, name));
      continue;
    }
    const bool is_scale = name.ends_with(suffix) && tensor.dtype == Dtype::f32 &&
                          tensor.bytes.size() == sizeof(float);
    const float value = is_scale ? load<float>(tensor.bytes.data()) : -1;
    if (!(value >= 0 && std::isfinite(value)))
      throw fail(fmt::format("{} is no maximum", in_quotes(name)));
    calibration.absmax.emplace(name.substr(0, name.size() - suffix.size()), value);
  }
  return calibration;
}

}  // namespace razorsim
