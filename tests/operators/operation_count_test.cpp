// SPDX-License-Identifier: Apache-2.0
#include "models/operators/operation_count.h"

#include <gtest/gtest.h>

namespace razorsim {
namespace {

TEST(OperationCount, VectorOperationsCostSomethingProductsAndGathersNothing) {
  for (const auto& kind : enum_names<OperationKind>) {
    Operation operation;
    operation.kind = kind.value;
    const bool costs = !operation.is_product() && kind.value != OperationKind::embedding;
    EXPECT_EQ(operation_count(kind.value).element.total() > 0, costs) << kind.name;
    EXPECT_EQ(operation_count(kind.value).passes > 0, costs) << kind.name;
  }
  EXPECT_EQ(softmax_count.element.total(), 6);
  EXPECT_EQ(silu_gate_count.element.divisions + silu_gate_count.element.exponentials, 2);
}

}  // namespace
}  // namespace razorsim
