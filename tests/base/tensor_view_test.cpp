// SPDX-License-Identifier: Apache-2.0
#include "models/base/tensor_view.h"

#include <gtest/gtest.h>

namespace razorsim {
namespace {

TEST(TensorView, ABlockIsAWindowOnTheSameElements) {
  int data[12] = {};
  const MatrixView<int> whole(data, 3, 4);
  const MatrixView<int> block = whole.block(1, 1, 2, 2);
  block(1, 1) = 7;
  EXPECT_EQ(whole(2, 2), 7);
  EXPECT_EQ(block.stride(), 4);
  EXPECT_EQ(block.row(1)[1], 7);
  EXPECT_EQ(block.row(0).size(), 2U);
  const MatrixView<const int> constant = block;
  EXPECT_EQ(constant(1, 1), 7);
  EXPECT_TRUE(MatrixView<int>().empty());
}

}  // namespace
}  // namespace razorsim
