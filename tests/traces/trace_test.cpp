// SPDX-License-Identifier: Apache-2.0
#include "traces/io/trace.h"

#include <limits>

#include <gmock/gmock.h>

#include "tests/traces/support.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

using test::Folder;
using test::read_bytes;
using test::trace_error_of;
using test::write_bytes;
using testing::HasSubstr;

/// One linear operation, 2 x 3 by 2 x 3, with a tensor of each kind.
Trace small_trace() {
  Trace trace;
  trace.provenance.tool = "test";
  trace.network = test::tiny_model().network;
  trace.scheme.name = "some \"scheme\"";
  trace.tokens = {3, 1, 4};
  Operation& op = trace.operations.emplace_back();
  op.name = "layers.0.q_proj";
  op.m = 2;
  op.k = 3;
  op.n = 2;
  op.inputs = {"x"};
  op.weight = "w";
  op.output = "y";
  trace.tensors.emplace("x", make_tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3}));
  trace.tensors.emplace("x.base16", make_tensor<std::int16_t>({1, 2, 3, 4, 5, -32767}, {2, 3}));
  trace.tensors.emplace("x.base16.scale", make_tensor<float>({0.5F}, {1}));
  trace.tensors.emplace("w.base8", make_tensor<std::int8_t>({1, -2, 3, 4, 5, -127}, {2, 3}));
  trace.tensors.emplace("w.base8.scale", make_tensor<float>({0.5F, 0.25F}, {2}));
  trace.tensors.emplace(
      "w.source", make_tensor<std::uint8_t>({0, 0x3c, 0, 0xbc, 0, 0x40, 0, 0, 0, 0, 0, 0}, {2, 6}));
  trace.encodings["w"] = "F16";
  return trace;
}

TEST(Trace, RoundTrip) {
  const Folder folder;
  const Trace written = small_trace();
  write_trace(written, folder / "t");
  const Trace read = read_trace(folder / "t");
  EXPECT_EQ(read.provenance, written.provenance);
  EXPECT_EQ(read.network, written.network);
  EXPECT_EQ(read.scheme, written.scheme);
  EXPECT_EQ(read.tokens, written.tokens);
  EXPECT_EQ(read.operations, written.operations);
  EXPECT_EQ(read.encodings, written.encodings);
  EXPECT_EQ(read.tensors.size(), written.tensors.size());
  EXPECT_TRUE(read.has_values());
  EXPECT_EQ(read.base("x", 16).values.back(), -32767);
  EXPECT_EQ(read.base("w", 8).values, (std::vector<std::int16_t>{1, -2, 3, 4, 5, -127}));
  EXPECT_EQ(read.base("w", 8).scales, (std::vector<float>{0.5F, 0.25F}));
  EXPECT_EQ(read.weight("w"), (std::vector<float>{1, -1, 2, 0, 0, 0}));
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read.tensor("z")); }), HasSubstr("'z'"));
}

TEST(Trace, RefusesBaseIntegersThatNoQuantiserMakes) {
  Trace trace = small_trace();
  trace.tensors["w.base8"] = make_tensor<std::int8_t>({1, -2, 3, 4, 5, -128}, {2, 3});
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(trace.base("w", 8)); }),
              HasSubstr("'w.base8' holds -128; base integers of 8 bits go from -127 to 127"));
  trace = small_trace();
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    trace.tensors["x.base16.scale"] = make_tensor<float>({scale}, {1});
    EXPECT_THAT(trace_error_of([&] { static_cast<void>(trace.base("x", 16)); }),
                HasSubstr("'x.base16' has a scale that is not positive and finite"));
  }
}

TEST(Trace, TheSameTraceIsTheSameBytes) {
  const Folder folder;
  write_trace(small_trace(), folder / "one");
  write_trace(small_trace(), folder / "two");
  EXPECT_EQ(read_bytes(folder / "one"), read_bytes(folder / "two"));
}

TEST(Trace, AShapeOnlyTraceIsLegal) {
  const Folder folder;
  Trace trace;
  trace.network = test::tiny_model().network;
  trace.operations = llama_operations(trace.network, {});
  write_trace(trace, folder / "t");
  const Trace read = read_trace(folder / "t");
  EXPECT_FALSE(read.has_values());
  EXPECT_EQ(read.operations, trace.operations);
}

TEST(Trace, EveryTruncationIsFound) {
  const Folder folder;
  write_trace(small_trace(), folder / "t");
  const std::string whole = read_bytes(folder / "t");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_bytes(folder / "cut", whole.substr(0, length));
    ASSERT_THROW(static_cast<void>(read_trace(folder / "cut")), TraceError) << length;
  }
  write_bytes(folder / "longer", whole + '\0');
  EXPECT_THROW(static_cast<void>(read_trace(folder / "longer")), TraceError);
}

