// SPDX-License-Identifier: Apache-2.0
// GGUF, versions 2 and 3: llama.cpp's model file. Untrusted input: everything is checked.
// Source: ggml, docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traces/io/mapped_file.h"

namespace razorsim {

/// A metadata array, left as bytes: checked to lie in the file and no further interpreted.
struct GgufArray {
  std::uint32_t element_type = 0;
  std::uint64_t count = 0;
};
using GgufValue = std::variant<std::int64_t, std::uint64_t, double, bool, std::string, GgufArray>;

struct GgufTensor {
  std::vector<std::int64_t>
      shape;               ///< outermost first, as everywhere here (the file has it reversed)
  std::uint32_t type = 0;  ///< ggml's number
  std::span<const std::byte> bytes;  ///< in the mapped file; empty where the type is not supported
};

struct Gguf {
  MappedFile file;
  std::uint32_t version = 0;
  std::map<std::string, GgufValue> metadata;
  std::map<std::string, GgufTensor> tensors;
};

/// Parses headers; weights stay in the map. Throws TraceError, one line, for anything malformed:
/// another kind or version, big endian, truncated, duplicate names, absurd counts or shapes,
/// tensors that overlap, are misaligned or leave the file.
[[nodiscard]] Gguf read_gguf(const MappedFile& file);

/// "Q4_1" for 3; "type 99" for one that nobody knows. Also of types that cannot be decoded here.
[[nodiscard]] std::string ggml_type_name(std::uint32_t type);

}  // namespace razorsim
