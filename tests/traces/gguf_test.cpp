// SPDX-License-Identifier: Apache-2.0
#include "traces/io/gguf.h"

#include <gmock/gmock.h>

#include "tests/traces/support.h"

namespace razorsim {
namespace {

using test::Bytes;
using test::Folder;
using test::trace_error_of;
using test::write_bytes;
using testing::HasSubstr;

Bytes header(std::uint64_t tensors, std::uint64_t entries, std::uint32_t version = 3) {
  return Bytes().raw("GGUF").put(version).put(tensors).put(entries);
}
Bytes tensor(Bytes bytes, const std::string& name, std::vector<std::uint64_t> shape,
             std::uint32_t type, std::uint64_t offset) {
  bytes.text(name).put<std::uint32_t>(static_cast<std::uint32_t>(shape.size()));
  for (const std::uint64_t each : shape) bytes.put(each);
  return bytes.put(type).put(offset);
}

Gguf parse(const std::string& bytes) {
  const Folder folder;
  write_bytes(folder / "m.gguf", bytes);
  return read_gguf(MappedFile(folder / "m.gguf"));
}

TEST(Gguf, ReadsValuesOfEveryType) {
  Bytes bytes = header(1, 9);
  bytes.text("u8").put<std::uint32_t>(0).put<std::uint8_t>(200);
  bytes.text("i16").put<std::uint32_t>(3).put<std::int16_t>(-5);
  bytes.text("f32").put<std::uint32_t>(6).put<float>(1e-5F);
  bytes.text("bool").put<std::uint32_t>(7).put<std::uint8_t>(1);
  bytes.text("text").put<std::uint32_t>(8).text("llama");
  bytes.text("texts")
      .put<std::uint32_t>(9)
      .put<std::uint32_t>(8)
      .put<std::uint64_t>(2)
      .text("a")
      .text("bc");
  bytes.text("lists")
      .put<std::uint32_t>(9)
      .put<std::uint32_t>(9)
      .put<std::uint64_t>(1)
      .put<std::uint32_t>(4)
      .put<std::uint64_t>(2)
      .put<std::uint32_t>(1)
      .put<std::uint32_t>(2);
  bytes.text("u64").put<std::uint32_t>(10).put<std::uint64_t>(~0ULL);
  bytes.text("f64").put<std::uint32_t>(12).put<double>(0.5);
  bytes = tensor(bytes, "t", {32, 2}, 8, 0).align(32).raw(std::string(68, 'x'));
  const Gguf gguf = parse(bytes.str());
  EXPECT_EQ(std::get<std::uint64_t>(gguf.metadata.at("u8")), 200U);
  EXPECT_EQ(std::get<std::int64_t>(gguf.metadata.at("i16")), -5);
  EXPECT_EQ(std::get<double>(gguf.metadata.at("f32")), 1e-5);
  EXPECT_EQ(std::get<bool>(gguf.metadata.at("bool")), true);
  EXPECT_EQ(std::get<std::string>(gguf.metadata.at("text")), "llama");
  EXPECT_EQ(std::get<GgufArray>(gguf.metadata.at("texts")).count, 2U);
  EXPECT_EQ(std::get<std::uint64_t>(gguf.metadata.at("u64")), ~0ULL);
  EXPECT_EQ(gguf.tensors.at("t").shape, (std::vector<std::int64_t>{2, 32}));
  EXPECT_EQ(gguf.tensors.at("t").bytes.size(), 68U);
}

struct Hostile {
  const char* name;
  std::string bytes;
  const char* message;
};

TEST(Gguf, RefusesHostileFiles) {
  const std::uint64_t huge = ~0ULL;
  const auto entry = [](std::uint32_t type) { return header(0, 1).text("k").put(type); };
  const auto data = [](Bytes bytes) { return bytes.align(32).raw(std::string(64, 'x')).str(); };
  const std::vector<Hostile> cases{
      {"empty", "", "not a GGUF file"},
      {"other kind", "PK\x03\x04 a zip file", "not a GGUF file"},
      {"version 1", header(0, 0, 1).str(), "version 1 "},
      {"version 4", header(0, 0, 4).str(), "version 4 "},
      {"big endian", header(0, 0, 0x03000000).str(), "big-endian"},
      {"truncated", header(0, 0).str().substr(0, 20), "truncated"},
      {"absurd entries", header(0, huge).str(), "truncated"},
      {"absurd tensors", header(huge, 0).str(), "truncated"},
      {"absurd key", header(0, 1).put<std::uint64_t>(huge).str(), "absurd length"},
      {"absurd text", entry(8).put<std::uint64_t>(huge).str(), "absurd length"},
      {"unknown type", entry(77).str(), "unknown value type 77"},
      {"absurd array", entry(9).put<std::uint32_t>(10).put<std::uint64_t>(huge).str(), "truncated"},
      {"array that overflows", entry(9).put<std::uint32_t>(10).put<std::uint64_t>(1ULL << 61).str(),
       "truncated"},
      {"array of unknown", entry(9).put<std::uint32_t>(99).put<std::uint64_t>(0).str(),
       "unknown value type 99"},
      {"deep",
       entry(9)
           .raw(Bytes().put<std::uint32_t>(9).put<std::uint64_t>(1).str())
           .raw(Bytes().put<std::uint32_t>(9).put<std::uint64_t>(1).str())
           .raw(Bytes().put<std::uint32_t>(9).put<std::uint64_t>(1).str())
           .raw(Bytes().put<std::uint32_t>(9).put<std::uint64_t>(1).put<std::uint64_t>(0).str())
           .str(),
       "too deeply"},
      {"duplicate key",
       header(0, 2)
           .text("k")
           .put<std::uint32_t>(7)
           .put<std::uint8_t>(1)
           .text("k")
           .put<std::uint32_t>(7)
           .put<std::uint8_t>(1)
           .str(),
       "'k' occurs twice"},
      {"alignment",
       header(0, 1).text("general.alignment").put<std::uint32_t>(4).put<std::uint32_t>(0).str(),
       "power of two"},
      {"rank", tensor(header(1, 0), "t", {1, 1, 1, 1, 1}, 0, 0).str(), "5 dimensions"},
      {"empty extent", tensor(header(1, 0), "t", {0}, 0, 0).str(), "absurd shape"},
      {"overflow", tensor(header(1, 0), "t", {1ULL << 40, 1ULL << 40}, 0, 0).str(), "absurd shape"},
      {"bytes overflow", tensor(header(1, 0), "t", {1ULL << 62}, 0, 0).str(), "cannot have"},
      {"negative", tensor(header(1, 0), "t", {huge}, 0, 0).str(), "absurd shape"},
      {"blocks", tensor(header(1, 0), "t", {33}, 2, 0).str(), "cannot have"},
      {"unaligned", tensor(header(1, 0), "t", {1}, 0, 4).str(), "not aligned"},
      {"outside", data(tensor(header(1, 0), "t", {1}, 0, 1ULL << 63)), "outside the file"},
      {"past the end", data(tensor(header(1, 0), "t", {17}, 0, 0)), "outside the file"},
      {"overlap", data(tensor(tensor(header(2, 0), "a", {16}, 0, 0), "b", {1}, 0, 32)), "overlaps"},
      {"duplicate", data(tensor(tensor(header(2, 0), "a", {1}, 0, 0), "a", {1}, 0, 32)),
       "occurs twice"},
  };
  for (const Hostile& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_THAT(trace_error_of([&] { static_cast<void>(parse(each.bytes)); }),
                HasSubstr(each.message));
  }
}

TEST(Gguf, EveryTruncationIsFound) {
  const std::string whole = test::tiny_gguf(test::tiny_model());
  EXPECT_NO_THROW(static_cast<void>(parse(whole)));
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    ASSERT_THROW(static_cast<void>(parse(whole.substr(0, length))), TraceError) << length;
  }
}

// A flipped bit may leave a legal file (a weight, a name); it must never do anything but that or
// throw.
TEST(Gguf, FlippedBitsOfTheHeaderNeverCrash) {
  const std::string whole = test::tiny_gguf(test::tiny_model());
  for (std::size_t bit = 0; bit < 1800 * 8; bit += 3) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    try {
      static_cast<void>(parse(bytes));
    } catch (const TraceError&) {
    }
  }
}

TEST(Gguf, NamesTypesItCannotDecode) {
  EXPECT_EQ(ggml_type_name(3), "Q4_1");
  EXPECT_EQ(ggml_type_name(10), "Q2_K");
  EXPECT_EQ(ggml_type_name(99), "type 99");
}

}  // namespace
}  // namespace razorsim
