// SPDX-License-Identifier: Apache-2.0
#include "sim/app/array_shape.h"

#include <cmath>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

double elements(const ArrayShape& shape) { return static_cast<double>(shape.rows * shape.columns); }

TEST(ArrayShape, IsItselfAtItsOwnCost) {
  for (const ArrayShape own : {ArrayShape{16, 16}, {1, 1}, {7, 31}, {256, 64}, {1024, 1024}}) {
    EXPECT_EQ(shape_for(own, elements(own), elements), own) << own.rows;
  }
}

TEST(ArrayShape, KeepsNearTheShapeOfTheMachine) {
  EXPECT_EQ(shape_for({16, 16}, 100, elements), (ArrayShape{10, 10}));
  EXPECT_EQ(shape_for({32, 8}, 64, elements), (ArrayShape{16, 4}));
  // 97 is prime: 1 x 97 would be exact, 9 x 11 is 2 % off and an array.
  const ArrayShape found = shape_for({16, 16}, 97, elements);
  EXPECT_LT(std::abs(elements(found) / 97 - 1), 0.03);
  EXPECT_LE(found.rows, 2 * found.columns);
  EXPECT_LE(found.columns, 2 * found.rows);
}

TEST(ArrayShape, IsNearestInCostWhereWholeRowsCountTwice) {
  // Each started eight rows cost a shared part of 100 a column.
  const auto cost = [](const ArrayShape& shape) {
    return static_cast<double>(shape.columns * (10 * shape.rows + 100 * ((shape.rows + 7) / 8)));
  };
  const double target = cost({16, 16}) / 3;
  const ArrayShape found = shape_for({16, 16}, target, cost);
  for (std::int64_t rows = found.rows - 2; rows <= found.rows + 2; ++rows) {
    for (std::int64_t columns = found.columns - 2; columns <= found.columns + 2; ++columns) {
      const double stretch =
          std::abs(std::log(static_cast<double>(rows) / static_cast<double>(columns)));
      if (stretch > std::log(1.5)) continue;
      EXPECT_LE(std::abs(cost(found) / target - 1),
                std::max(0.01, std::abs(cost({rows, columns}) / target - 1)));
    }
  }
}

TEST(ArrayShape, StaysInTheRangeOfArrays) {
  EXPECT_EQ(shape_for({16, 16}, 0.001, elements), (ArrayShape{1, 1}));
  EXPECT_EQ(shape_for({16, 16}, 1e9, elements), (ArrayShape{1024, 1024}));
}

}  // namespace
}  // namespace razorsim
