// SPDX-License-Identifier: Apache-2.0
#include "models/operators/add.h"

#include "models/base/errors.h"

namespace razorsim {

void add(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out) {
  promise(a.rows() == b.rows() && a.cols() == b.cols() && out.rows() == b.rows() &&
              out.cols() == b.cols(),
          "add takes and makes one shape");
  for (std::int64_t row = 0; row < a.rows(); ++row) {
    const auto left = a.row(row);
    const auto right = b.row(row);
    const auto to = out.row(row);
    for (std::size_t i = 0; i < left.size(); ++i) to[i] = left[i] + right[i];
  }
}

}  // namespace razorsim
