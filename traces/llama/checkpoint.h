// SPDX-License-Identifier: Apache-2.0
// The two kinds of checkpoint, translated to our names. Used by Model alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "traces/io/mapped_file.h"
#include "traces/llama/model.h"

namespace razorsim {

struct Checkpoint {
  NetworkSpec network;
  std::int64_t maximum_context = 0;  ///< 0: it does not say
  std::vector<MappedFile> files;
  std::map<std::string, ModelTensor, std::less<>> tensors;
};

/// Throw TraceError, naming the architecture, quantisation or key that is not supported.
[[nodiscard]] Checkpoint gguf_checkpoint(const std::string& path);
[[nodiscard]] Checkpoint huggingface_checkpoint(const std::string& folder);

/// The tensors a network must have, by our name, with their rows and columns.
struct ExpectedTensor {
  std::string name;
  std::int64_t rows;
  std::int64_t cols;
};
[[nodiscard]] std::vector<ExpectedTensor> expected_tensors(const NetworkSpec& network);

}  // namespace razorsim
