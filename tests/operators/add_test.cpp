// SPDX-License-Identifier: Apache-2.0
#include "models/operators/add.h"

#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

TEST(Add, AddsInPlace) {
  std::vector<float> a = {1, 2, 3, 4};
  const std::vector<float> b = {10, 20, 30, 40};
  add({a.data(), 2, 2}, {b.data(), 2, 2}, {a.data(), 2, 2});
  EXPECT_EQ(a, (std::vector<float>{11, 22, 33, 44}));
  EXPECT_THROW(add({a.data(), 2, 2}, {b.data(), 1, 4}, {a.data(), 2, 2}), Defect);
}

}  // namespace
}  // namespace razorsim
