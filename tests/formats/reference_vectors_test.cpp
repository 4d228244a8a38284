// SPDX-License-Identifier: Apache-2.0
// Our formats against tests/golden/reference_vectors.json, which an independent Python reference
// made from the published definitions (tools/razorsim_tools/vectors.py holds its schema): every bit
// equal.
#include <bit>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/formats/format.h"
#include "models/formats/fp16.h"
#include "models/formats/minifloat.h"
#include "models/formats/planes.h"

namespace razorsim {
namespace {

using Json = nlohmann::json;
using Integers = std::vector<std::int16_t>;

const Json& vectors() {
  static const Json all = [] {
    std::ifstream file(RAZORSIM_TEST_SOURCE_DIR "/tests/golden/reference_vectors.json");
    return Json::parse(file);
  }();
  return all;
}

/// C's %a text, exactly.
float real(const Json& text) { return std::strtof(text.get<std::string>().c_str(), nullptr); }

std::vector<float> reals(const Json& texts) {
  std::vector<float> numbers;
  for (const Json& text : texts) numbers.push_back(real(text));
  return numbers;
}

template <class E>
E enumerator(const Json& name) {
  for (const auto& each : enum_names<E>) {
    if (each.name == name.get<std::string>()) return each.value;
  }
  throw Defect("a name the reference made up");
}

template <class T>
MatrixView<const T> row_of(const std::vector<T>& elements) {
  return {elements.data(), 1, static_cast<std::int64_t>(elements.size())};
}

/// Equal bits, the sign of zero included.
void expect_same_bits(const std::vector<float>& ours, const std::vector<float>& theirs,
                      const Json& about) {
  ASSERT_EQ(ours.size(), theirs.size()) << about;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(ours[i]), std::bit_cast<std::uint32_t>(theirs[i]))
        << i << " of " << about;
  }
}

TEST(ReferenceVectors, Razor) {
  ASSERT_GT(vectors().at("razor").size(), 100U);
  for (const Json& each : vectors().at("razor")) {
    FormatSpec spec;
    spec.name = "sdr";
    spec.base_bits = each.at("bits");
    spec.group = each.at("group");
    spec.magnitude_bits = each.at("magnitude_bits");
    spec.rounding = enumerator<Rounding>(each.at("rounding"));
    spec.overflow = enumerator<Overflow>(each.at("overflow"));
    const auto base = each.at("q").get<Integers>();
    const EncodedMatrix ours = encode_integers(spec, row_of(base), {1.0F});
    EXPECT_EQ(ours.codes, each.at("mantissas").get<Integers>()) << each;
    EXPECT_EQ(ours.group_codes, each.at("flags").get<std::vector<std::uint8_t>>()) << each;
    EXPECT_EQ(ours.values, each.at("values").get<Integers>()) << each;
    std::vector<std::uint16_t> words;
    for (const std::int16_t code : ours.codes) words.push_back(stored_bits(traits_of(spec), code));
    EXPECT_EQ(words, each.at("words").get<std::vector<std::uint16_t>>()) << each;
  }
}

TEST(ReferenceVectors, Planes) {
  for (const Json& each : vectors().at("planes")) {
    FormatSpec spec;
    spec.name = each.at("bits") == 8 ? "int8" : "int16";
    const auto base = each.at("q").get<Integers>();
    const auto parts = planes(encode_integers(spec, row_of(base), {1.0F}), 16);
    const auto flags = each.at("flags").get<std::vector<int>>();
    ASSERT_EQ(parts.size(), flags.size());
    EXPECT_EQ(passes(spec), static_cast<int>(flags.size()));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(parts[i].codes, each.at("planes").at(i).get<Integers>()) << each;
      EXPECT_EQ(parts[i].group_codes[0], flags[i]);
    }
  }
}

