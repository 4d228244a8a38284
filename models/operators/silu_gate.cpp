// SPDX-License-Identifier: Apache-2.0
#include "models/operators/silu_gate.h"

#include <vector>

#include "models/base/errors.h"
#include "models/operators/elementary.h"

namespace razorsim {

void silu_gate(MatrixView<const float> gate, MatrixView<const float> up, MatrixView<float> out) {
  promise(gate.rows() == up.rows() && gate.cols() == up.cols() && out.rows() == up.rows() &&
              out.cols() == up.cols(),
          "silu_gate takes and makes one shape");
  std::vector<float> exponentials(static_cast<std::size_t>(gate.cols()));
  for (std::int64_t row = 0; row < gate.rows(); ++row) {
    const auto g = gate.row(row);
    const auto u = up.row(row);
    const auto to = out.row(row);
    for (std::size_t i = 0; i < g.size(); ++i) exponentials[i] = -g[i];
    exp_f32(exponentials, exponentials);
    for (std::size_t i = 0; i < g.size(); ++i) to[i] = (g[i] / (1.0F + exponentials[i])) * u[i];
  }
}

}  // namespace razorsim
