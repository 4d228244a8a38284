// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/operations.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Builds the operations of one forward pass.
class Builder {
 public:
  Builder(const NetworkSpec& network, const ForwardPass& pass, std::int64_t batch)
      : net_(network), tokens_(pass.tokens), past_(pass.past), batch_(batch) {}

  void layers(std::int64_t first, std::int64_t last) {
    stream_ = fmt::format("layers.{}.input", first);
    for (std::int64_t layer = first; layer <= last; ++layer) {
      layer_ = static_cast<int>(layer);
      base_ = fmt::format("layers.{}.", layer);
      attention();
      feed_forward();
    }
  }

  void head() {
    layer_ = -1;
    base_.clear();
    // Only the last token of a sequence chooses the next one.
    const std::string normed =
        vector(OperationKind::rms_norm, "final_norm", 1, batch_, net_.hidden, {stream_}, true);
    linear("head", normed, net_.hidden, net_.vocabulary, batch_);
    operations_.back().is_head = true;
  }

  [[nodiscard]] std::vector<Operation> take() { return std::move(operations_); }

 private:
  void attention() {
    const std::int64_t rows = tokens_ * batch_;
    const std::int64_t q_heads = net_.heads * batch_;
    const std::int64_t kv_heads = net_.kv_heads * batch_;
    const std::string normed =
        vector(OperationKind::rms_norm, "input_norm", 1, rows, net_.hidden, {stream_}, true);
    const std::string q = linear("q_proj", normed, net_.hidden, net_.heads * net_.head_dim, rows);
    const std::string query =
        vector(OperationKind::rope, "rope_q", q_heads, tokens_, net_.head_dim, {q});
    const std::string k =
        linear("k_proj", normed, net_.hidden, net_.kv_heads * net_.head_dim, rows);
    const std::string key =
        vector(OperationKind::rope, "rope_k", kv_heads, tokens_, net_.head_dim, {k});
    const std::string value =
        linear("v_proj", normed, net_.hidden, net_.kv_heads * net_.head_dim, rows);
    const std::int64_t seen = past_ + tokens_;
    const std::string scores =
        product(OperationKind::scores, "scores", net_.head_dim, seen, {query, key});
    const std::string weights =
        vector(OperationKind::softmax, "softmax", q_heads, tokens_, seen, {scores});
    operations_.back().past = past_;
    const std::string context =
        product(OperationKind::context, "context", seen, net_.head_dim, {weights, value});
    const std::string projected =
        linear("o_proj", context, net_.heads * net_.head_dim, net_.hidden, rows);
    stream_ =
        vector(OperationKind::add, "attn_residual", 1, rows, net_.hidden, {stream_, projected});
  }

  void feed_forward() {
    const std::int64_t rows = tokens_ * batch_;
    const std::string normed =
        vector(OperationKind::rms_norm, "post_norm", 1, rows, net_.hidden, {stream_}, true);
    const std::string gate = linear("gate_proj", normed, net_.hidden, net_.intermediate, rows);
    const std::string up = linear("up_proj", normed, net_.hidden, net_.intermediate, rows);
    const std::string gated =
        vector(OperationKind::silu_gate, "silu_gate", 1, rows, net_.intermediate, {gate, up});
    const std::string down = linear("down_proj", gated, net_.intermediate, net_.hidden, rows);
    stream_ = vector(OperationKind::add, "mlp_residual", 1, rows, net_.hidden, {stream_, down});
  }

  Operation& append(OperationKind kind, const char* name, std::vector<std::string> inputs) {
    Operation operation;
    operation.name = base_ + name;
    operation.kind = kind;
    operation.layer = layer_;
    operation.inputs = std::move(inputs);
    operation.output = operation.name + ".output";
    return operations_.emplace_back(std::move(operation));
  }

  std::string linear(const char* name, const std::string& input, std::int64_t k, std::int64_t n,
                     std::int64_t m) {
    Operation& operation = append(OperationKind::linear, name, {input});
    operation.m = m;
    operation.k = k;
    operation.n = n;
    operation.weight = base_ + name + ".weight";
    return operation.output;
  }

