// SPDX-License-Identifier: Apache-2.0
#include "models/base/scheme.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"

namespace razorsim {
namespace {

using testing::HasSubstr;

std::string message_of(std::string_view name) {
  try {
    static_cast<void>(scheme_from_name(name));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

bool is_static_int16(const FormatSpec& spec) {
  return spec.name == "int16" && spec.granularity == ScaleGranularity::tensor &&
         spec.calibration == Calibration::from_file;
}

bool is_static_int8(const FormatSpec& spec) {
  return spec.name == "int8" && spec.granularity == ScaleGranularity::tensor &&
         spec.calibration == Calibration::from_file;
}

TEST(Scheme, W4A4RazorsWeightsAndActivationsOnly) {
  const Scheme scheme = scheme_from_name("W4A4:g16");
  EXPECT_EQ(scheme.name, "W4A4:g16");
  EXPECT_EQ(scheme.weights.name, "sdr");
  EXPECT_EQ(scheme.weights.base_bits, 8);
  EXPECT_EQ(scheme.weights.magnitude_bits, 3);
  EXPECT_EQ(scheme.weights.granularity, ScaleGranularity::row);
  EXPECT_EQ(scheme.activations.name, "sdr");
  EXPECT_EQ(scheme.activations.base_bits, 16);
  EXPECT_EQ(scheme.activations.granularity, ScaleGranularity::tensor);
  EXPECT_EQ(scheme.activations.calibration, Calibration::from_file);
  EXPECT_TRUE(is_static_int16(scheme.query));
  EXPECT_TRUE(is_static_int8(scheme.key));
  EXPECT_TRUE(is_static_int8(scheme.value));
  EXPECT_EQ(scheme.softmax.name, "int16");
  EXPECT_EQ(scheme.softmax.calibration, Calibration::unit_range);
  EXPECT_EQ(scheme.head_weights.name, "int8");
  EXPECT_TRUE(is_static_int16(scheme.head_activations));
}

TEST(Scheme, W4A8KeepsSevenMagnitudeBits) {
  Scheme expected = scheme_from_name("W4A4");
  expected.name = "W4A8:g16";
  expected.activations.magnitude_bits = 7;
  EXPECT_EQ(scheme_from_name("W4A8"), expected);
}

TEST(Scheme, Sdr4IsW4A4KV4) {
  const Scheme scheme = scheme_from_name("sdr4");
  EXPECT_EQ(scheme, scheme_from_name("W4A4KV4:g16"));
  EXPECT_EQ(scheme.name, "W4A4KV4:g16");
  EXPECT_EQ(scheme.key.name, "sdr");
  EXPECT_EQ(scheme.key.base_bits, 8);
  EXPECT_EQ(scheme.key.granularity, ScaleGranularity::tensor);
  EXPECT_EQ(scheme.value, scheme.key);
  EXPECT_TRUE(is_static_int16(scheme.query));
  EXPECT_EQ(scheme.key_position, KeyPosition::after_rope);
  EXPECT_EQ(scheme.value_axis, ValueAxis::tokens);
}

TEST(Scheme, Q4P4RazorsQueryAndSoftmaxFromBase16) {
  const Scheme scheme = scheme_from_name("W4A4KV4Q4P4:g16");
  EXPECT_EQ(scheme.query.name, "sdr");
  EXPECT_EQ(scheme.query.base_bits, 16);
  EXPECT_EQ(scheme.softmax.name, "sdr");
  EXPECT_EQ(scheme.softmax.base_bits, 16);
  EXPECT_EQ(scheme.softmax.calibration, Calibration::unit_range);
}

TEST(Scheme, W8A8IsDynamicPerTokenUnlessStatic) {
  const Scheme scheme = scheme_from_name("int8");
  EXPECT_EQ(scheme.name, "W8A8");
  EXPECT_EQ(scheme.weights.granularity, ScaleGranularity::row);
  EXPECT_EQ(scheme.activations.granularity, ScaleGranularity::row);
  EXPECT_EQ(scheme.activations.calibration, Calibration::on_the_fly);
  EXPECT_EQ(scheme.query, scheme.activations);
  EXPECT_EQ(scheme.softmax.name, "int8");
  const Scheme fixed = scheme_from_name("W8A8:static");
  EXPECT_TRUE(is_static_int8(fixed.activations));
  EXPECT_TRUE(is_static_int8(fixed.query));
}

TEST(Scheme, Int16x8LeavesStageTwoOut) {
  const Scheme scheme = scheme_from_name("int16x8");
  EXPECT_EQ(scheme.weights.name, "int8");
  EXPECT_TRUE(is_static_int16(scheme.activations));
  EXPECT_TRUE(is_static_int16(scheme.query));
}

TEST(Scheme, Int4TakesFp16ScalesWithAGroup) {
  EXPECT_EQ(scheme_from_name("int4").weights.granularity, ScaleGranularity::row);
  const Scheme grouped = scheme_from_name("int4:g64");
  EXPECT_EQ(grouped.weights.granularity, ScaleGranularity::group);
  EXPECT_EQ(grouped.weights.group, 64);
  EXPECT_EQ(grouped.activations.granularity, ScaleGranularity::group);
  EXPECT_EQ(grouped.activations.calibration, Calibration::on_the_fly);
  EXPECT_TRUE(is_static_int16(grouped.query));
}

TEST(Scheme, SuffixesChangeOneThing) {
  Scheme expected = scheme_from_name("sdr4");
  expected.name = "W4A4KV4:g16:half_even:saturate:head_dim:before_rope";
  expected.value_axis = ValueAxis::head_dim;
  expected.key_position = KeyPosition::before_rope;
  for (FormatSpec* spec :
       {&expected.weights, &expected.activations, &expected.key, &expected.value}) {
    spec->rounding = Rounding::half_even;
    spec->overflow = Overflow::saturate;
  }
  Scheme named = scheme_from_name("W4A4KV4:g16:half_even:saturate:head_dim:before_rope");
  EXPECT_EQ(named, expected);
  EXPECT_EQ(scheme_from_name("W4A4:base8").activations.base_bits, 8);
  const Scheme mixed = scheme_from_name("W4A4KV4:gw128:ga32");
  EXPECT_EQ(mixed.weights.group, 128);
  EXPECT_EQ(mixed.key.group, 128);
  EXPECT_EQ(mixed.activations.group, 32);
  EXPECT_EQ(mixed.name, "W4A4KV4:gw128:ga32");
  EXPECT_EQ(scheme_from_name("W4A4:dynamic").activations.calibration, Calibration::on_the_fly);
  EXPECT_TRUE(is_static_int16(scheme_from_name("W4A4:dynamic").query));
}

TEST(Scheme, EveryNameReadsBack) {
  for (const char* name :
       {"sdr4", "int8", "int16x8", "int4", "int4:g64", "mxfp4", "nvfp4", "fp32", "W4A16", "W8A8KV4",
        "W4A8KV8:g128", "nvfp4:dynamic", "W4A4KV4Q4P4:truncate:g8"}) {
    const Scheme scheme = scheme_from_name(name);
    EXPECT_EQ(scheme_from_name(scheme.name), scheme) << name;
  }
  EXPECT_EQ(scheme_from_name("W8A8KV4").name, "W8A8KV4:g16");
}

TEST(Scheme, MistakesNameWhatIsAllowed) {
  EXPECT_THAT(message_of("W4A5"), HasSubstr("'W4A5' is no scheme; allowed: sdr4, int8"));
  EXPECT_THAT(message_of("sdr5"), HasSubstr("did you mean 'sdr4'?"));
  EXPECT_THAT(message_of("W4A4KV4Q4P5"), HasSubstr("did you mean 'W4A4KV4Q4P4'?"));
  EXPECT_THAT(message_of("W4A4:half_evn"), HasSubstr("did you mean 'half_even'?"));
  EXPECT_THAT(message_of("W4A4:g"), HasSubstr("allowed: :g<group>"));
  EXPECT_THAT(message_of("W4A4:g0"), HasSubstr("allowed: 1 to 4096"));
  EXPECT_THAT(message_of("W4A4:g99999999999"), HasSubstr("allowed: :g<group>"));
  EXPECT_THAT(message_of("W8A8:saturate"), HasSubstr("means nothing there"));
  EXPECT_THAT(message_of("W4A4:head_dim"), HasSubstr("means nothing there"));
  EXPECT_THAT(message_of("mxfp4:g16"), HasSubstr("means nothing there"));
  EXPECT_THAT(message_of("int4:static:ga64"), HasSubstr("means nothing there"));
  EXPECT_THAT(message_of("W4A4:gw24:ga16"), HasSubstr("one must divide the other"));
  EXPECT_THAT(message_of(""), HasSubstr("is no scheme"));
  EXPECT_THAT(message_of("W4A4:"), HasSubstr("has the suffix ':'"));
}

/// Reads a struct by its field table; a key too many or too few is a failure.
template <class T>
T read(const nlohmann::json& json) {
  if constexpr (Described<T>) {
    T out;
    std::set<std::string> keys;
    for_each_field<T>([&](const auto& each) {
      using Member = std::remove_cvref_t<decltype(out.*each.member)>;
      keys.emplace(each.name);
      if constexpr (!std::is_same_v<Member, std::vector<SchemeOverride>>) {
        out.*each.member = read<Member>(json.at(std::string(each.name)));
      }
    });
    for (const auto& item : json.items()) EXPECT_TRUE(keys.contains(item.key())) << item.key();
    return out;
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& each : enum_names<T>) {
      if (each.name == json.get<std::string>()) return each.value;
    }
    throw std::invalid_argument(json.dump());
  } else {
    return json.get<T>();
  }
}

// The files spell the table out for readers; the code must mean the same.
TEST(Scheme, ShippedFilesSayWhatTheirNameMeans) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(RAZORSIM_TEST_SOURCE_DIR "/configs/schemes")) {
    std::ifstream file(entry.path());
    const auto scheme = read<Scheme>(nlohmann::json::parse(file));
    EXPECT_EQ(scheme_from_name(scheme.name), scheme) << entry.path();
    std::string stem = entry.path().stem().string();
    std::ranges::replace(stem, '-', ':');
    EXPECT_EQ(scheme_from_name(stem), scheme) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 13);
}

TEST(Scheme, TheLastMatchingOverrideWins) {
  Scheme scheme = scheme_from_name("sdr4");
  FormatSpec wide;
  wide.name = "int8";
  FormatSpec wider;
  wider.name = "int16";
  scheme.overrides = {{"layers.*.down_proj", Operand::weights, wide},
                      {"layers.3.*", Operand::weights, wider},
                      {"*", Operand::softmax, wide}};
  EXPECT_EQ(scheme.format_of(Operand::weights, "layers.0.q_proj").name, "sdr");
  EXPECT_EQ(scheme.format_of(Operand::weights, "layers.0.down_proj").name, "int8");
  EXPECT_EQ(scheme.format_of(Operand::weights, "layers.3.down_proj").name, "int16");
  EXPECT_EQ(scheme.format_of(Operand::activations, "layers.3.down_proj").name, "sdr");
  EXPECT_EQ(scheme.format_of(Operand::softmax).name, "int8");
}

}  // namespace
}  // namespace razorsim
