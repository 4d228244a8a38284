// SPDX-License-Identifier: Apache-2.0
#include "models/operators/silu_gate.h"

#include "models/base/errors.h"
#include "models/operators/elementary_vectors.h"

namespace razorsim {

void silu_gate(MatrixView<const float> gate, MatrixView<const float> up, MatrixView<float> out) {
  promise(gate.rows() == up.rows() && gate.cols() == up.cols() && out.rows() == up.rows() &&
              out.cols() == up.cols(),
          "silu_gate takes and makes one shape");
  for (std::int64_t row = 0; row < gate.rows(); ++row) {
    silu_gate_row(gate.row(row), up.row(row), out.row(row));
  }
}

}  // namespace razorsim
