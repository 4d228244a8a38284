// SPDX-License-Identifier: Apache-2.0
#include "sim/app/array_shape.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace razorsim {
namespace {

constexpr std::int64_t largest = 1024;   // the range of array.rows and array.cols
constexpr double near_enough = 0.01;     // chosen
constexpr double largest_stretch = 1.5;  // chosen

double factor(double a, double b) { return a > b ? a / b : b / a; }

/// The last number of columns whose cost is at most `target`, at least 1.
std::int64_t columns_below(std::int64_t rows, double target,
                           const std::function<double(const ArrayShape&)>& cost) {
  std::int64_t low = 1;
  std::int64_t high = largest;
  while (low < high) {
    const std::int64_t middle = (low + high + 1) / 2;
    if (cost({rows, middle}) <= target) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

ArrayShape shape_for(const ArrayShape& own, double target,
                     const std::function<double(const ArrayShape&)>& cost) {
  const double own_aspect = static_cast<double>(own.rows) / static_cast<double>(own.columns);
  ArrayShape best;
  std::tuple<bool, double, double> best_rank{true, INFINITY, INFINITY};
  const auto consider = [&](const ArrayShape& shape) {
    const double off = std::abs(cost(shape) / target - 1);
    const double stretch =
        factor(static_cast<double>(shape.rows) / static_cast<double>(shape.columns), own_aspect);
    const std::tuple rank{stretch > largest_stretch, off <= near_enough ? 0 : off, stretch};
    if (rank < best_rank) {
      best_rank = rank;
      best = shape;
    }
  };
  for (std::int64_t rows = 1; rows <= largest; ++rows) {
    const std::int64_t columns = columns_below(rows, target, cost);
    consider({rows, columns});
    if (columns < largest) consider({rows, columns + 1});
    // More rows only make the single column dearer and the array longer.
    if (columns == 1 && cost({rows, 1}) > target) break;
  }
  return best;
}

}  // namespace razorsim
