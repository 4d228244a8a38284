// SPDX-License-Identifier: Apache-2.0
// Attention of one sequence in a scheme's formats, exact integers up to the softmax and after it.
#pragma once

#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "traces/llama/forward.h"

namespace razorsim {

struct AttentionFormats {
  FormatSpec query;
  FormatSpec key;
  FormatSpec softmax;
  FormatSpec value;
  ValueAxis value_axis = ValueAxis::tokens;
};

/// Largest magnitudes from calibration.
struct AttentionRanges {
  float query = 1;
  float key = 1;
  float value = 1;
};

/// Integer formats only. K is razored along head_dim. V along tokens: a query at position t sees
/// groups that were full by t razored and the rest at their base, never flags made with later
/// tokens.
void attend_in_formats(const NetworkSpec& network, const AttentionFormats& formats,
                       const AttentionRanges& ranges, const AttentionOperands& operands,
                       MatrixView<float> out, int threads);

}  // namespace razorsim
