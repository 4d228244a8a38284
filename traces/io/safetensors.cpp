// SPDX-License-Identifier: Apache-2.0
#include "traces/io/safetensors.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/base/units.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

using nlohmann::json;

constexpr std::uint64_t longest_header =
    100'000'000;                            // bytes; the reference implementation's limit
constexpr std::size_t highest_rank = 16;    // chosen; PyTorch's tensors rarely pass 5
constexpr int deepest_header = 4;           // a shape's numbers sit at depth 3
constexpr std::size_t data_alignment = 64;  // bytes, chosen: a cache line

struct Header {
  const MappedFile& file;

  [[noreturn]] void fail(const std::string& why) const {
    throw TraceError(fmt::format("{}: not a safetensors file: {}", file.path(), why));
  }

  /// JSON of the header; refuses duplicate keys, which parsers resolve in different ways.
  [[nodiscard]] json parse(std::string_view text) const {
    std::vector<std::set<std::string>> keys;
    const auto check = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > deepest_header) fail("its header is nested too deeply");
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key) {
        const auto& key = value.get_ref<const std::string&>();
        if (!keys.back().insert(key).second) fail(fmt::format("{} occurs twice", in_quotes(key)));
      }
      return true;
    };
    try {
      return json::parse(text.begin(), text.end(), check);
    } catch (const json::parse_error& error) {
      fail(fmt::format("its header is no JSON at byte {}", error.byte));
    } catch (const json::out_of_range&) {
      fail("its header holds a number beyond all range");
    }
  }

  [[nodiscard]] std::int64_t count(const json& value, const std::string& name) const {
    constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > limit) {
      fail(fmt::format("{} has a shape or offset that is no count", in_quotes(name)));
    }
    return value.get<std::int64_t>();
  }

  [[nodiscard]] const json& member(const json& object, const char* key,
                                   const std::string& name) const {
    const auto found = object.find(key);
    if (found == object.end()) fail(fmt::format("{} has no {}", in_quotes(name), key));
    return *found;
  }
};

Dtype dtype_from(const Header& header, const json& value, const std::string& name) {
  if (!value.is_string())
    header.fail(fmt::format("{} has a dtype that is no text", in_quotes(name)));
  const auto& text = value.get_ref<const std::string&>();
  for (const auto& each : enum_names<Dtype>) {
    if (each.name == text) return each.value;
  }
  header.fail(fmt::format("{} has the unknown dtype {}", in_quotes(name), in_quotes(text)));
}

struct Extent {
  std::int64_t begin;
  std::int64_t end;
  std::string name;
  auto operator<=>(const Extent&) const = default;
};

Extent read_tensor(const Header& header, const std::string& name, const json& value,
                   std::span<const std::byte> data, Tensor& tensor) {
  if (!value.is_object()) header.fail(fmt::format("{} is no object", in_quotes(name)));
  if (value.size() != 3) header.fail(fmt::format("{} has unknown keys", in_quotes(name)));
  tensor.dtype = dtype_from(header, header.member(value, "dtype", name), name);
  const json& shape = header.member(value, "shape", name);
  if (!shape.is_array() || shape.size() > highest_rank) {
    header.fail(fmt::format("{} has a shape that is no list of at most {} counts", in_quotes(name),
                            highest_rank));
  }
  // The product skips zeros, so that rows() and cols() can't overflow either.
  auto guarded = static_cast<std::int64_t>(size_of(tensor.dtype));
  bool empty = false;
  for (const json& each : shape) {
    const std::int64_t extent = header.count(each, name);
    tensor.shape.push_back(extent);
    empty = empty || extent == 0;
    if (!multiply(guarded, std::max<std::int64_t>(extent, 1), guarded)) {
      header.fail(fmt::format("{} is too large", in_quotes(name)));
    }
  }
  const json& offsets = header.member(value, "data_offsets", name);
  if (!offsets.is_array() || offsets.size() != 2) {
    header.fail(fmt::format("{} needs two data offsets", in_quotes(name)));
  }
  Extent extent{header.count(offsets[0], name), header.count(offsets[1], name), name};
  if (extent.begin > extent.end || std::cmp_greater(extent.end, data.size())) {
    header.fail(fmt::format("{} lies outside the file; it may be truncated", in_quotes(name)));
  }
  if (extent.end - extent.begin != (empty ? 0 : guarded)) {
    header.fail(fmt::format("{} has other bytes than its shape needs", in_quotes(name)));
  }
  tensor.bytes = data.subspan(static_cast<std::size_t>(extent.begin),
                              static_cast<std::size_t>(extent.end - extent.begin));
  tensor.owner = header.file.owner();
  return extent;
}

