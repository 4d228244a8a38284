// SPDX-License-Identifier: Apache-2.0
// What went into operations and came out of them, as files: for other tools, and to find where two
// runs part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "traces/io/safetensors.h"

namespace razorsim {

/// The tensors of one operation by their names in its file.
using DumpedTensors = std::map<std::string, Tensor>;

/// Adds an operand as a unit takes it, rows along the reduction:
/// - `<name>.codes`, rows x cols, I8 or I16: signed codes (of SDR mantissas), bits of FP4 and FP16;
/// - `<name>.flags`, rows x groups, U8: SDR's; `<name>.block_scales` the same of MXFP4 and NVFP4;
/// - `<name>.scale`, F32: 1, rows, or rows x groups;
/// - `<name>`, rows x cols, F32, in place of all these: of a format whose elements are FP32
/// numbers.
void add_operand(DumpedTensors& to, const std::string& name, const EncodedMatrix& operand);

/// Adds a matrix as it is.
template <class T>
void add_matrix(DumpedTensors& to, const std::string& name, MatrixView<const T> matrix) {
  std::vector<T> elements;
  elements.reserve(static_cast<std::size_t>(matrix.size()));
  for (std::int64_t row = 0; row < matrix.rows(); ++row)
    elements.insert(elements.end(), matrix.row(row).begin(), matrix.row(row).end());
  to.insert_or_assign(name, make_tensor(std::move(elements), {matrix.rows(), matrix.cols()}));
}

/// Where dumped tensors go, and of which operations. A default one wants none.
class TensorDump {
 public:
  TensorDump() = default;
  /// `patterns` name operations, '*' matches any run of characters.
  TensorDump(std::filesystem::path folder, std::vector<std::string> patterns)
      : folder_(std::move(folder)), patterns_(std::move(patterns)) {}

  [[nodiscard]] bool is_on() const { return !patterns_.empty(); }
  [[nodiscard]] bool wants(std::string_view operation) const;
  /// Of the same operations, in a folder inside this one's.
  [[nodiscard]] TensorDump inside(const std::string& name) const;
  /// Writes <operation>.safetensors, its folder too. Throws OutputError.
  void write(const std::string& operation, const DumpedTensors& tensors) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> patterns_;
};

}  // namespace razorsim