// The whole file is tried on a copy in memory that is written once; then each flip costs one byte.
TEST(Trace, EverySingleFlippedBitIsFound) {
  const Folder folder;
  write_trace(small_trace(), folder / "t");
  const std::string whole = read_bytes(folder / "t");
  std::fstream file(folder / "t", std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](std::size_t at, char byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.flush();
  };
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    put(bit / 8, static_cast<char>(whole[bit / 8] ^ (1 << bit % 8)));
    ASSERT_THROW(static_cast<void>(read_trace(folder / "t")), TraceError) << "bit " << bit;
    put(bit / 8, whole[bit / 8]);
  }
  EXPECT_NO_THROW(static_cast<void>(read_trace(folder / "t")));
}

TEST(Trace, AnotherKindOfFile) {
  const Folder folder;
  write_safetensors(folder / "plain", {{"format", "pt"}}, {});
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_trace(folder / "plain")); }),
              HasSubstr("not a RazorSim trace"));
  write_bytes(folder / "gguf", test::tiny_gguf(test::tiny_model()));
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_trace(folder / "gguf")); }),
              HasSubstr("not a safetensors file"));
  write_bytes(folder / "json", "{\"array\": {\"rows\": 16}}\n");
  EXPECT_THROW(static_cast<void>(read_trace(folder / "json")), TraceError);
}

/// What write_trace itself refuses (a hostile writer would not ask it) goes through the same check.
template <class Change>
std::string refusal(Change change) {
  const Folder folder;
  Trace trace = small_trace();
  change(trace);
  return trace_error_of([&] { write_trace(trace, folder / "t"); });
}

TEST(Trace, RefusesOperationsThatMakeNoSense) {
  EXPECT_THAT(refusal([](Trace& t) { t.operations.push_back(t.operations[0]); }),
              HasSubstr("occurs twice"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].m = 0; }), HasSubstr("extent of 0"));
  EXPECT_THAT(refusal([](Trace& t) {
                t.operations[0].m = t.operations[0].n = t.operations[0].k = 1 << 28;
              }),
              HasSubstr("absurdly large"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].inputs.clear(); }),
              HasSubstr("number of inputs"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].weight = ""; }), HasSubstr("no weight"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].k = 0; }), HasSubstr("reduction length"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].kind = OperationKind::embedding; }),
              HasSubstr("a trace begins with the rows it made"));
  EXPECT_THAT(refusal([](Trace& t) { t.operations[0].layer = 9; }), HasSubstr("network lacks"));
  EXPECT_THAT(refusal([](Trace& t) {
                t.operations[0].heads = 2;
                t.operations[0].kv_heads = 2;
              }),
              HasSubstr("more than one head"));
  EXPECT_THAT(refusal([](Trace& t) {
                t.operations.push_back(t.operations[0]);
                t.operations[1].name = "other";
                t.operations[1].k = 5;
              }),
              HasSubstr("contradicts"));
}

TEST(Trace, RefusesTensorsThatDoNotFitTheirOperations) {
  const auto with = [](const char* name, const Tensor& tensor) {
    return refusal([&](Trace& t) { t.tensors.insert_or_assign(name, tensor); });
  };
  EXPECT_THAT(with("x", make_tensor<float>({1, 2}, {1, 2})), HasSubstr("'x'"));
  EXPECT_THAT(with("y", make_tensor<std::int16_t>({1, 2, 3, 4}, {2, 2})), HasSubstr("'y'"));
  EXPECT_THAT(with("x.base16", make_tensor<std::int8_t>({1, 2, 3, 4, 5, 6}, {2, 3})),
              HasSubstr("'x.base16'"));
  EXPECT_THAT(with("w.base8.scale", make_tensor<float>({1, 2, 3}, {3})),
              HasSubstr("'w.base8.scale'"));
  EXPECT_THAT(with("w.source", make_tensor<std::uint8_t>({1, 2, 3}, {1, 3})),
              HasSubstr("'w.source'"));
  EXPECT_THAT(with("x.sdr4.codes", make_tensor<std::uint8_t>({1, 2, 3}, {1, 3})),
              HasSubstr("'x.sdr4.codes'"));
  EXPECT_THAT(refusal([](Trace& t) { t.tensors.erase("x.base16.scale"); }),
              HasSubstr("has no scale"));
  EXPECT_THAT(refusal([](Trace& t) { t.encodings["w"] = "Q9"; }), HasSubstr("'Q9'"));
}

}  // namespace
}  // namespace razorsim
