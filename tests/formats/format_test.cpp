// SPDX-License-Identifier: Apache-2.0
#include "models/formats/format.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace razorsim {
namespace {

using testing::HasSubstr;

FormatSpec sdr(int group = 16) {
  FormatSpec spec = default_spec("sdr");
  spec.group = group;
  return spec;
}

TEST(Format, EffectiveBitsAreThoseOfThePublishedTable) {
  EXPECT_DOUBLE_EQ(effective_bits(sdr(8), 4096), 4.5);
  EXPECT_DOUBLE_EQ(effective_bits(sdr(16), 4096), 4.25);
  EXPECT_DOUBLE_EQ(effective_bits(sdr(32), 4096), 4.125);
  EXPECT_DOUBLE_EQ(effective_bits(sdr(128), 4096), 4.03125);
  FormatSpec narrow = sdr(16);
  narrow.base_bits = 8;
  narrow.flag_bits = 3;
  EXPECT_DOUBLE_EQ(effective_bits(narrow, 4096), 4.1875);
  EXPECT_DOUBLE_EQ(effective_bits(default_spec("mxfp4"), 4096), 4.25);
  EXPECT_DOUBLE_EQ(effective_bits(default_spec("nvfp4"), 4096), 4.5);
  FormatSpec int4 = default_spec("int4");
  EXPECT_DOUBLE_EQ(effective_bits(int4, 4096), 4);
  int4.granularity = ScaleGranularity::group;
  int4.group = 64;
  EXPECT_DOUBLE_EQ(effective_bits(int4, 4096), 4.25);
  EXPECT_DOUBLE_EQ(effective_bits(default_spec("fp16"), 10), 16);
}

// The last group of a row is short, but its flag is stored whole.
TEST(Format, StorageCountsTheRaggedGroup) {
  FormatSpec spec = sdr(16);
  spec.granularity = ScaleGranularity::row;
  const Storage storage = storage_of(spec, 3, 17);
  EXPECT_EQ(storage.codes, Bits(3 * 17 * 4));
  EXPECT_EQ(storage.groups, Bits(3 * 2 * 4));
  EXPECT_EQ(storage.scales, Bits(3 * 32));
  EXPECT_EQ(storage.total(), Bits(204 + 24 + 96));
  EXPECT_EQ(storage_of(default_spec("nvfp4"), 2, 16), (Storage{Bits(128), Bits(16), Bits(32)}));
  EXPECT_EQ(storage_of(default_spec("fp32"), 2, 16), (Storage{Bits(1024), Bits(0), Bits(0)}));
}

TEST(Format, LimitsOfSdr) {
  FormatTraits traits = traits_of(sdr());
  EXPECT_EQ(traits.largest_code, 7);
  EXPECT_EQ(traits.smallest_code, -7);
  EXPECT_EQ(traits.largest_group_code, 12);
  EXPECT_EQ(traits.largest_value, 7 << 12);
  FormatSpec spec = sdr();
  spec.overflow = Overflow::saturate;
  EXPECT_EQ(traits_of(spec).smallest_code, -8);
  EXPECT_EQ(traits_of(spec).largest_value, 8 << 12);
  spec.base_bits = 8;
  spec.magnitude_bits = 7;  // nothing is cut, so nothing rounds to -128
  EXPECT_EQ(traits_of(spec).smallest_code, -127);
}

TEST(Format, EveryLineOfTheListHasItsName) {
  std::vector<std::string_view> names;
  for (const FormatName& each : format_names()) {
    names.push_back(each.name);
    EXPECT_EQ(format_named(each.name).name(), each.name);
    EXPECT_FALSE(each.meaning.empty());
  }
  EXPECT_THAT(names, testing::ElementsAre("sdr", "int4", "int8", "int16", "fp16", "fp32", "mxfp4",
                                          "nvfp4"));
}

std::string problems(const char* name, const std::function<void(FormatSpec&)>& change) {
  FormatSpec spec = default_spec(name);
  change(spec);
  std::string text;
  for (const Problem& problem : problems_of(spec, "scheme.weights"))
    text += problem.path + " " + problem.message + "\n";
  return text;
}

TEST(Format, IllegalSettingsAreNamed) {
  EXPECT_EQ(problems("sdr", [](FormatSpec& spec) { spec.base_bits = 12; }),
            "scheme.weights.base_bits is 12; allowed: 8 or 16\n");
  EXPECT_EQ(problems("sdr", [](FormatSpec& spec) { spec.flag_bits = 3; }),
            "scheme.weights.flag_bits is 3; base 16 with 3 magnitude bits needs at least 4\n");
  EXPECT_THAT(problems("sdr", [](FormatSpec& spec) { spec.granularity = ScaleGranularity::group; }),
              HasSubstr("scheme.weights.granularity is 'group'; an SDR group shares a flag"));
  EXPECT_THAT(problems("int8", [](FormatSpec& spec) { spec.rounding = Rounding::truncate; }),
              HasSubstr("scheme.weights.rounding is 'truncate'; it has no effect on int8"));
  EXPECT_THAT(problems("mxfp4", [](FormatSpec& spec) { spec.group = 16; }),
              HasSubstr("mxfp4 has blocks of 32"));
  EXPECT_THAT(problems("nvfp4", [](FormatSpec& spec) { spec.granularity = ScaleGranularity::row; }),
              HasSubstr("granularity is 'row'"));
  EXPECT_THAT(problems("int16",
                       [](FormatSpec& spec) {
                         spec.granularity = ScaleGranularity::row;
                         spec.calibration = Calibration::unit_range;
                       }),
              HasSubstr("one scale for the whole tensor"));
  EXPECT_EQ(problems("sdr", [](FormatSpec& spec) { spec.name = "sdd"; }),
            "scheme.weights.format is 'sdd'; allowed: sdr int4 int8 int16 fp16 fp32 mxfp4 nvfp4; "
            "did you mean 'sdr'?\n");
  FormatSpec both = sdr();
  both.group = 0;
  both.magnitude_bits = 9;
  EXPECT_EQ(problems_of(both, "").size(), 2U);  // all at once
  EXPECT_EQ(problems_of(both, "").front().path, "group");
}

TEST(Format, AWrongFormatNeverEncodes) {
  FormatSpec spec = sdr();
  spec.flag_bits = 1;
  const std::vector<float> numbers = {1};
  EXPECT_THROW(static_cast<void>(encode(spec, MatrixView<const float>(numbers.data(), 1, 1))),
               ConfigError);
}

TEST(Format, ScalesFollowTheGranularity) {
  const std::vector<float> numbers = {1, -2, 4, 0, 0, 0};
  const MatrixView<const float> matrix(numbers.data(), 2, 3);
  FormatSpec spec = default_spec("int8");
  EXPECT_EQ(encode(spec, matrix).scales, std::vector<float>{4.0F / 127});
  spec.granularity = ScaleGranularity::row;
  EXPECT_EQ(encode(spec, matrix).scales, (std::vector<float>{4.0F / 127, 1e-12F / 127}));
  spec.granularity = ScaleGranularity::tensor;
  spec.calibration = Calibration::unit_range;
  EXPECT_EQ(encode(spec, matrix).scales, std::vector<float>{1.0F / 127});
  EXPECT_EQ(encode(spec, matrix, {{0.5F}}).codes, (std::vector<std::int16_t>{2, -4, 8, 0, 0, 0}));
  EXPECT_THROW(static_cast<void>(encode(spec, matrix, {{0.5F, 1, 2}})), Defect);
}

}  // namespace
}  // namespace razorsim
