// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/operations.h"

#include <map>
#include <set>

#include <gmock/gmock.h>

#include "models/base/errors.h"
#include "traces/io/trace_shapes.h"

namespace razorsim {
namespace {

using testing::ElementsAre;

NetworkSpec llama_2_70b() {
  NetworkSpec network;
  network.layers = 80;
  network.hidden = 8192;
  network.intermediate = 28672;
  network.heads = 64;
  network.kv_heads = 8;
  network.head_dim = 128;
  network.vocabulary = 32000;
  return network;
}

const Operation& find(const std::vector<Operation>& operations, const std::string& name) {
  for (const Operation& each : operations) {
    if (each.name == name) return each;
  }
  throw std::runtime_error("no " + name);
}

TEST(LlamaOperations, ALayerInOrder) {
  WorkloadSpec workload;
  workload.first_layer = workload.last_layer = 3;
  std::vector<std::string> names;
  for (const Operation& each : llama_operations(llama_2_70b(), workload))
    names.push_back(each.name.substr(9));
  EXPECT_THAT(names,
              ElementsAre("input_norm", "q_proj", "rope_q", "k_proj", "rope_k", "v_proj", "scores",
                          "softmax", "context", "o_proj", "attn_residual", "post_norm", "gate_proj",
                          "up_proj", "silu_gate", "down_proj", "mlp_residual"));
}

TEST(LlamaOperations, ShapesOfPrefillWithABatchAndSharedHeads) {
  WorkloadSpec workload;
  workload.prompt = 100;
  workload.batch = 3;
  workload.last_layer = 0;
  const std::vector<Operation> operations = llama_operations(llama_2_70b(), workload);
  const Operation& q = find(operations, "layers.0.q_proj");
  EXPECT_EQ((std::vector{q.heads, q.m, q.k, q.n}), (std::vector<std::int64_t>{1, 300, 8192, 8192}));
  EXPECT_EQ(q.weight, "layers.0.q_proj.weight");
  EXPECT_EQ(find(operations, "layers.0.k_proj").n, 1024);
  EXPECT_EQ(find(operations, "layers.0.down_proj").k, 28672);
  const Operation& scores = find(operations, "layers.0.scores");
  EXPECT_EQ((std::vector{scores.heads, scores.kv_heads, scores.m, scores.k, scores.n, scores.past}),
            (std::vector<std::int64_t>{192, 24, 100, 128, 100, 0}));
  EXPECT_THAT(scores.inputs, ElementsAre("layers.0.rope_q.output", "layers.0.rope_k.output"));
  const Operation& context = find(operations, "layers.0.context");
  EXPECT_EQ((std::vector{context.heads, context.m, context.k, context.n}),
            (std::vector<std::int64_t>{192, 100, 100, 128}));
  const Operation& rope = find(operations, "layers.0.rope_k");
  EXPECT_EQ((std::vector{rope.heads, rope.m, rope.k, rope.n}),
            (std::vector<std::int64_t>{24, 100, 0, 128}));
}

TEST(LlamaOperations, DecodeSeesItsPast) {
  WorkloadSpec workload;
  workload.phase = Phase::decode;
  workload.context = 2047;
  workload.batch = 2;
  workload.last_layer = 0;
  const std::vector<Operation> operations = llama_operations(llama_2_70b(), workload);
  EXPECT_EQ(find(operations, "layers.0.q_proj").m, 2);
  const Operation& scores = find(operations, "layers.0.scores");
  EXPECT_EQ((std::vector{scores.m, scores.n, scores.past}),
            (std::vector<std::int64_t>{1, 2048, 2047}));
  EXPECT_EQ(find(operations, "layers.0.softmax").n, 2048);
  EXPECT_EQ(find(operations, "layers.0.softmax").past, 2047);
  EXPECT_EQ(find(operations, "layers.0.context").k, 2048);
}

TEST(LlamaOperations, GenerateMakesItsFirstTokenInThePrefill) {
  WorkloadSpec workload;
  workload.phase = Phase::generate;
  workload.prompt = 10;
  workload.generate = 3;
  const NetworkSpec network = llama_2_70b();
  const std::vector<ForwardPass> passes = forward_passes(workload);
  EXPECT_THAT(passes,
              ElementsAre(ForwardPass{Phase::prefill, 10, 0}, ForwardPass{Phase::decode, 1, 10},
                          ForwardPass{Phase::decode, 1, 11}));
  const std::vector<Operation> prefill = llama_operations(network, workload);
  EXPECT_EQ(prefill, llama_operations(network, workload, passes[0]));
  EXPECT_EQ(std::ssize(prefill), 80 * 17 + 2);
  EXPECT_EQ(find(prefill, "layers.7.scores").n, 10);
  EXPECT_EQ(find(llama_operations(network, workload, passes[1]), "layers.7.scores").n, 11);
  const std::vector<Operation> last = llama_operations(network, workload, passes[2]);
  EXPECT_EQ(find(last, "layers.7.scores").past, 11);
  EXPECT_EQ(find(last, "head").weight, "head.weight");
  workload.phase = Phase::decode;
  workload.context = 11;
  EXPECT_EQ(last, llama_operations(network, workload));
}

TEST(LlamaOperations, TheHeadOnlyWhereTheNetworkEndsOrWhenAsked) {
  WorkloadSpec workload;
  EXPECT_TRUE(llama_operations(llama_2_70b(), workload).back().is_head);
  EXPECT_EQ(llama_operations(llama_2_70b(), workload).back().m,
            1);  // the last token of the one sequence
  workload.first_layer = 1;
  EXPECT_FALSE(llama_operations(llama_2_70b(), workload).back().is_head);
  workload.head = true;
  EXPECT_TRUE(llama_operations(llama_2_70b(), workload).back().is_head);
}

TEST(LlamaOperations, EveryInputIsAnEarlierOutputButTheFirst) {
  WorkloadSpec workload;
  workload.first_layer = 2;
  workload.last_layer = 4;
  std::set<std::string> made{"layers.2.input"};
  std::set<std::string> names;
  for (const Operation& each : llama_operations(llama_2_70b(), workload)) {
    for (const std::string& input : each.inputs)
      EXPECT_TRUE(made.contains(input)) << each.name << ' ' << input;
    made.insert(each.output);
    EXPECT_TRUE(names.insert(each.name).second);
    EXPECT_EQ(each.output, each.name + ".output");
  }
}

TEST(LlamaOperations, AlwaysConsistent) {
  for (const Phase phase : {Phase::prefill, Phase::decode}) {
    for (const std::int64_t batch : {1, 4}) {
      WorkloadSpec workload;
      workload.phase = phase;
      workload.batch = batch;
      workload.head = true;
      workload.last_layer = 1;
      Trace trace;
      trace.network = llama_2_70b();
      trace.operations = llama_operations(trace.network, workload);
      EXPECT_NO_THROW(check_shapes(trace)) << name_of(phase) << ' ' << batch;
    }
  }
}

TEST(LlamaOperations, RefusesNonsenseByName) {
  NetworkSpec network = llama_2_70b();
  network.kv_heads = 7;
  WorkloadSpec workload;
  workload.last_layer = 80;
  try {
    static_cast<void>(llama_operations(network, workload));
    FAIL();
  } catch (const ConfigError& error) {
    std::vector<std::string> paths;
    for (const Problem& each : error.problems()) paths.push_back(each.path);
    EXPECT_THAT(paths, ElementsAre("network.kv_heads", "workload.last_layer"));
  }
}

}  // namespace
}  // namespace razorsim
