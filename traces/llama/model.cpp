// SPDX-License-Identifier: Apache-2.0
#include "traces/llama/model.h"

#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/scales.h"
#include "traces/io/sha256.h"
#include "traces/io/untrusted.h"
#include "traces/llama/checkpoint.h"
#include "traces/llama/parallel.h"

namespace razorsim {

std::span<const std::byte> ModelTensor::row(std::int64_t row) const {
  std::int64_t stored = row;
  if (interleaved_head > 0) {
    const std::int64_t within = row % interleaved_head;
    const std::int64_t half = interleaved_head / 2;
    stored = row - within + within % half * 2 + within / half;
  }
  const auto pitch = static_cast<std::size_t>(row_bytes(encoding, cols));
  return bytes.subspan(static_cast<std::size_t>(stored) * pitch, pitch);
}

Model::Model(const std::string& path) : path_(path) {
  std::error_code ignored;
  Checkpoint from = std::filesystem::is_directory(path, ignored) ? huggingface_checkpoint(path)
                                                                 : gguf_checkpoint(path);
  network_ = std::move(from.network);
  maximum_context_ = from.maximum_context;
  files_ = std::move(from.files);
  tensors_ = std::move(from.tensors);
  if (network_.tied_head) {
    if (const auto embedding = tensors_.find("embedding.weight"); embedding != tensors_.end()) {
      tensors_.insert_or_assign("head.weight", embedding->second);
    }
  }
  check();
}

void Model::check() const {
  for (const ExpectedTensor& each : expected_tensors(network_)) {
    const auto found = tensors_.find(each.name);
    if (found == tensors_.end())
      throw TraceError(fmt::format("{}: has no tensor for '{}'", path_, each.name));
    const ModelTensor& tensor = found->second;
    if (tensor.rows != each.rows || tensor.cols != each.cols) {
      throw TraceError(fmt::format("{}: '{}' is {} x {}; its configuration says {} x {}", path_,
                                   each.name, tensor.rows, tensor.cols, each.rows, each.cols));
    }
  }
}

const ModelTensor& Model::tensor(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw TraceError(fmt::format("{}: has no tensor {}", path_, in_quotes(name)));
  return found->second;
}

std::vector<float> Model::rows(std::string_view name, std::int64_t first,
                               std::int64_t count) const {
  const ModelTensor& from = tensor(name);
  promise(first >= 0 && count >= 0 && first + count <= from.rows, "rows lie in their tensor");
  std::vector<float> numbers(static_cast<std::size_t>(count * from.cols));
  const MatrixView<float> out(numbers.data(), count, from.cols);
  for (std::int64_t row = 0; row < count; ++row) {
    dequantise_row(from.encoding, from.row(first + row), out.row(row));
    // Said here, where the tensor has a name: further on every sum would be NaN.
    if (!all_finite(out.row(row))) {
      throw TraceError(fmt::format("{}: '{}' holds a number that is not finite", path_, name));
    }
  }
  return numbers;
}

std::vector<float> Model::weight(std::string_view name) const {
  return rows(name, 0, tensor(name).rows);
}

std::vector<std::uint8_t> Model::source(std::string_view name) const {
  const ModelTensor& from = tensor(name);
  std::vector<std::uint8_t> bytes;
  bytes.reserve(from.bytes.size());
  for (std::int64_t row = 0; row < from.rows; ++row) {
    for (const std::byte each : from.row(row)) bytes.push_back(std::to_integer<std::uint8_t>(each));
  }
  return bytes;
}

std::string Model::sha256() const {
  Sha256 hash;
  for (const MappedFile& file : files_) hash.update(file.bytes());
  return hash.hex();
}

LayerWeights load_layer(const Model& model, std::int64_t layer, int threads) {
  constexpr std::array<const char*, 9> names{"gate_proj", "up_proj",    "down_proj",
                                             "q_proj",    "o_proj",     "k_proj",
                                             "v_proj",    "input_norm", "post_norm"};
  std::array<std::vector<float>, names.size()> made;
  parallel_for(std::ssize(names), threads, [&](std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    const std::string full = fmt::format("layers.{}.{}.weight", layer, names[at]);
    made[at] = model.weight(full);
    release_pages(model.tensor(full).bytes);
  });
  auto& [gate, up, down, q, o, k, v, input_norm, post_norm] = made;
  return {std::move(input_norm), std::move(q),    std::move(k),  std::move(v),   std::move(o),
          std::move(post_norm),  std::move(gate), std::move(up), std::move(down)};
}

}  // namespace razorsim
