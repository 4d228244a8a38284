// SPDX-License-Identifier: Apache-2.0
#include "traces/capture/capture.h"

#include <limits>

#include <gmock/gmock.h>

#include "models/formats/format.h"
#include "tests/traces/support.h"
#include "traces/calibrate/row_scales.h"
#include "traces/io/token_ids.h"

namespace razorsim {
namespace {

using test::Folder;
using test::trace_error_of;
using test::write_bytes;
using testing::HasSubstr;

const std::vector<std::int32_t> text{1, 5, 0, 10, 3, 3, 7, 2};
const std::vector<std::int32_t> other_text{4, 4, 9, 8, 6, 1};

struct Captured {
  Folder folder;
  Model model;
  StaticRanges ranges;

  Captured() : model(write(folder)), ranges(calibrate(model, other_text, {6, 4, 100}, 1)) {}
  static std::string write(const Folder& folder) {
    write_bytes(folder / "m.gguf", test::tiny_gguf(test::tiny_model()));
    return folder / "m.gguf";
  }
  [[nodiscard]] Trace trace(const CaptureSpec& spec, int threads = 1) const {
    return capture(model, text, ranges, scheme_from_name("sdr4"), spec, {}, threads);
  }
};

TEST(Capture, GivesEveryOperationItsTensors) {
  const Captured captured;
  const Trace trace = captured.trace({1, 1, 7, false});
  write_trace(trace, captured.folder / "t");
  const Trace read = read_trace(captured.folder / "t");
  EXPECT_EQ(read.operations.size(), 17U);
  for (const Operation& each : read.operations) {
    EXPECT_TRUE(read.has(each.output)) << each.output;
    for (const std::string& input : each.inputs) {
      EXPECT_TRUE(read.has(input)) << input;
      if (!each.is_product()) continue;
      const bool cached = each.kind != OperationKind::linear && input == each.inputs[1];
      EXPECT_EQ(std::ssize(read.base(input, cached ? 8 : 16).values),
                read.tensor(input).view<float>().size())
          << input;
      EXPECT_TRUE(read.has(input + ".sdr4.codes")) << input;
    }
    if (!each.weight.empty()) {
      EXPECT_EQ(read.weight(each.weight), captured.model.weight(each.weight));
    }
  }
  EXPECT_EQ(read.tokens, std::vector<std::int32_t>(text.begin(), text.begin() + 7));
}

TEST(Capture, BaseIntegersAreStageOneOfTheReference) {
  const Captured captured;
  const Trace trace = captured.trace({0, 0, 8, false});
  const std::string edge = "layers.0.silu_gate.output";
  const float scale = scale_of_absmax(captured.ranges.absmax_of(edge), 16);
  EXPECT_EQ(trace.base(edge, 16).scales, std::vector<float>{scale});
  EXPECT_EQ(trace.base(edge, 16).values, quantise(16, trace.tensor(edge).view<float>(), scale));
  EXPECT_EQ(trace.base("layers.0.softmax.output", 16).scales, std::vector<float>{1.0F / 32767});
  EXPECT_EQ(trace.base("layers.0.gate_proj.weight", 8).scales.size(), 12U);
}

TEST(Capture, CodesUnpackToTheRazoredBase) {
  const Captured captured;
  const Trace trace = captured.trace({0, 0, 7, false});
  FormatSpec format;
  format.name = "sdr";
  const auto check = [&](const std::string& name, int bits, const std::vector<std::int16_t>& base,
                         std::int64_t k) {
    format.base_bits = bits;
    const EncodedMatrix encoded =
        encode_integers(format, {base.data(), std::ssize(base) / k, k}, {1.0F});
    const auto codes = trace.tensor(name + ".sdr4.codes").view<std::uint8_t>();
    ASSERT_EQ(codes.rows(), encoded.rows) << name;
    for (std::int64_t row = 0; row < encoded.rows; ++row) {
      for (std::int64_t i = 0; i < k; ++i) {
        const int nibble = codes(row, i / 2) >> (i % 2 * 4) & 15;
        ASSERT_EQ(nibble < 8 ? nibble : nibble - 16, encoded.codes_view()(row, i))
            << name << ' ' << row << ' ' << i;
      }
    }
    const auto flags = trace.tensor(name + ".sdr4.flags").view<std::uint8_t>();
    EXPECT_TRUE(std::equal(encoded.group_codes.begin(), encoded.group_codes.end(), flags.data()))
        << name;
  };
  check("layers.0.input_norm.output", 16, trace.base("layers.0.input_norm.output", 16).values, 8);
  check("layers.0.rope_q.output", 16, trace.base("layers.0.rope_q.output", 16).values,
        4);  // a head at a time
  check("layers.0.down_proj.weight", 8, trace.base("layers.0.down_proj.weight", 8).values, 12);
  const BaseIntegers value = trace.base("layers.0.v_proj.output", 8);  // along tokens: transposed
  std::vector<std::int16_t> turned;
  for (std::int64_t col = 0; col < value.cols; ++col) {
    for (std::int64_t row = 0; row < value.rows; ++row) turned.push_back(value.view()(row, col));
  }
  check("layers.0.v_proj.output", 8, turned, 7);
}

TEST(Capture, TheWholeNetworkWithItsHead) {
  const Captured captured;
  const Trace trace = captured.trace({0, -1, 5, false});
  EXPECT_TRUE(trace.operations.back().is_head);
  EXPECT_EQ(trace.tensor("head.output").cols(), 11);
  EXPECT_TRUE(trace.has("final_norm.output.base16"));
  EXPECT_TRUE(trace.has("layers.1.mlp_residual.output"));
}

TEST(Capture, DependsOnNoThreadCount) {
  const Captured captured;
  write_trace(captured.trace({0, -1, 8, false}, 1), captured.folder / "one");
  write_trace(captured.trace({0, -1, 8, false}, 3), captured.folder / "three");
  EXPECT_EQ(test::read_bytes(captured.folder / "one"), test::read_bytes(captured.folder / "three"));
}

TEST(Capture, RefusesWhatDoesNotFit) {
  const Captured captured;
  EXPECT_THAT(trace_error_of([&] {
                static_cast<void>(captured.trace({0, 0, 9, false}));
              }),
              HasSubstr("9 tokens"));
  EXPECT_THROW(static_cast<void>(captured.trace({2, 2, 4, false})), ConfigError);
  EXPECT_THROW(static_cast<void>(captured.trace({0, 0, 4, true})), ConfigError);
  StaticRanges wrong = captured.ranges;
  wrong.model_sha256 = "another";
  EXPECT_THAT(
      trace_error_of([&] {
        static_cast<void>(capture(captured.model, text, wrong, {}, {0, 0, 4, false}, {}, 1));
      }),
      HasSubstr("another model"));
}

TEST(Calibration, RoundTripAndPercentile) {
  const Captured captured;
  write_calibration(captured.ranges, captured.folder / "c.safetensors");
  EXPECT_EQ(read_calibration(captured.folder / "c.safetensors"), captured.ranges);
  const StaticRanges clipped = calibrate(captured.model, other_text, {6, 4, 90}, 1);
  const std::string edge = "layers.1.silu_gate.output";
  EXPECT_LT(clipped.absmax_of(edge), captured.ranges.absmax_of(edge));
  EXPECT_EQ(captured.ranges.absmax.size(),
            2U * 16 + 1);  // 17 edges and the input, less scores and softmax
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(captured.ranges.absmax_of("x")); }),
              HasSubstr("'x'"));
}

