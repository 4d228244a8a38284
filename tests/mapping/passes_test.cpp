// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/passes.h"

#include <gtest/gtest.h>

namespace razorsim {
namespace {

Operation make(const std::string& name, OperationKind kind, std::vector<std::string> inputs) {
  Operation operation;
  operation.name = name;
  operation.kind = kind;
  operation.inputs = std::move(inputs);
  operation.output = name + ".output";
  return operation;
}

TEST(Passes, FuseWhatFollowsAProduct) {
  const std::vector<Operation> operations = {
      make("norm", OperationKind::rms_norm, {"x"}),
      make("q", OperationKind::linear, {"norm.output"}),
      make("rope", OperationKind::rope, {"q.output"}),
      make("gate", OperationKind::linear, {"norm.output"}),
      make("up", OperationKind::linear, {"norm.output"}),
      make("silu", OperationKind::silu_gate, {"gate.output", "up.output"}),
      make("down", OperationKind::linear, {"silu.output"}),
      make("add", OperationKind::add, {"x", "down.output"}),
  };
  const std::vector<Pass> expected = {{PassKind::vector, {0}},
                                      {PassKind::product, {1, 2}},
                                      {PassKind::product, {3, 4, 5}},
                                      {PassKind::product, {6, 7}}};
  EXPECT_EQ(passes_of(operations), expected);
}

TEST(Passes, LeaveAnEpilogueAloneThatReadsSomethingElse) {
  const std::vector<Operation> operations = {make("q", OperationKind::linear, {"x"}),
                                             make("rope", OperationKind::rope, {"k.output"})};
  EXPECT_EQ(passes_of(operations).size(), 2u);
}

TEST(Passes, AttentionIsOnePass) {
  const std::vector<Operation> operations = {make("s", OperationKind::scores, {"q", "k"}),
                                             make("p", OperationKind::softmax, {"s.output"}),
                                             make("c", OperationKind::context, {"p.output", "v"})};
  const std::vector<Pass> expected = {{PassKind::attention, {0, 1, 2}}};
  EXPECT_EQ(passes_of(operations), expected);
}

TEST(Passes, TensorsAreStoredAsTheirReadersWantThem) {
  const Scheme scheme = scheme_from_name("W4A4KV4:g16");
  const std::vector<Operation> operations = {make("s", OperationKind::scores, {"q", "k"}),
                                             make("p", OperationKind::softmax, {"s.output"}),
                                             make("c", OperationKind::context, {"p.output", "v"}),
                                             make("o", OperationKind::linear, {"c.output"}),
                                             make("add", OperationKind::add, {"x", "o.output"})};
  EXPECT_EQ(stored_format("q", operations, scheme), scheme.query);
  EXPECT_EQ(stored_format("k", operations, scheme), scheme.key);
  EXPECT_EQ(stored_format("v", operations, scheme), scheme.value);
  EXPECT_EQ(stored_format("c.output", operations, scheme), scheme.activations);
  EXPECT_EQ(stored_format("o.output", operations, scheme).name, "fp32");
  EXPECT_EQ(stored_format("nobody reads it", operations, scheme).name, "fp32");
}

}  // namespace
}  // namespace razorsim
