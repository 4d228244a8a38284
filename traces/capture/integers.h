// SPDX-License-Identifier: Apache-2.0
// The integer members of a tensor's family in a trace: base integers, scales, razored codes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/base/tensor_view.h"
#include "traces/io/safetensors.h"

namespace razorsim {

/// How the product that reduces a tensor lays it out: contiguous runs of `k` elements, or (V, which
/// is reduced over tokens) its columns.
struct ReductionLayout {
  std::int64_t k = 0;
  bool along_rows = false;
};

/// Adds "<name>.base<bits>", its scale and "<name>.sdr4.codes", ".flags" to `tensors`. `scales` are
/// one, static, of an activation; of a weight one a row, or none: then the rows' own maxima make
/// them.
void add_integers(std::map<std::string, Tensor>& tensors, const std::string& name,
                  MatrixView<const float> values, int bits, std::vector<float> scales,
                  ReductionLayout layout);

}  // namespace razorsim