using Named = std::pair<const std::string, Tensor>;

std::vector<const Named*> in_file_order(const std::map<std::string, Tensor>& tensors) {
  std::vector<const Named*> order;
  order.reserve(tensors.size());
  for (const Named& each : tensors) order.push_back(&each);
  // Falling element size keeps every tensor aligned without gaps, which the format forbids.
  std::stable_sort(order.begin(), order.end(), [](const Named* a, const Named* b) {
    return size_of(a->second.dtype) > size_of(b->second.dtype);
  });
  return order;
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::boolean:
    case Dtype::u8:
    case Dtype::i8: return 1;
    case Dtype::u16:
    case Dtype::i16:
    case Dtype::f16:
    case Dtype::bf16: return 2;
    case Dtype::u32:
    case Dtype::i32:
    case Dtype::f32: return 4;
    case Dtype::u64:
    case Dtype::i64:
    case Dtype::f64: return 8;
  }
  throw Defect("unknown dtype");
}

std::int64_t Tensor::rows() const {
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return rows;
}

std::int64_t Tensor::cols() const { return shape.empty() ? 1 : shape.back(); }

void Tensor::check_view(Dtype wanted, std::size_t alignment) const {
  if (dtype != wanted) {
    throw TraceError(
        fmt::format("a tensor has the dtype {}; {} is needed", name_of(dtype), name_of(wanted)));
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment != 0) {
    throw TraceError(fmt::format("a tensor of {} is not aligned in its file", name_of(dtype)));
  }
}

Safetensors read_safetensors(const MappedFile& file) {
  const Header header{file};
  const auto bytes = file.bytes();
  if (bytes.size() < 8) header.fail("shorter than 8 bytes");
  const auto length = load<std::uint64_t>(bytes.data());
  if (length > longest_header) header.fail("its header length is absurd");
  if (length > bytes.size() - 8) header.fail("truncated in its header");
  const auto text = bytes.subspan(8, length);
  const auto data = bytes.subspan(8 + length);
  Safetensors content;
  content.header = {reinterpret_cast<const char*>(text.data()), text.size()};
  if (!content.header.starts_with('{')) header.fail("its header is no JSON object");
  const json root = header.parse(content.header);

  std::vector<Extent> extents;
  for (const auto& [name, value] : root.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) header.fail("its metadata is no object");
      for (const auto& [key, entry] : value.items()) {
        if (!entry.is_string()) header.fail(fmt::format("metadata {} is no text", in_quotes(key)));
        content.metadata[key] = entry.get<std::string>();
      }
    } else {
      extents.push_back(read_tensor(header, name, value, data, content.tensors[name]));
    }
  }
  std::sort(extents.begin(), extents.end());
  std::int64_t covered = 0;
  for (const Extent& each : extents) {
    if (each.begin != covered)
      header.fail(fmt::format("{} overlaps its neighbour or leaves a gap", in_quotes(each.name)));
    covered = each.end;
  }
  if (std::cmp_not_equal(covered, data.size())) header.fail("bytes follow the last tensor");
  return content;
}

Safetensors read_safetensors(const std::string& path) { return read_safetensors(MappedFile(path)); }

std::string safetensors_header(const std::map<std::string, std::string>& metadata,
                               const std::map<std::string, Tensor>& tensors) {
  std::string text = "{\"__metadata__\":" + json(metadata).dump();
  std::size_t offset = 0;
  for (const Named* each : in_file_order(tensors)) {
    const auto& [name, tensor] = *each;
    const std::size_t end = offset + tensor.bytes.size();
    text += fmt::format(",{}:{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":[{},{}]}}",
                        json(name).dump(), name_of(tensor.dtype), json(tensor.shape).dump(), offset,
                        end);
    offset = end;
  }
  text += '}';
  text.resize(round_up(text.size() + 8, data_alignment) - 8, ' ');
  return text;
}

void write_with_header(const std::string& path, std::string_view header,
                       const std::map<std::string, Tensor>& tensors) {
  OutputFile file(path);
  const auto length = static_cast<std::uint64_t>(header.size());
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const Named* each : in_file_order(tensors)) file.write(each->second.bytes);
  file.commit();
}

void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       const std::map<std::string, Tensor>& tensors) {
  write_with_header(path, safetensors_header(metadata, tensors), tensors);
}

}  // namespace razorsim
