// SPDX-License-Identifier: Apache-2.0
#include "traces/io/safetensors.h"

#include <gmock/gmock.h>

#include "tests/traces/support.h"

namespace razorsim {
namespace {

using test::Folder;
using test::read_bytes;
using test::trace_error_of;
using test::write_bytes;
using testing::HasSubstr;

std::string with_header(const std::string& header, const std::string& data = "") {
  return test::Bytes().put<std::uint64_t>(header.size()).raw(header).raw(data).str();
}

std::map<std::string, Tensor> some_tensors() {
  std::map<std::string, Tensor> tensors;
  tensors.emplace("b", make_tensor<std::int8_t>({1, 2, 3}, {3}));
  tensors.emplace("a", make_tensor<float>({1.5F, -2.0F, 0.0F, 4.0F, 5.0F, 6.0F}, {2, 1, 3}));
  tensors.emplace("empty", make_tensor<std::int16_t>({}, {0, 7}));
  tensors.emplace("scalar", make_tensor<std::int64_t>({-9}, {}));
  return tensors;
}

TEST(Safetensors, RoundTrip) {
  const Folder folder;
  write_safetensors(folder / "t", {{"key", "a \"value\"\n"}}, some_tensors());
  const Safetensors file = read_safetensors(folder / "t");
  EXPECT_EQ(file.metadata.at("key"), "a \"value\"\n");
  ASSERT_EQ(file.tensors.size(), 4U);
  const Tensor& a = file.tensors.at("a");
  EXPECT_EQ(a.shape, (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_EQ(a.rows(), 2);
  EXPECT_EQ(a.cols(), 3);
  EXPECT_EQ(a.view<float>()(1, 2), 6.0F);
  EXPECT_EQ(file.tensors.at("b").view<std::int8_t>()(0, 2), 3);
  EXPECT_EQ(file.tensors.at("scalar").view<std::int64_t>()(0, 0), -9);
  EXPECT_EQ(file.tensors.at("empty").view<std::int16_t>().rows(), 0);
}

TEST(Safetensors, TheSameContentIsTheSameBytesAndLeavesNoOtherFile) {
  const Folder folder;
  write_safetensors(folder / "one", {{"k", "v"}}, some_tensors());
  write_safetensors(folder / "two", {{"k", "v"}}, some_tensors());
  EXPECT_EQ(read_bytes(folder / "one"), read_bytes(folder / "two"));
  const std::filesystem::directory_iterator files(folder.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST(Safetensors, ViewsLiveAsLongAsTheirTensor) {
  const Folder folder;
  write_safetensors(folder / "t", {}, some_tensors());
  Tensor kept;
  {
    Safetensors file = read_safetensors(folder / "t");
    kept = file.tensors.at("a");
  }
  std::filesystem::remove(folder / "t");
  EXPECT_EQ(kept.view<float>()(0, 0), 1.5F);
}

TEST(Safetensors, RefusesAViewOfAnotherType) {
  const Tensor tensor = make_tensor<float>({1, 2}, {2});
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(tensor.view<std::int16_t>()); }),
              HasSubstr("F32"));
}

struct Hostile {
  const char* name;
  std::string bytes;
  const char* message;
};

TEST(Safetensors, RefusesHostileFiles) {
  const std::string f32 = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const std::vector<Hostile> cases{
      {"empty", "", "8 bytes"},
      {"short", "abc", "8 bytes"},
      {"absurd length", test::Bytes().put<std::uint64_t>(~0ULL).str(), "absurd"},
      {"header beyond the end", test::Bytes().put<std::uint64_t>(1000).raw("{}").str(),
       "truncated"},
      {"no JSON", with_header("{\"a\":"), "no JSON"},
      {"a list", with_header("[]"), "no JSON object"},
      {"deep", with_header("{\"a\":" + std::string(100000, '[')), "nested"},
      {"duplicate", with_header("{\"a\":" + f32 + ",\"a\":" + f32 + "}", "0123"),
       "'a' occurs twice"},
      {"duplicate key",
       with_header(R"({"a":{"dtype":"F32","dtype":"I8","shape":[1],"data_offsets":[0,4]}})",
                   "0123"),
       "occurs twice"},
      {"unknown dtype",
       with_header(R"({"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}})", "0123"), "'Q7'"},
      {"unknown key",
       with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", "0123"),
       "unknown keys"},
      {"no shape", with_header(R"({"a":{"dtype":"F32","size":[1],"data_offsets":[0,4]}})", "0123"),
       "no shape"},
      {"negative",
       with_header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "0123"),
       "no count"},
      {"fraction",
       with_header(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "0123"),
       "no count"},
      {"beyond int64",
       with_header(R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})",
                   "0123"),
       "no count"},
      {"beyond double",
       with_header(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})", "0123"),
       "beyond all range"},
      {"overflow",
       with_header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})",
                   "0123"),
       "too large"},
      {"overflow behind zero",
       with_header(
           R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})"),
       "too large"},
      {"rank",
       with_header(
           R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})",
           "0123"),
       "list of at most"},
      {"backwards",
       with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "0123"), "outside"},
      {"outside", with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "0123"),
       "outside"},
      {"wrong size",
       with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "0123"),
       "other bytes"},
      {"overlap", with_header("{\"a\":" + f32 + ",\"b\":" + f32 + "}", "0123"), "overlaps"},
      {"gap", with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "01230123"),
       "gap"},
      {"tail", with_header("{\"a\":" + f32 + "}", "01234"), "follow the last"},
      {"metadata", with_header(R"({"__metadata__":{"a":1}})"), "no text"},
  };
  const Folder folder;
  for (const Hostile& each : cases) {
    SCOPED_TRACE(each.name);
    write_bytes(folder / "t", each.bytes);
    EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_safetensors(folder / "t")); }),
                HasSubstr(each.message));
  }
}

TEST(Safetensors, ANameWithControlCharactersStaysOnOneLine) {
  const Folder folder;
  write_bytes(
      folder / "t",
      with_header(R"({"a\n\u001b[31m":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}})", "0123"));
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_safetensors(folder / "t")); }),
              HasSubstr("'a\\x0a\\x1b[31m'"));
}

TEST(Safetensors, FilesThatCannotBeReadOrWritten) {
  const Folder folder;
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_safetensors(folder / "none")); }),
              HasSubstr("cannot be read"));
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_safetensors(folder.path())); }),
              HasSubstr("not a regular file"));
  EXPECT_THROW(write_safetensors(folder / "no/such/folder", {}, {}), OutputError);
}

TEST(Safetensors, AnUnfinishedFileLeavesNothing) {
  const Folder folder;
  {
    OutputFile file(folder / "out");
    file.write("half");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace razorsim
