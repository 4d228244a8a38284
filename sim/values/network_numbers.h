// SPDX-License-Identifier: Apache-2.0
// Where the numbers of a whole network come from: the FP32 model, one layer at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/base/aligned_memory.h"
#include "models/base/tensor_view.h"
#include "sim/values/tensor_source.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/forward.h"
#include "traces/llama/model.h"
#include "traces/llama/operations.h"

namespace razorsim {

/// A matrix with its storage, as it travels between processes.
struct StoredMatrix {
  std::string name;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  MatrixElements<float> values;

  [[nodiscard]] static StoredMatrix copy(std::string name, MatrixView<const float> values);
  /// More rows below those there are.
  void append(MatrixView<const float> more);
  [[nodiscard]] MatrixView<const float> view() const { return {values.data(), rows, cols}; }
};
template <>
inline constexpr auto fields<StoredMatrix> = field_table<StoredMatrix>(
    field("name", &StoredMatrix::name, "", any_value, "the tensor"),
    field("rows", &StoredMatrix::rows, "", non_negative, "rows"),
    field("cols", &StoredMatrix::cols, "", non_negative, "columns"),
    field("values", &StoredMatrix::values, "", any_value, "elements, row-major"));

/// The FP32 model on prompts of equal length, one a sequence, and the tokens it makes of them,
/// greedily. Whatever the machine's arithmetic is, these are the tokens that go through it, so that
/// its numbers can be compared with the reference at every step.
class NetworkNumbers {
 public:
  /// Runs the FP32 model over each prompt (for a decode step alone: its context and its token) and
  /// on until it has made `generate` tokens of each. The model must outlive it. Throws TraceError
  /// for a token outside the vocabulary.
  NetworkNumbers(const Model& model, std::vector<std::vector<std::int32_t>> prompts,
                 std::int64_t generate, StaticRanges ranges, int threads);
  ~NetworkNumbers();

  /// Of each sequence, the prompt, then the tokens made.
  [[nodiscard]] const std::vector<std::vector<std::int32_t>>& tokens() const { return tokens_; }

  /// Before the first layer: source() has the rows of the embedding that each pass begins with.
  void begin_embedding(const std::vector<ForwardPass>& passes);
  /// Goes on to layer `layer` (-1: final norm and head), in ascending order: from now on source()
  /// speaks of it.
  void begin_layer(std::int64_t layer, const std::vector<ForwardPass>& passes);
  /// Its tensors in pass `pass`; they live as long as the source does.
  [[nodiscard]] std::shared_ptr<const TensorSource> source(std::size_t pass) const;

  /// Whether later layers or passes read this tensor of a layer.
  [[nodiscard]] static bool flows_on(const std::string& tensor);
  /// For a chain: what the machine made of tensors that later layers or passes read takes the
  /// place of the reference there.
  void flow_on(std::size_t pass, std::vector<StoredMatrix> made);

 private:
  class LayerSource;

  void make_tokens(std::vector<std::int32_t>& tokens, std::int64_t generate);
  /// Rows of the residual stream: `count` from token `first` of sequence `which` on.
  [[nodiscard]] MatrixView<float> stream_of(std::size_t which, std::int64_t first,
                                            std::int64_t count);
  void run_layer(const std::vector<ForwardPass>& passes, bool keep);
  void run_head(const std::vector<ForwardPass>& passes);
  void take_over(const std::vector<ForwardPass>& passes);

  const Model& model_;
  std::vector<std::vector<std::int32_t>> tokens_;
  std::shared_ptr<const StaticRanges> ranges_;
  Products products_;
  int threads_;
  std::int64_t next_layer_ = 0;
  std::int64_t first_kept_ = -1;
  std::vector<std::vector<float>> streams_;  ///< of each sequence, all tokens but the last
  std::vector<std::shared_ptr<LayerSource>> sources_;
  std::vector<StoredMatrix> machine_stream_;  ///< a pass each; empty unless chained
};

}  // namespace razorsim
