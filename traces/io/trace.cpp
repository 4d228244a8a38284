// SPDX-License-Identifier: Apache-2.0
#include "traces/io/trace.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"
#include "traces/io/dequantise.h"
#include "traces/io/fields_json.h"
#include "traces/io/sha256.h"
#include "traces/io/trace_shapes.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

using nlohmann::json;
using Text = std::map<std::string, std::string>;

constexpr const char* format_name = "razorsim trace";
constexpr const char* schema_version = "1";
constexpr const char* header_hash_key = "header_sha256";
const std::string blank_hash(64, '0');

/// Where the digits of the header's own hash stand. A quote inside a JSON string is escaped, so
/// this text can only be the key itself. npos when it is not there.
std::size_t own_hash_position(std::string_view header) {
  const std::string key = fmt::format("\"{}\":\"", header_hash_key);
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos || at + key.size() + blank_hash.size() > header.size()) {
    return std::string_view::npos;
  }
  return at + key.size();
}

const std::string& entry(const Text& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw TraceError(fmt::format("its metadata has no '{}'", key));
  return found->second;
}

void verify(const Safetensors& file) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != format_name) {
    throw TraceError("a safetensors file, but not a RazorSim trace");
  }
  const std::size_t at = own_hash_position(file.header);
  std::string header(file.header);
  if (at != std::string::npos) header.replace(at, blank_hash.size(), blank_hash);
  if (at == std::string::npos || sha256_hex(header) != file.header.substr(at, blank_hash.size())) {
    throw TraceError("corrupt: the header does not match its hash");
  }
  if (const std::string& version = entry(file.metadata, "schema_version");
      version != schema_version) {
    throw TraceError(fmt::format("trace schema version {} is not supported; {} is",
                                 in_quotes(version), schema_version));
  }
  std::map<std::string, std::string> hashes;
  from_json_map(entry(file.metadata, "tensor_sha256"), "tensor_sha256", hashes);
  if (hashes.size() != file.tensors.size()) throw TraceError("corrupt: a tensor has no hash");
  for (const auto& [name, tensor] : file.tensors) {
    const auto hash = hashes.find(name);
    if (hash == hashes.end() || sha256_hex(tensor.bytes) != hash->second) {
      throw TraceError(fmt::format("corrupt: tensor {} does not match its hash", in_quotes(name)));
    }
  }
}

Trace decode(Safetensors file) {
  Trace trace;
  from_json_text(entry(file.metadata, "provenance"), "provenance", trace.provenance);
  from_json_text(entry(file.metadata, "network"), "network", trace.network);
  from_json_text(entry(file.metadata, "scheme"), "scheme", trace.scheme);
  from_json_text(entry(file.metadata, "tokens"), "tokens", trace.tokens);
  from_json_text(entry(file.metadata, "operations"), "operations", trace.operations);
  from_json_map(entry(file.metadata, "encodings"), "encodings", trace.encodings);
  trace.tensors = std::move(file.tensors);
  return trace;
}

}  // namespace

const Tensor& Trace::tensor(std::string_view name) const {
  const auto found = tensors.find(std::string(name));
  if (found == tensors.end()) {
    throw TraceError(fmt::format("the trace has no tensor {}", in_quotes(name)));
  }
  return found->second;
}

std::vector<float> Trace::weight(std::string_view name) const {
  const std::string key(name);
  if (has(key)) {
    const auto view = tensor(key).view<float>();
    return {view.data(), view.data() + view.size()};
  }
  const Tensor& source = tensor(key + ".source");
  const auto encoding = encodings.find(key);
  if (encoding == encodings.end()) {
    throw TraceError(fmt::format("the trace does not name the encoding of {}", in_quotes(name)));
  }
  const Encoding kind = encoding_named(encoding->second);
  const BlockLayout layout = block_of(kind);
  return dequantise(kind, source.bytes, source.rows(),
                    source.cols() / layout.bytes * layout.elements);
}

BaseIntegers Trace::base(std::string_view name, int bits) const {
  const std::string key = fmt::format("{}.base{}", name, bits);
  const Tensor& integers = tensor(key);
  BaseIntegers base{integers.rows(), integers.cols(), {}, {}};
  const auto copy = [&](const auto& view) {
    base.values.assign(view.data(), view.data() + view.size());
  };
  if (bits == 8) {
    copy(integers.view<std::int8_t>());
  } else {
    copy(integers.view<std::int16_t>());
  }
  const auto scales = tensor(key + ".scale").view<float>();
  base.scales.assign(scales.data(), scales.data() + scales.size());
  check_base(base, bits, key);
  return base;
}

void check_base(const BaseIntegers& base, int bits, std::string_view name) {
  const std::int32_t largest = largest_integer(bits);
  const auto far = std::ranges::find_if(
      base.values, [&](std::int32_t value) { return std::abs(value) > largest; });
  if (far != base.values.end()) {
    throw TraceError(fmt::format("{} holds {}; base integers of {} bits go from {} to {}",
                                 in_quotes(name), *far, bits, -largest, largest));
  }
  const auto good = [](float scale) { return scale > 0 && std::isfinite(scale); };
  if (!std::ranges::all_of(base.scales, good))
    throw TraceError(
        fmt::format("{} has a scale that is not positive and finite", in_quotes(name)));
}

Trace read_trace(const std::string& path) {
  const MappedFile file(path);
  Safetensors content = read_safetensors(file);
  try {
    verify(content);
    Trace trace = decode(std::move(content));
    check_shapes(trace);
    return trace;
  } catch (const TraceError& error) {
    throw TraceError(fmt::format("{}: {}", path, error.what()));
  }
}

void write_trace(const Trace& trace, const std::string& path) {
  check_shapes(trace);
  json hashes = json::object();
  for (const auto& [name, tensor] : trace.tensors) hashes[name] = sha256_hex(tensor.bytes);
  const Text metadata{
      {"encodings", json(trace.encodings).dump()},
      {"format", format_name},
      {header_hash_key, blank_hash},
      {"network", to_json_value(trace.network).dump()},
      {"operations", to_json_value(trace.operations).dump()},
      {"provenance", to_json_value(trace.provenance).dump()},
      {"schema_version", schema_version},
      {"scheme", to_json_value(trace.scheme).dump()},
      {"tensor_sha256", hashes.dump()},
      {"tokens", json(trace.tokens).dump()},
  };
  std::string header = safetensors_header(metadata, trace.tensors);
  const std::size_t at = own_hash_position(header);
  promise(at != std::string::npos, "a trace's header holds its own hash");
  header.replace(at, blank_hash.size(), sha256_hex(header));
  write_with_header(path, header, trace.tensors);
}

}  // namespace razorsim