  std::string product(OperationKind kind, const char* name, std::int64_t k, std::int64_t n,
                      std::vector<std::string> inputs) {
    Operation& operation = append(kind, name, std::move(inputs));
    operation.heads = net_.heads * batch_;
    operation.kv_heads = net_.kv_heads * batch_;
    operation.m = tokens_;
    operation.k = k;
    operation.n = n;
    operation.past = past_;
    return operation.output;
  }

  std::string vector(OperationKind kind, const char* name, std::int64_t heads, std::int64_t m,
                     std::int64_t n, std::vector<std::string> inputs, bool weighted = false) {
    Operation& operation = append(kind, name, std::move(inputs));
    operation.heads = operation.kv_heads = heads;
    operation.m = m;
    operation.n = n;
    if (weighted) operation.weight = base_ + name + ".weight";
    if (kind == OperationKind::rope) operation.past = past_;
    return operation.output;
  }

  const NetworkSpec& net_;
  std::int64_t tokens_;
  std::int64_t past_;
  std::int64_t batch_;
  std::string base_;    // "layers.3."
  std::string stream_;  // the residual stream's latest name
  int layer_ = 0;
  std::vector<Operation> operations_;
};

std::int64_t last_layer(const NetworkSpec& network, const WorkloadSpec& workload) {
  return workload.last_layer < 0 ? network.layers - 1 : workload.last_layer;
}

/// All layers are there.
bool covers(const NetworkSpec& network, const WorkloadSpec& workload) {
  return workload.first_layer == 0 && last_layer(network, workload) == network.layers - 1;
}

void check(const NetworkSpec& network, const WorkloadSpec& workload, std::int64_t last) {
  std::vector<Problem> problems;
  if (network.heads % network.kv_heads != 0) {
    problems.push_back({"network.kv_heads", fmt::format("is {}; allowed: a divisor of heads, {}",
                                                        network.kv_heads, network.heads)});
  }
  if (network.head_dim % 2 != 0) {
    problems.push_back(
        {"network.head_dim", fmt::format("is {}; allowed: an even number", network.head_dim)});
  }
  if (last >= network.layers) {
    problems.push_back(
        {"workload.last_layer", fmt::format("is {}; allowed: 0 to {}", last, network.layers - 1)});
  }
  if (workload.first_layer > last) {
    problems.push_back({"workload.first_layer",
                        fmt::format("is {}; allowed: 0 to {}", workload.first_layer, last)});
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

}  // namespace

std::vector<ForwardPass> forward_passes(const WorkloadSpec& workload) {
  if (workload.phase == Phase::decode) return {{Phase::decode, 1, workload.context}};
  std::vector<ForwardPass> passes = {{Phase::prefill, workload.prompt, 0}};
  if (workload.phase == Phase::prefill) return passes;
  for (std::int64_t made = 1; made < workload.generate; ++made)
    passes.push_back({Phase::decode, 1, workload.prompt + made - 1});
  return passes;
}

std::vector<Operation> llama_operations(const NetworkSpec& network, const WorkloadSpec& workload,
                                        const ForwardPass& pass) {
  const std::int64_t last = last_layer(network, workload);
  check(network, workload, last);
  Builder builder(network, pass, workload.batch);
  builder.layers(workload.first_layer, last);
  if (workload.head || covers(network, workload)) builder.head();
  return builder.take();
}

std::vector<Operation> embedding_operations(const NetworkSpec& network,
                                            const WorkloadSpec& workload, const ForwardPass& pass) {
  if (!covers(network, workload)) return {};
  Operation gather;
  gather.name = "embedding";
  gather.kind = OperationKind::embedding;
  gather.layer = -1;
  gather.m = pass.tokens * workload.batch;
  gather.n = network.hidden;
  gather.inputs = {"embedding.weight"};
  gather.output = "layers.0.input";
  return {gather};
}

std::vector<Operation> llama_operations(const NetworkSpec& network, const WorkloadSpec& workload) {
  return llama_operations(network, workload, forward_passes(workload).front());
}

}  // namespace razorsim
