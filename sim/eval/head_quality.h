// SPDX-License-Identifier: Apache-2.0
// From the residual streams of several schemes to the quality of each predicted token.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/base/tensor_view.h"
#include "models/operators/matmul_f32.h"
#include "sim/eval/token_quality.h"
#include "traces/llama/model.h"

namespace razorsim {

class HeadQuality {
 public:
  /// Packs the head once. `model` must outlive it.
  HeadQuality(const Model& model, int threads);

  /// Of each stream (tokens x hidden, after the last layer), the quality of each predicted token in
  /// the order of the text; the first stream is the reference. `lengths` are those of the contexts
  /// `tokens` consist of. `progress` is called with the share that is done.
  [[nodiscard]] std::vector<std::vector<TokenQuality>> judge(
      const std::vector<MatrixView<const float>>& streams, std::span<const std::int32_t> tokens,
      std::span<const std::int64_t> lengths, const std::function<void(double)>& progress) const;

 private:
  struct Work;
  void block(Work& work, std::int64_t first) const;

  int threads_;
  float epsilon_;
  std::vector<float> norm_;
  PackedF32 head_;
};

}  // namespace razorsim
