// SPDX-License-Identifier: Apache-2.0
// The gate of the feed-forward network: silu(gate) * up.
#pragma once

#include "models/base/tensor_view.h"

namespace razorsim {

/// out = (gate / (1 + exp(-gate))) * up, FP32, own exp. All m x n; out may be either input.
void silu_gate(MatrixView<const float> gate, MatrixView<const float> up, MatrixView<float> out);

}  // namespace razorsim
