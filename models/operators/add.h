// SPDX-License-Identifier: Apache-2.0
// The residual addition.
#pragma once

#include "models/base/tensor_view.h"

namespace razorsim {

/// out = a + b in FP32. All m x n; out may be either input.
void add(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out);

}  // namespace razorsim
