// SPDX-License-Identifier: Apache-2.0
// A LLaMA checkpoint, from a GGUF file or a Hugging Face folder, seen through one set of names:
//   embedding.weight
//   layers.<i>.{input_norm,q_proj,k_proj,v_proj,o_proj,post_norm,gate_proj,up_proj,
//   down_proj}.weight  final_norm.weight  head.weight
// Weights stay in the mapped file until asked for.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/operation.h"
#include "models/base/tensor_view.h"
#include "traces/io/dequantise.h"
#include "traces/io/mapped_file.h"

namespace razorsim {

/// rows x cols in the checkpoint's own encoding.
struct ModelTensor {
  Encoding encoding = Encoding::f32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::span<const std::byte> bytes;
  /// GGUF stores the rows of Q and K so that rotary pairs lie side by side; where this is not 0,
  /// heads of that many rows are put back into Hugging Face's order (pairs half a head apart).
  std::int64_t interleaved_head = 0;

  /// The bytes of row `row`, rows counted in Hugging Face's order.
  [[nodiscard]] std::span<const std::byte> row(std::int64_t row) const;
};

class Model {
 public:
  /// Opens a .gguf file or a folder with config.json. Throws TraceError, one line: unknown
  /// architecture or quantisation by name, missing tensors, shapes that contradict the
  /// configuration.
  explicit Model(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const NetworkSpec& network() const { return network_; }
  /// Longest sequence it is made for, 0 where the checkpoint does not say.
  [[nodiscard]] std::int64_t maximum_context() const { return maximum_context_; }
  [[nodiscard]] const ModelTensor& tensor(std::string_view name) const;
  /// Rows first .. first + count - 1 in FP32, row-major. Throws TraceError where one holds NaN or
  /// infinity.
  [[nodiscard]] std::vector<float> rows(std::string_view name, std::int64_t first,
                                        std::int64_t count) const;
  [[nodiscard]] std::vector<float> weight(std::string_view name) const;
  /// The whole tensor in its encoding, rows in Hugging Face's order.
  [[nodiscard]] std::vector<std::uint8_t> source(std::string_view name) const;
  /// SHA-256 of the file; of a folder's weight files, in the order of their names, one after the
  /// other.
  [[nodiscard]] std::string sha256() const;

 private:
  void check() const;

  std::string path_;
  NetworkSpec network_;
  std::int64_t maximum_context_ = 0;
  std::vector<MappedFile> files_;
  std::map<std::string, ModelTensor, std::less<>> tensors_;
};

/// One decoder layer in FP32, each n x k row-major (norms: n).
struct LayerWeights {
  std::vector<float> input_norm, q_proj, k_proj, v_proj, o_proj, post_norm, gate_proj, up_proj,
      down_proj;
};
/// The same bits on any number of threads.
[[nodiscard]] LayerWeights load_layer(const Model& model, std::int64_t layer, int threads = 1);

}  // namespace razorsim
