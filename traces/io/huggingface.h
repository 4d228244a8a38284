// SPDX-License-Identifier: Apache-2.0
// A Hugging Face model folder: config.json and one or many safetensors files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/base/operation.h"
#include "traces/io/mapped_file.h"
#include "traces/io/safetensors.h"

namespace razorsim {

struct HuggingFaceFolder {
  NetworkSpec network;
  std::int64_t maximum_context = 0;       ///< 0: config.json does not say
  std::vector<MappedFile> files;          ///< in the order of their names
  std::map<std::string, Tensor> tensors;  ///< of all files, under Hugging Face's names
};

/// Reads the headers; weights stay in the map. Throws TraceError, one line: a file that is missing
/// or malformed, a tensor in two files, an architecture other than LlamaForCausalLM, a rope scaling
/// other than llama3, a quantised checkpoint, biases, or an activation other than SiLU, each by
/// name.
[[nodiscard]] HuggingFaceFolder read_huggingface(const std::string& folder);

}  // namespace razorsim
