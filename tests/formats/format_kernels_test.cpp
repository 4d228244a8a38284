// SPDX-License-Identifier: Apache-2.0
// Each fast loop equals its definition, on every instruction set this machine has.
#include "models/formats/format_kernels.h"

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "models/formats/format.h"
#include "models/formats/minifloat.h"
#include "models/formats/sdr.h"

namespace razorsim {
namespace {

class FormatKernels : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }

  std::mt19937 random_{7};

  /// Base integers of `bits` with any number of significant bits.
  std::vector<std::int16_t> integers(int bits, std::size_t count) {
    std::vector<std::int16_t> all(count);
    for (std::int16_t& each : all) {
      const std::uint32_t word = random_();
      const auto magnitude = static_cast<std::int32_t>(
          (word >> 8) & ((1U << (word % static_cast<unsigned>(bits))) - 1));
      each = static_cast<std::int16_t>(((word >> 7) & 1U) != 0 ? -magnitude : magnitude);
    }
    return all;
  }
};

TEST_P(FormatKernels, Quantise) {
  for (const int bits : {4, 8, 16}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{5}, std::size_t{1000}}) {
      std::vector<float> numbers(count);
      for (float& each : numbers)
        each = static_cast<float>(static_cast<std::int32_t>(random_())) * 1e-7F;
      std::vector<std::int16_t> out(count);
      quantise_vectors(bits, numbers, 0.37F, out);
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(out[i], quantised(bits, numbers[i], 0.37F)) << numbers[i];
    }
  }
}

TEST_P(FormatKernels, E2m1Codes) {
  // Every turning point and its neighbours, then anything.
  std::vector<float> ratios{0.0F, -0.0F, 1e-30F, 100.0F};
  for (const float turn : {0.25F, 0.75F, 1.25F, 1.75F, 2.5F, 3.5F, 5.0F, 6.0F}) {
    for (const float each : {std::nextafter(turn, 0.0F), turn, std::nextafter(turn, 9.0F)}) {
      ratios.push_back(each);
      ratios.push_back(-each);
    }
  }
  for (int i = 0; i < 1000; ++i)
    ratios.push_back(static_cast<float>(static_cast<std::int32_t>(random_())) * 4e-9F);
  for (const float unit : {1.0F, 0.37F, 0x1p-127F, 0x1p120F}) {
    std::vector<float> numbers;
    for (const float each : ratios) numbers.push_back(each * unit);
    std::vector<std::int16_t> codes(numbers.size());
    e2m1_codes(numbers, unit, codes);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto ratio = static_cast<double>(numbers[i] / unit);
      ASSERT_EQ(codes[i], static_cast<int>(encode_minifloat(e2m1, ratio))) << ratio;
    }
  }
}

TEST_P(FormatKernels, SquaredError) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{5}, std::size_t{1001}}) {
    std::vector<float> numbers(count);
    for (float& each : numbers)
      each = static_cast<float>(static_cast<std::int32_t>(random_())) * 1e-7F;
    const std::vector<std::int16_t> values = integers(16, count);
    double chains[error_chains] = {};
    for (std::size_t i = 0; i < count; ++i) {
      const float decoded = static_cast<float>(values[i]) * 0.37F;
      const double error = static_cast<double>(numbers[i]) - static_cast<double>(decoded);
      chains[i % error_chains] += error * error;
    }
    double sum = 0;
    for (const double each : chains) sum += each;
    EXPECT_EQ(squared_error(numbers, values, 0.37F), sum);
  }
}

TEST_P(FormatKernels, Razor) {
  for (const FormatSpec& variant : format_named("sdr").variants()) {
    for (const int group : {1, 5, 8, 16, 24, 32, 128}) {
      FormatSpec spec = variant;
      spec.group = group;
      const auto base = integers(spec.base_bits, 531);
      std::vector<std::int16_t> codes(base.size());
      std::vector<std::int16_t> values(base.size());
      std::vector<std::uint8_t> flags((base.size() + static_cast<std::size_t>(group) - 1) /
                                      static_cast<std::size_t>(group));
      razor_row(spec, base, codes, values, flags);
      std::vector<std::int16_t> expected_codes(base.size());
      std::vector<std::int16_t> expected_values(base.size());
      for (std::size_t first = 0; first < base.size(); first += static_cast<std::size_t>(group)) {
        const std::size_t width = std::min(static_cast<std::size_t>(group), base.size() - first);
        const int flag = razor_group(spec, std::span(base).subspan(first, width),
                                     std::span(expected_codes).subspan(first, width),
                                     std::span(expected_values).subspan(first, width));
        ASSERT_EQ(flags[first / static_cast<std::size_t>(group)], flag);
      }
      ASSERT_EQ(codes, expected_codes) << group;
      ASSERT_EQ(values, expected_values) << group;
    }
  }
}

TEST_P(FormatKernels, Store) {
  for (const FormatName& each : format_names()) {
    if (each.name == "fp32") continue;
    for (const FormatSpec& spec : format_named(each.name).variants()) {
      const FormatTraits traits = traits_of(spec);
      const std::vector<std::int16_t> codes = all_codes(spec);
      std::vector<std::uint16_t> words(codes.size());
      store_vectors(traits, codes, words);
      for (std::size_t i = 0; i < codes.size(); ++i)
        ASSERT_EQ(words[i], stored_bits(traits, codes[i])) << each.name;
    }
  }
}

TEST_P(FormatKernels, Toggles) {
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{3}, std::size_t{16}, std::size_t{777}}) {
    std::vector<std::uint16_t> from(count);
    std::vector<std::uint16_t> to(count);
    std::int64_t expected = 0;
    for (std::size_t i = 0; i < count; ++i) {
      from[i] = static_cast<std::uint16_t>(random_());
      to[i] = static_cast<std::uint16_t>(random_());
      expected += std::popcount(static_cast<std::uint16_t>(from[i] ^ to[i]));
    }
    EXPECT_EQ(toggles(from, to), expected);
  }
}

TEST_P(FormatKernels, Zeros) {
  for (const std::size_t group : {1, 3, 16, 32, 1000}) {
    std::vector<std::uint16_t> words(331);
    for (std::uint16_t& word : words)
      word = random_() % 3 == 0 ? 1 : (random_() % 2 == 0 ? 0x8000 : 0);
    std::fill_n(words.begin() + 32, 64, std::uint16_t{0});
    for (const std::uint16_t mask : {0xFFFF, 0x7FFF}) {
      Zeros expected;
      for (std::size_t first = 0; first < words.size(); first += group) {
        const std::size_t last = std::min(first + group, words.size());
        std::size_t here = 0;
        for (std::size_t i = first; i < last; ++i) here += (words[i] & mask) == 0 ? 1U : 0U;
        expected.words += static_cast<std::int64_t>(here);
        expected.groups += here == last - first ? 1 : 0;
      }
      const Zeros found = zeros(words, mask, group);
      EXPECT_EQ(found.words, expected.words) << group;
      EXPECT_EQ(found.groups, expected.groups) << group;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FormatKernels,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& target) {
                           return std::string(hwy::TargetName(target.param));
                         });

}  // namespace
}  // namespace razorsim