StaticRanges searched(const Captured& captured, const std::vector<std::string>& schemes,
                      int threads = 1) {
  StaticRanges ranges = captured.ranges;
  std::vector<Scheme> all;
  for (const std::string& each : schemes) all.push_back(scheme_from_name(each));
  double share = 0;
  search_row_scales(captured.model, all, threads, ranges, [&](double done) { share = done; });
  EXPECT_EQ(share, 1);
  return ranges;
}

TEST(RowScales, AreSearchedForEachFormatWithAScaleARow) {
  const Captured captured;
  const StaticRanges ranges = searched(captured, {"W4A4:g16", "sdr4", "W4A4:g32", "int8", "mxfp4"});
  EXPECT_EQ(ranges.row_scales.size(), 3U * 7 * 2);  // sdr g16, sdr g32, int8; seven of two layers
  EXPECT_EQ(ranges, searched(captured, {"int8", "W4A4:g32", "sdr4"}, 3));
  const FormatSpec format = scheme_from_name("sdr4").weights;
  const ModelTensor& shape = captured.model.tensor("layers.1.up_proj.weight");
  EXPECT_EQ(ranges.row_scales_of("layers.1.up_proj.weight", format, shape.rows),
            ranges.row_scales.at("layers.1.up_proj.weight.sdr8m3g16"));
  FormatSpec other = format;
  other.rounding = Rounding::truncate;
  EXPECT_TRUE(ranges.row_scales_of("layers.1.up_proj.weight", other, shape.rows).empty());
  EXPECT_EQ(row_scales_key("w", other), "w.sdr8m3g16.truncate");
  EXPECT_THAT(trace_error_of([&] {
                static_cast<void>(ranges.row_scales_of("layers.1.up_proj.weight", format, 1));
              }),
              HasSubstr("'layers.1.up_proj.weight.sdr8m3g16', whose rows are 1"));
}

