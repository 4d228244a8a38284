// SPDX-License-Identifier: Apache-2.0
#include "traces/io/trace_shapes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "traces/io/dequantise.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

constexpr std::int64_t most_macs = std::int64_t{1}
                                   << 60;  // an operation; sums of some still fit int64

/// What the operations say about one name.
struct Edge {
  std::int64_t elements = 0;
  std::int64_t cols = 0;       // 0: only the number of elements is known
  std::int64_t reduction = 0;  // length along which a product reduces it, 0: none does
  bool is_weight = false;
};

class Checker {
 public:
  explicit Checker(const Trace& trace) : trace_(trace) {}

  void check() {
    std::set<std::string> names;
    for (const Operation& operation : trace_.operations) {
      operation_ = &operation;
      if (!names.insert(operation.name).second) fail("occurs twice");
      shape(operation);
      switch (operation.kind) {
        case OperationKind::linear: linear(operation); break;
        case OperationKind::scores:
        case OperationKind::context: attention(operation); break;
        default: vector(operation);
      }
    }
    for (const auto& [name, edge] : edges_) tensors(name, edge);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw TraceError(fmt::format("operation {} {}", in_quotes(operation_->name), why));
  }

  void shape(const Operation& op) const {
    if (op.kind == OperationKind::embedding)
      fail("is an embedding; a trace begins with the rows it made");
    if (std::min({op.heads, op.kv_heads, op.m, op.n}) < 1) fail("has an extent of 0");
    std::int64_t macs = op.heads;
    for (const std::int64_t extent : {op.m, op.n, std::max<std::int64_t>(op.k, 1)}) {
      if (!multiply(macs, extent, macs) || macs > most_macs) fail("is absurdly large");
    }
    if (op.is_product() != (op.k > 0)) fail("has a reduction length that its kind can't have");
    if (op.heads % op.kv_heads != 0) fail("has kv_heads that do not divide its heads");
    if (op.layer >= trace_.network.layers) fail("belongs to a layer that the network lacks");
    const bool two = op.kind == OperationKind::scores || op.kind == OperationKind::context ||
                     op.kind == OperationKind::silu_gate || op.kind == OperationKind::add;
    if (op.inputs.size() != (two ? 2U : 1U)) fail("has the wrong number of inputs");
    const bool weighted = op.kind == OperationKind::linear || op.kind == OperationKind::rms_norm;
    if (op.weight.empty() == weighted) fail(weighted ? "has no weight" : "has a weight");
    if (op.output.empty()) fail("has no output");
    const bool causal = op.kind == OperationKind::scores || op.kind == OperationKind::softmax ||
                        op.kind == OperationKind::context;
    const std::int64_t seen = op.kind == OperationKind::context ? op.k : op.n;
    if (causal && seen != op.past + op.m) fail("does not see its past and new tokens");
  }

  void linear(const Operation& op) {
    if (op.heads != 1) fail("is linear and has more than one head");
    expect(op.inputs[0], {op.m * op.k, op.k, op.k, false});
    expect(op.weight, {op.n * op.k, op.k, op.k, true});
    expect(op.output, {op.m * op.n, op.n, 0, false});
  }

  void attention(const Operation& op) {
    const bool scores = op.kind == OperationKind::scores;
    const std::int64_t left = op.heads * op.m * op.k;
    const std::int64_t right = op.kv_heads * op.m * (scores ? op.k : op.n);  // the new tokens only
    expect(op.inputs[0], {left, scores ? 0 : op.k, op.k, false});
    expect(op.inputs[1], {right, 0, scores ? op.k : op.m, false});
    expect(op.output, {op.heads * op.m * op.n, scores ? op.n : 0, 0, false});
  }

  void vector(const Operation& op) {
    const std::int64_t elements = op.heads * op.m * op.n;
    const std::int64_t cols = op.kind == OperationKind::rope ? 0 : op.n;
    // final_norm reads the last token of a sequence out of the whole stream.
    const bool picks = op.kind == OperationKind::rms_norm && op.layer < 0;
    for (const std::string& input : op.inputs) {
      if (!picks) expect(input, {elements, cols, 0, false});
    }
    if (!op.weight.empty()) expect(op.weight, {op.n, op.n, 0, true});
    expect(op.output, {elements, cols, 0, false});
  }

  void expect(const std::string& name, const Edge& wanted) {
    const auto [place, is_new] = edges_.try_emplace(name, wanted);
    if (is_new) return;
    Edge& known = place->second;
    if (known.elements != wanted.elements || known.is_weight != wanted.is_weight ||
        (known.cols != 0 && wanted.cols != 0 && known.cols != wanted.cols) ||
        (known.reduction != 0 && wanted.reduction != 0 && known.reduction != wanted.reduction)) {
      fail(fmt::format("contradicts an earlier one about the shape of {}", in_quotes(name)));
    }
    known.cols = std::max(known.cols, wanted.cols);
    known.reduction = std::max(known.reduction, wanted.reduction);
  }

  /// Whether there is a tensor `name`; throws when it is not of `dtype` and `elements`.
  bool fits(const std::string& name, Dtype dtype, std::int64_t elements, std::int64_t cols) const {
    const auto found = trace_.tensors.find(name);
    if (found == trace_.tensors.end()) return false;
    const Tensor& tensor = found->second;
    if (tensor.dtype != dtype || tensor.rows() * tensor.cols() != elements ||
        (cols != 0 && tensor.cols() != cols)) {
      throw TraceError(fmt::format("tensor {} has another dtype or shape than its operations say",
                                   in_quotes(name)));
    }
    return true;
  }

  void tensors(const std::string& name, const Edge& edge) const {
    fits(name, Dtype::f32, edge.elements, edge.cols);
    fits(name + ".absmax", Dtype::f32, 1, 1);
    const std::int64_t rows = edge.cols == 0 ? 1 : edge.elements / edge.cols;
    for (const auto& [suffix, dtype] : {std::pair{".base8", Dtype::i8}, {".base16", Dtype::i16}}) {
      if (!fits(name + suffix, dtype, edge.elements, edge.cols)) continue;
      const std::int64_t scales = edge.is_weight ? rows : 1;
      if (!fits(name + suffix + ".scale", Dtype::f32, scales, 0)) {
        throw TraceError(fmt::format("tensor {} has no scale", in_quotes(name + suffix)));
      }
    }
    if (edge.is_weight) source(name, rows, edge.cols);
    if (edge.reduction == 0) return;
    const std::int64_t k = edge.reduction;
    const std::int64_t groups = ceil_div(k, trace_group);
    fits(name + ".sdr4.codes", Dtype::u8, edge.elements / k * ceil_div<std::int64_t>(k, 2),
         ceil_div<std::int64_t>(k, 2));
    fits(name + ".sdr4.flags", Dtype::u8, edge.elements / k * groups, groups);
  }

  void source(const std::string& name, std::int64_t rows, std::int64_t cols) const {
    const auto encoding = trace_.encodings.find(name);
    if (encoding == trace_.encodings.end()) return;
    const std::int64_t pitch = row_bytes(encoding_named(encoding->second), cols);
    fits(name + ".source", Dtype::u8, rows * pitch, pitch);
  }

  const Trace& trace_;
  const Operation* operation_ = nullptr;
  std::map<std::string, Edge> edges_;
};

}  // namespace

void check_shapes(const Trace& trace) { Checker(trace).check(); }

}  // namespace razorsim
