// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/razoring_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "sim/eval/quality_sums.h"
#include "sim/values/tensor_source.h"
#include "traces/llama/forward.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

/// An FP32 edge that is an operand of some operation.
struct Edge {
  std::string_view name;  ///< "input_norm" of "layers.3.input_norm.output"
  Operand operand;
  std::string_view reader;  ///< the operation whose overrides count
};
constexpr auto edges = std::to_array<Edge>({
    {"input_norm", Operand::activations, "q_proj"},
    {"rope_q", Operand::query, "scores"},
    {"rope_k", Operand::key, "scores"},
    {"v_proj", Operand::value, "context"},
    {"context", Operand::activations, "o_proj"},
    {"post_norm", Operand::activations, "gate_proj"},
    {"silu_gate", Operand::activations, "down_proj"},
});

std::string name_of(Operand operand) {
  for (const auto& each : enum_names<Operand>) {
    if (each.value == operand) return std::string(each.name);
  }
  throw Defect("unknown operand");
}

class Reporter {
 public:
  Reporter(const Model& model, const StaticRanges& ranges, const Scheme& scheme,
           const std::vector<int>& groups, int threads)
      : model_(model), ranges_(ranges), scheme_(scheme), groups_(groups), threads_(threads) {}

  void weights(std::int64_t layer, const LayerWeights& weights) {
    const std::array<const std::vector<float>*, 7> all{
        &weights.q_proj,    &weights.k_proj,  &weights.v_proj,   &weights.o_proj,
        &weights.gate_proj, &weights.up_proj, &weights.down_proj};
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string operation =
          fmt::format("layers.{}.{}", layer, name_of_projection(static_cast<Projection>(i)));
      const ModelTensor& shape = model_.tensor(operation + ".weight");
      const std::string name = operation + ".weight";
      const MatrixView<const float> numbers(all[i]->data(), shape.rows, shape.cols);
      add(name, Operand::weights, scheme_.format_of(Operand::weights, operation), numbers,
          [&](const FormatSpec& format) {
            return encode(format, numbers, {ranges_.row_scales_of(name, format, shape.rows)});
          });
    }
  }

  void edge(std::string_view name, MatrixView<const float> values) {
    const std::string_view stem = name.substr(0, name.size() - std::string_view(".output").size());
    const std::size_t dot = stem.rfind('.');
    const auto found = std::ranges::find(edges, stem.substr(dot + 1), &Edge::name);
    if (found == edges.end()) return;
    const FormatSpec& format = scheme_.format_of(
        found->operand, std::string(stem.substr(0, dot + 1)) + std::string(found->reader));
    if (format.name != "sdr") return;
    const float absmax =
        format.calibration == Calibration::from_file ? ranges_.absmax_of(name) : 1.0F;
    const std::int64_t dim = model_.network().head_dim;
    std::vector<float> columns;
    if (found->operand == Operand::value && scheme_.value_axis == ValueAxis::tokens) {
      columns = transposed(values);
      values = {columns.data(), values.cols(), values.rows()};
    } else if (found->operand != Operand::activations) {  // groups end with their head
      values = {values.data(), values.size() / dim, dim};
    }
    add(std::string(name), found->operand, format, values,
        [&](const FormatSpec& grouped) { return encode_numbers(values, grouped, absmax); });
  }

  std::vector<RazoredTensor> take() { return std::move(tensors_); }

 private:
  /// `encode` gets the format with each group size.
  template <class Encode>
  void add(const std::string& tensor, Operand operand, const FormatSpec& format,
           MatrixView<const float> numbers, const Encode& encode) {
    if (format.name != "sdr") return;
    const std::size_t first = tensors_.size();
    tensors_.resize(first + groups_.size());
    parallel_for(std::ssize(groups_), threads_, [&](std::int64_t i) {
      FormatSpec grouped = format;
      grouped.group = groups_[static_cast<std::size_t>(i)];
      RazoredTensor& made = tensors_[first + static_cast<std::size_t>(i)];
      made = describe_razored(encode(grouped), numbers);
      made.tensor = tensor;
      made.operand = name_of(operand);
    });
  }

  const Model& model_;
  const StaticRanges& ranges_;
  const Scheme& scheme_;
  const std::vector<int>& groups_;
  int threads_;
  std::vector<RazoredTensor> tensors_;
};

}  // namespace

RazoredTensor describe_razored(const EncodedMatrix& encoded, MatrixView<const float> numbers) {
  const FormatSpec& format = encoded.format;
  const auto count = static_cast<double>(numbers.size());
  RazoredTensor made;
  made.base_bits = format.base_bits;
  made.magnitude_bits = format.magnitude_bits;
  made.group = format.group;
  made.elements = numbers.size();
  made.flags.resize(static_cast<std::size_t>(traits_of(format).largest_group_code) + 1);
  std::int64_t zeros = 0;
  std::int64_t zero_groups = 0;
  std::int64_t cut = 0;
  auto flag = encoded.group_codes.begin();
  for (std::int64_t row = 0; row < encoded.rows; ++row) {
    const auto codes = encoded.codes_view().row(row);
    for (std::size_t first = 0; first < codes.size(); ++flag) {
      const auto part = codes.subspan(
          first, std::min(codes.size() - first, static_cast<std::size_t>(format.group)));
      const auto here = std::ranges::count(part, std::int16_t{0});
      zeros += here;
      zero_groups += here == std::ssize(part) ? 1 : 0;
      cut += *flag * std::ssize(part);
      ++made.flags[*flag];
      first += part.size();
    }
  }
  const std::vector<float> razored = decode(encoded);
  const ErrorSums errors = error_sums(numbers, {razored.data(), numbers.rows(), numbers.cols()}, 1);
  float largest = 0;
  for (std::int64_t row = 0; row < numbers.rows(); ++row) {
    for (const float each : numbers.row(row)) largest = std::max(largest, std::abs(each));
  }
  made.truncated_bits = static_cast<double>(cut) / count;
  made.zero_codes = static_cast<double>(zeros) / count;
  made.zero_groups =
      static_cast<double>(zero_groups) / static_cast<double>(std::ssize(encoded.group_codes));
  made.outlier_ratio =
      errors.signal > 0 ? static_cast<double>(largest) / std::sqrt(errors.signal / count) : 0;
  made.sqnr_db = sqnr_db(errors);
  return made;
}

RazoringReport report_razoring(const Model& model, const std::vector<std::int32_t>& tokens,
                               const StaticRanges& ranges, const Scheme& scheme,
                               const std::vector<int>& groups, int threads,
                               const std::function<void(double)>& progress) {
  if (tokens.empty()) throw TraceError("a razoring report needs at least one token");
  const NetworkSpec& network = model.network();
  Reporter reporter(model, ranges, scheme, groups, threads);
  std::vector<float> stream = embed(model, tokens);
  Products products(threads);
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    const LayerWeights weights = load_layer(model, layer, threads);
    reporter.weights(layer, weights);
    forward_layer(network, layer, weights, {std::ssize(tokens)},
                  {stream.data(), std::ssize(tokens), network.hidden}, products,
                  [&](std::string_view edge, MatrixView<const float> values) {
                    if (edge.ends_with(".output")) reporter.edge(edge, values);
                  });
    if (progress) progress(static_cast<double>(layer + 1) / static_cast<double>(network.layers));
  }
  RazoringReport report{scheme.name, std::ssize(tokens), reporter.take()};
  if (report.tensors.empty())
    throw ConfigError("--scheme", fmt::format("is {}, which razors no tensor", scheme.name));
  return report;
}

}  // namespace razorsim