TEST(RowScales, StandInTheCalibrationFile) {
  const Captured captured;
  const std::string path = captured.folder / "c.safetensors";
  StaticRanges ranges = searched(captured, {"sdr4"});
  write_calibration(ranges, path);
  EXPECT_EQ(read_calibration(path), ranges);
  // What is there is not searched again.
  const std::string first = ranges.row_scales.begin()->first;
  ranges.row_scales.at(first).front() = 2;
  StaticRanges more = ranges;
  search_row_scales(captured.model, {scheme_from_name("sdr4"), scheme_from_name("int8")}, 1, more,
                    [](double) {});
  EXPECT_EQ(more.row_scales.at(first).front(), 2);
  EXPECT_EQ(more.row_scales.size(), 2 * ranges.row_scales.size());
  for (const float wrong : {0.0F, -1.0F, std::numeric_limits<float>::infinity()}) {
    ranges.row_scales.begin()->second.front() = wrong;
    write_calibration(ranges, path);
    EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_calibration(path)); }),
                HasSubstr("are no scales"));
  }
}

TEST(RowScales, AreTheScalesOfACapturedTrace) {
  const Captured captured;
  const StaticRanges ranges = searched(captured, {"sdr4", "int8"});
  const CaptureSpec spec{0, 0, 4, false};
  const Trace trace = capture(captured.model, text, ranges, scheme_from_name("sdr4"), spec, {}, 1);
  const std::string weight = "layers.0.q_proj.weight";
  EXPECT_EQ(trace.base(weight, 8).scales, ranges.row_scales.at(weight + ".sdr8m3g16"));
  EXPECT_NE(trace.base(weight, 8).scales, captured.trace(spec).base(weight, 8).scales);
  EXPECT_THAT(trace.provenance.calibration, HasSubstr("row scales searched"));
}

TEST(Calibration, RefusesOtherFiles) {
  const Captured captured;
  write_safetensors(captured.folder / "other", {{"format", "pt"}}, {});
  EXPECT_THAT(
      trace_error_of([&] { static_cast<void>(read_calibration(captured.folder / "other")); }),
      HasSubstr("no calibration file"));
  StaticRanges bad = captured.ranges;
  bad.absmax.begin()->second = -1;
  write_calibration(bad, captured.folder / "bad");
  EXPECT_THAT(trace_error_of([&] { static_cast<void>(read_calibration(captured.folder / "bad")); }),
              HasSubstr("no maximum"));
}

TEST(TokenIds, ListsAndJson) {
  EXPECT_EQ(parse_token_ids("[1, 2,3]\n", "x"), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(parse_token_ids("7 8\n9", "x"), (std::vector<std::int32_t>{7, 8, 9}));
  EXPECT_THAT(trace_error_of([] { static_cast<void>(parse_token_ids("1\ntwo", "x")); }),
              HasSubstr("x: line 2"));
  EXPECT_THROW(static_cast<void>(parse_token_ids("-1", "x")), TraceError);
  EXPECT_THROW(static_cast<void>(parse_token_ids("99999999999", "x")), TraceError);
  EXPECT_THROW(static_cast<void>(parse_token_ids("[]", "x")), TraceError);
}

}  // namespace
}  // namespace razorsim