TEST(ReferenceVectors, Quantise) {
  ASSERT_GT(vectors().at("quantise").size(), 10U);
  for (const Json& each : vectors().at("quantise")) {
    const int bits = each.at("bits");
    const auto x = reals(each.at("x"));
    const float scale = real(each.at("scale"));
    if (!each.at("static")) {
      EXPECT_EQ(scale_of_absmax(absmax(x), bits), scale) << each;
    }
    EXPECT_EQ(quantise(bits, row_of(x), scale), each.at("q").get<Integers>()) << each;
    FormatSpec spec;
    spec.name = "int" + std::to_string(bits);
    const ScaleSource source{each.at("static") ? std::vector<float>{scale} : std::vector<float>{}};
    EXPECT_EQ(encode(spec, row_of(x), source).codes, each.at("q").get<Integers>()) << each;
  }
}

TEST(ReferenceVectors, Fp16) {
  for (const Json& each : vectors().at("fp16")) {
    EXPECT_EQ(to_fp16(real(each.at("x"))), each.at("code").get<std::uint16_t>()) << each;
    expect_same_bits({from_fp16(each.at("code"))}, {real(each.at("value"))}, each);
  }
}

void compare_minifloat(const Minifloat& format, const char* name) {
  ASSERT_FALSE(vectors().at(name).empty());
  for (const Json& each : vectors().at(name)) {
    EXPECT_EQ(encode_minifloat(format, real(each.at("x"))), each.at("code").get<std::uint32_t>())
        << each;
    expect_same_bits({static_cast<float>(decode_minifloat(format, each.at("code")))},
                     {real(each.at("value"))}, each);
  }
}

TEST(ReferenceVectors, E2m1) { compare_minifloat(e2m1, "e2m1"); }
TEST(ReferenceVectors, E4m3) { compare_minifloat(e4m3, "e4m3"); }

void compare_blocks(const FormatSpec& spec, const Json& each, const ScaleSource& source) {
  const auto x = reals(each.at("x"));
  const EncodedMatrix ours = encode(spec, row_of(x), source);
  EXPECT_EQ(ours.codes, each.at("codes").get<Integers>()) << each;
  expect_same_bits(decode(ours), reals(each.at("values")), each);
  if (spec.name == "int4") {
    std::vector<int> patterns;
    for (const float scale : ours.scales) patterns.push_back(to_fp16(scale));
    EXPECT_EQ(patterns, each.at("scales").get<std::vector<int>>()) << each;
  } else {
    EXPECT_EQ(ours.group_codes, each.at("scales").get<std::vector<std::uint8_t>>()) << each;
  }
}

TEST(ReferenceVectors, Mxfp4) {
  ASSERT_FALSE(vectors().at("mxfp4").empty());
  FormatSpec spec;
  spec.name = "mxfp4";
  spec.group = 32;
  spec.granularity = ScaleGranularity::group;
  for (const Json& each : vectors().at("mxfp4")) compare_blocks(spec, each, {});
}

TEST(ReferenceVectors, Nvfp4) {
  ASSERT_FALSE(vectors().at("nvfp4").empty());
  FormatSpec spec;
  spec.name = "nvfp4";
  for (const Json& each : vectors().at("nvfp4")) {
    const float scale = real(each.at("tensor_scale"));
    compare_blocks(spec, each,
                   {each.at("static") ? std::vector<float>{scale} : std::vector<float>{}});
    if (!each.at("static")) {
      EXPECT_EQ(encode(spec, row_of(reals(each.at("x")))).scales, std::vector<float>{scale})
          << each;
    }
  }
}

TEST(ReferenceVectors, Int4WithFp16Scales) {
  ASSERT_FALSE(vectors().at("int_fp16").empty());
  for (const Json& each : vectors().at("int_fp16")) {
    FormatSpec spec;
    spec.name = "int" + std::to_string(each.at("bits").get<int>());
    spec.group = each.at("block");
    spec.granularity = ScaleGranularity::group;
    compare_blocks(spec, each, {});
  }
}

}  // namespace
}  // namespace razorsim
