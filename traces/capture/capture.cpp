// SPDX-License-Identifier: Apache-2.0
#include "traces/capture/capture.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/operators/rms_norm.h"
#include "traces/capture/integers.h"
#include "traces/llama/forward.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

// Counts changes of what capture writes. Not the program's version, which changes for other reasons
// and would then change the bytes of every trace.
constexpr const char* tool = "razorsim capture 1";
// What check-trace of razorsim_tools looks for.
constexpr const char* row_scales_searched = "; row scales searched";

/// Fills the tensors of a trace whose operations are known.
class Recorder {
 public:
  Recorder(const Model& model, const StaticRanges& calibration, const Scheme& scheme, Trace& trace)
      : model_(model), calibration_(calibration), scheme_(scheme), trace_(trace) {}

  /// An FP32 edge of a layer, if the trace's operations name it.
  void edge(const std::string& name, MatrixView<const float> values) {
    if (!is_edge(name) || trace_.has(name)) return;
    std::vector<float> copy;
    for (std::int64_t row = 0; row < values.rows(); ++row) {
      copy.insert(copy.end(), values.row(row).begin(), values.row(row).end());
    }
    trace_.tensors.emplace(name, make_tensor(std::move(copy), {values.rows(), values.cols()}));
    // Nothing quantises raw scores or logits.
    if (name.ends_with(".scores.output") || name == "head.output") return;
    const bool unit = name.ends_with(".softmax.output");  // probabilities, whatever the text
    const float absmax = unit ? 1.0F : std::max(calibration_.absmax_of(name), smallest_absmax);
    trace_.tensors.emplace(name + ".absmax", make_tensor<float>({absmax}, {1}));
  }

  /// What the products of the trace reduce: weights and K and V at base 8, everything else at
  /// base 16.
  void integers(const Operation& operation) {
    if (!operation.is_product()) return;
    left(operation);
    if (operation.kind == OperationKind::linear) {
      weight(operation);
    } else if (const std::string& name = operation.inputs[1]; trace_.has(name)) {
      const bool value = operation.kind == OperationKind::context;
      add(name, 8, {value ? operation.m : operation.k, value});
    }
  }

  void norm_weight(const std::string& name) { source(name); }

 private:
  [[nodiscard]] bool is_edge(const std::string& name) const {
    return std::any_of(
        trace_.operations.begin(), trace_.operations.end(), [&](const Operation& each) {
          return each.output == name ||
                 std::find(each.inputs.begin(), each.inputs.end(), name) != each.inputs.end();
        });
  }

  void left(const Operation& operation) {
    const std::string& name = operation.inputs[0];
    if (!trace_.has(name + ".base16")) add(name, 16, {operation.k, false});
  }

  void add(const std::string& name, int bits, ReductionLayout layout) {
    const float absmax = trace_.tensor(name + ".absmax").view<float>()(0, 0);
    add_integers(trace_.tensors, name, trace_.tensor(name).view<float>(), bits,
                 {scale_of_absmax(absmax, bits)}, layout);
  }

  void weight(const Operation& operation) {
    source(operation.weight);
    const std::vector<float> values = model_.weight(operation.weight);
    add_integers(trace_.tensors, operation.weight, {values.data(), operation.n, operation.k}, 8,
                 row_scales(operation), {operation.k, false});
  }

  /// Those searched for the trace's scheme, where it starts from base 8; else the rows' own maxima.
  std::vector<float> row_scales(const Operation& operation) {
    const FormatSpec& format = scheme_.format_of(Operand::weights, operation.name);
    if (traits_of(format).base_bits != 8) return {};
    return calibration_.row_scales_of(operation.weight, format, operation.n);
  }

  void source(const std::string& name) {
    const ModelTensor& from = model_.tensor(name);
    trace_.encodings[name] = name_of(from.encoding);
    trace_.tensors.emplace(
        name + ".source",
        make_tensor(model_.source(name), {from.rows, row_bytes(from.encoding, from.cols)}));
  }

  const Model& model_;
  const StaticRanges& calibration_;
  const Scheme& scheme_;
  Trace& trace_;
};

/// The last token's way through final norm and head.
void record_head(const Model& model, MatrixView<const float> stream, Recorder& recorder,
                 int threads) {
  const NetworkSpec& network = model.network();
  const auto last = stream.block(stream.rows() - 1, 0, 1, stream.cols());
  std::vector<float> normed(static_cast<std::size_t>(network.hidden));
  const MatrixView<float> view(normed.data(), 1, network.hidden);
  rms_norm(last, model.weight("final_norm.weight"), static_cast<float>(network.norm_epsilon), view);
  recorder.edge("final_norm.output", view);
  const std::vector<float> scores = logits(model, last, threads);
  recorder.edge("head.output", {scores.data(), 1, network.vocabulary});
}

}  // namespace

std::string file_name(const std::string& path) {
  const std::filesystem::path whole(path);
  return whole.filename().empty() ? whole.parent_path().filename() : whole.filename();
}

Trace capture(const Model& model, const std::vector<std::int32_t>& tokens,
              const StaticRanges& calibration, const Scheme& scheme, const CaptureSpec& spec,
              Provenance provenance, int threads) {
  const NetworkSpec& network = model.network();
  if (std::ssize(tokens) < spec.tokens) {
    throw TraceError(
        fmt::format("{} tokens are to be captured; the text has {}", spec.tokens, tokens.size()));
  }
  Trace trace;
  trace.network = network;
  trace.scheme = scheme;
  trace.tokens.assign(tokens.begin(), tokens.begin() + spec.tokens);
  trace.provenance = std::move(provenance);
  trace.provenance.tool = tool;
  trace.provenance.model = file_name(model.path());
  trace.provenance.model_sha256 = model.sha256();
  if (calibration.model_sha256 != trace.provenance.model_sha256) {
    throw TraceError("the calibration was made with another model");
  }
  trace.provenance.calibration = fmt::format("percentile {} of {} tokens in contexts of {} from {}",
                                             calibration.spec.percentile, calibration.spec.tokens,
                                             calibration.spec.context, calibration.text);
  if (!calibration.row_scales.empty()) trace.provenance.calibration += row_scales_searched;
  trace.provenance.calibration_sha256 = calibration.text_sha256;

  WorkloadSpec workload;
  workload.prompt = spec.tokens;
  workload.first_layer = spec.first_layer;
  workload.last_layer = spec.last_layer < 0 ? network.layers - 1 : spec.last_layer;
  workload.head = spec.head;
  trace.operations = llama_operations(network, workload);
  if (spec.head && workload.last_layer != network.layers - 1) {
    throw ConfigError("capture.head", "is true; allowed: only with the network's last layer");
  }

  Recorder recorder(model, calibration, scheme, trace);
  std::vector<float> stream = embed(model, trace.tokens);
  const MatrixView<float> view(stream.data(), spec.tokens, network.hidden);
  Products products(threads);
  for (std::int64_t layer = 0; layer <= workload.last_layer; ++layer) {
    const Tap tap = [&](std::string_view edge, MatrixView<const float> values) {
      recorder.edge(std::string(edge), values);
    };
    forward_layer(network, layer, load_layer(model, layer), {spec.tokens}, view, products,
                  layer < workload.first_layer ? Tap() : tap);
  }
  if (trace.operations.back().is_head) record_head(model, view, recorder, threads);
  for (const Operation& operation : trace.operations) {
    if (operation.kind == OperationKind::rms_norm) recorder.norm_weight(operation.weight);
    recorder.integers(operation);
  }
  return trace;
}

}  // namespace razorsim
