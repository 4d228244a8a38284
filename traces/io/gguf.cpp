// SPDX-License-Identifier: Apache-2.0
#include "traces/io/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "traces/io/dequantise.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

constexpr std::uint32_t magic = 0x46554747;           // "GGUF"
constexpr std::uint64_t default_alignment = 32;       // bytes, gguf.md
constexpr std::uint64_t largest_alignment = 1 << 20;  // bytes, chosen
constexpr std::uint32_t highest_rank = 4;             // gguf.md
constexpr std::uint64_t longest_name = 65535;         // bytes of a metadata key, gguf.md
constexpr int deepest_array = 3;                      // chosen; nobody nests arrays

enum ValueType : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  text,
  array,
  u64,
  i64,
  f64
};

// Numbers and names of ggml.h; gaps are types that were withdrawn.
struct TypeName {
  std::uint32_t type;
  std::string_view name;
};
constexpr auto type_names = std::to_array<TypeName>({
    {0, "F32"},     {1, "F16"},    {2, "Q4_0"},     {3, "Q4_1"},    {6, "Q5_0"},     {7, "Q5_1"},
    {8, "Q8_0"},    {9, "Q8_1"},   {10, "Q2_K"},    {11, "Q3_K"},   {12, "Q4_K"},    {13, "Q5_K"},
    {14, "Q6_K"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"},
    {20, "IQ4_NL"}, {21, "IQ3_S"}, {22, "IQ2_S"},   {23, "IQ4_XS"}, {24, "I8"},      {25, "I16"},
    {26, "I32"},    {27, "I64"},   {28, "F64"},     {29, "IQ1_M"},  {30, "BF16"},    {34, "TQ1_0"},
    {35, "TQ2_0"},  {39, "MXFP4"},
});

/// The shortest decimal that is this FP32 number: 1e-05 as its author wrote it, not 9.99999974e-06.
double shortest(float number) {
  const std::string text = fmt::format("{}", number);
  double decimal = static_cast<double>(number);
  std::from_chars(text.data(), text.data() + text.size(), decimal);
  return decimal;
}

class Parser {
 public:
  explicit Parser(const MappedFile& file) : in_(file.bytes(), file.path()) { gguf_.file = file; }

  Gguf parse() {
    const auto word = in_.remaining() < 4 ? 0 : in_.read<std::uint32_t>("the magic number");
    if (word != magic) fail("not a GGUF file");
    gguf_.version = in_.read<std::uint32_t>("the version");
    if (gguf_.version > 0xffff && __builtin_bswap32(gguf_.version) <= 3)
      fail("a big-endian GGUF file, which is not supported");
    if (gguf_.version < 2 || gguf_.version > 3) {
      fail(fmt::format("GGUF version {} is not supported; 2 and 3 are", gguf_.version));
    }
    const auto tensors = in_.read<std::uint64_t>("the header");
    const auto entries = in_.read<std::uint64_t>("the header");
    for (std::uint64_t i = 0; i < entries; ++i) entry();
    alignment_ = alignment();
    for (std::uint64_t i = 0; i < tensors; ++i) tensor();
    place();
    return std::move(gguf_);
  }

 private:
  struct Pending {
    std::uint64_t offset;
    std::uint64_t size;
    std::string name;
    auto operator<=>(const Pending&) const = default;
  };

  [[noreturn]] void fail(const std::string& why) const {
    throw TraceError(fmt::format("{}: {}", in_.path(), why));
  }

  std::string string(std::string_view where, std::uint64_t longest) {
    const auto length = in_.read<std::uint64_t>(where);
    if (length > longest) fail(fmt::format("an absurd length in {}", where));
    const auto bytes = in_.take(length, where);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  void entry() {
    std::string key = string("a metadata key", longest_name);
    const auto type = in_.read<std::uint32_t>("a metadata value");
    GgufValue content = value(type, key);
    if (!gguf_.metadata.try_emplace(key, std::move(content)).second) {
      fail(fmt::format("the metadata key {} occurs twice", in_quotes(key)));
    }
  }

  GgufValue value(std::uint32_t type, const std::string& key) {
    const std::string where = "metadata " + in_quotes(key);
    switch (type) {
      case u8: return std::uint64_t{in_.read<std::uint8_t>(where)};
      case i8: return std::int64_t{in_.read<std::int8_t>(where)};
      case u16: return std::uint64_t{in_.read<std::uint16_t>(where)};
      case i16: return std::int64_t{in_.read<std::int16_t>(where)};
      case u32: return std::uint64_t{in_.read<std::uint32_t>(where)};
      case i32: return std::int64_t{in_.read<std::int32_t>(where)};
      case f32: return shortest(in_.read<float>(where));
      case boolean: return in_.read<std::uint8_t>(where) != 0;
      case text: return string(where, in_.remaining());
      case array: return elements(where, 1);
      case u64: return in_.read<std::uint64_t>(where);
      case i64: return in_.read<std::int64_t>(where);
      case f64: return in_.read<double>(where);
      default: fail(fmt::format("{} has the unknown value type {}", where, type));
    }
  }

  GgufArray elements(const std::string& where, int depth) {
    if (depth > deepest_array) fail(fmt::format("{} nests arrays too deeply", where));
    const auto type = in_.read<std::uint32_t>(where);
    const auto count = in_.read<std::uint64_t>(where);
    // Every element takes a byte or more, so this also bounds the loops below.
    if (count > in_.remaining()) fail(fmt::format("truncated in {}", where));
    if (type == text || type == array) {
      for (std::uint64_t i = 0; i < count; ++i) {
        if (type == array) {
          elements(where, depth + 1);
        } else {
          in_.take(in_.read<std::uint64_t>(where), where);
        }
      }
    } else {
      constexpr std::array<std::uint8_t, 13> sizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
      if (type >= sizes.size()) fail(fmt::format("{} has the unknown value type {}", where, type));
      in_.take(count * sizes[type],
               where);  // no overflow: count < 2^63 / 8, the file is that short
    }
    return {type, count};
  }

  std::uint64_t alignment() {
    const auto found = gguf_.metadata.find("general.alignment");
    if (found == gguf_.metadata.end()) return default_alignment;
    const auto* given = std::get_if<std::uint64_t>(&found->second);
    if (given == nullptr || !std::has_single_bit(*given) || *given > largest_alignment) {
      fail("general.alignment is no power of two up to 1048576");
    }
    return *given;
  }

  void tensor() {
    const std::string name = string("a tensor name", longest_name);
    const std::string where = "tensor " + in_quotes(name);
    GgufTensor tensor;
    const auto rank = in_.read<std::uint32_t>(where);
    if (rank > highest_rank) fail(fmt::format("{} has {} dimensions", where, rank));
    std::int64_t elements = 1;
    for (std::uint32_t i = 0; i < rank; ++i) {
      const auto extent = in_.read<std::int64_t>(where);
      if (extent < 1 || !multiply(elements, extent, elements)) {
        fail(fmt::format("{} has an absurd shape", where));
      }
      tensor.shape.insert(tensor.shape.begin(), extent);
    }
    tensor.type = in_.read<std::uint32_t>(where);
    const auto offset = in_.read<std::uint64_t>(where);
    if (offset % alignment_ != 0) fail(fmt::format("{} is not aligned", where));
    if (!gguf_.tensors.try_emplace(name, tensor).second) {
      fail(fmt::format("{} occurs twice", where));
    }
    pending_.push_back({offset, size(tensor, elements, where), name});
  }

  std::uint64_t size(const GgufTensor& tensor, std::int64_t elements,
                     const std::string& where) const {
    const std::string type = ggml_type_name(tensor.type);
    for (const auto& each : enum_names<Encoding>) {
      if (each.name != type) continue;
      const std::int64_t cols = tensor.shape.empty() ? 1 : tensor.shape.back();
      const BlockLayout layout = block_of(each.value);
      std::int64_t bytes = 0;
      if (cols % layout.elements != 0 ||
          !multiply(elements / layout.elements, layout.bytes, bytes)) {
        fail(fmt::format("{} has a shape that {} cannot have", where, type));
      }
      return static_cast<std::uint64_t>(bytes);
    }
    return 0;  // a type we cannot decode: an error only for whoever wants the tensor
  }

  void place() {
    const std::uint64_t start = round_up(in_.position(), alignment_);
    const auto bytes = gguf_.file.bytes();
    std::sort(pending_.begin(), pending_.end());
    std::uint64_t covered = 0;
    for (const Pending& each : pending_) {
      const std::string where = "tensor " + in_quotes(each.name);
      const std::uint64_t room = start <= bytes.size() ? bytes.size() - start : 0;
      if (each.offset > room || each.size > room - each.offset) {
        fail(fmt::format("{} lies outside the file; it may be truncated", where));
      }
      if (each.offset < covered) fail(fmt::format("{} overlaps its neighbour", where));
      covered = each.offset + each.size;
      gguf_.tensors[each.name].bytes = bytes.subspan(start + each.offset, each.size);
    }
  }

  ByteReader in_;
  Gguf gguf_;
  std::uint64_t alignment_ = default_alignment;
  std::vector<Pending> pending_;
};

}  // namespace

std::string ggml_type_name(std::uint32_t type) {
  for (const TypeName& each : type_names) {
    if (each.type == type) return std::string(each.name);
  }
  return fmt::format("type {}", type);
}

Gguf read_gguf(const MappedFile& file) { return Parser(file).parse(); }

}  // namespace razorsim
