// SPDX-License-Identifier: Apache-2.0
// The laws every number format keeps, for each line of formats.def and each of its variants. A new
// format is tested by being in the list.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "models/formats/format.h"

namespace razorsim {
namespace {

/// The format's name as a type, so that each is a suite of its own.
#define RAZORSIM_FORMAT(name)                        \
  struct name##_law {                                \
    static constexpr std::string_view title = #name; \
  };
#include "models/formats/formats.def"
#undef RAZORSIM_FORMAT

struct last_law {};
template <class... All>
struct ListOf {
  using type = testing::Types<All...>;
};
template <class List, class... Kept>
struct WithoutLast;
template <class Last, class... Kept>
struct WithoutLast<std::tuple<Last>, Kept...> {
  using type = testing::Types<Kept...>;
};
template <class First, class Second, class... Rest, class... Kept>
struct WithoutLast<std::tuple<First, Second, Rest...>, Kept...>
    : WithoutLast<std::tuple<Second, Rest...>, Kept..., First> {};
using AllFormats = WithoutLast<std::tuple<
#define RAZORSIM_FORMAT(name) name##_law,
#include "models/formats/formats.def"
#undef RAZORSIM_FORMAT
    last_law>>::type;

struct Title {
  template <class Law>
  static std::string GetName(int) {
    return std::string(Law::title);
  }
};

std::string describe(const FormatSpec& spec) {
  return spec.name + " base " + std::to_string(spec.base_bits) + " m " +
         std::to_string(spec.magnitude_bits) + " " + std::string(name_of(spec.rounding)) + " " +
         std::string(name_of(spec.overflow)) + " " + std::string(name_of(spec.granularity)) + " " +
         std::string(name_of(spec.calibration));
}

MatrixView<const float> row_of(const std::vector<float>& numbers) {
  return {numbers.data(), 1, static_cast<std::int64_t>(numbers.size())};
}

template <class Law>
class FormatLaws : public testing::Test {
 protected:
  std::vector<FormatSpec> variants() const { return format_named(Law::title).variants(); }

  /// Numbers a static scale of `unit` would meet: whole multiples of it for integer formats (so
  /// that stage 1 is exact and only the format's own rounding is on trial), anything for floating
  /// ones.
  std::vector<float> row_for(const FormatSpec& spec, unsigned seed, std::int64_t count,
                             float unit) const {
    std::mt19937 generator(seed);
    const FormatTraits traits = traits_of(spec);
    std::vector<float> numbers;
    while (static_cast<std::int64_t>(numbers.size()) < count) {
      const std::uint32_t word = generator();
      if (traits.is_integer) {
        // Any number of significant bits is as likely as any other.
        const auto kept = static_cast<int>(word % static_cast<unsigned>(traits.base_bits));
        const auto magnitude = static_cast<float>((word >> 8) & ((1U << kept) - 1));
        numbers.push_back(((word >> 7) & 1U) != 0 ? -magnitude * unit : magnitude * unit);
      } else {
        const float sign = (word & 1U) != 0 ? -1.0F : 1.0F;
        numbers.push_back(sign * std::ldexp(static_cast<float>(word >> 8),
                                            static_cast<int>((word >> 1) % 16) - 30));
      }
    }
    return numbers;
  }

  /// The scales to give: one of `unit` a tensor where the format takes one, else none.
  ScaleSource given(const FormatSpec& spec, float unit) const {
    const bool takes_one = traits_of(spec).scale_bits > Bits(0);
    return {takes_one ? std::vector<float>{unit} : std::vector<float>{}};
  }
};
TYPED_TEST_SUITE(FormatLaws, AllFormats, Title);

TYPED_TEST(FormatLaws, VariantsAreLegal) {
  ASSERT_FALSE(this->variants().empty());
  for (const FormatSpec& spec : this->variants()) {
    EXPECT_EQ(spec.name, TypeParam::title);
    EXPECT_TRUE(problems_of(spec, "").empty()) << describe(spec);
  }
}

TYPED_TEST(FormatLaws, EveryCodeHasItsOwnBits) {
  for (const FormatSpec& spec : this->variants()) {
    const FormatTraits traits = traits_of(spec);
    if (traits.element_bits > Bits(16)) continue;
    std::set<std::uint16_t> words;
    for (const std::int16_t code : all_codes(spec)) {
      const std::uint16_t word = stored_bits(traits, code);
      EXPECT_LT(word, std::int64_t{1} << traits.element_bits.count())
          << describe(spec) << " code " << code;
      EXPECT_TRUE(words.insert(word).second) << describe(spec) << " code " << code;
    }
    EXPECT_LT(traits.largest_group_code, std::int64_t{1} << traits.group_bits.count())
        << describe(spec);
  }
}

// A code beside the largest one of its group says all there is to say about the group's scale, so
// encoding what it decodes to gives it back. Rules that need not: saturation, where -2^m changes
// the razoring point.
TYPED_TEST(FormatLaws, EveryCodeUnderEveryGroupCodeRoundTrips) {
  for (const FormatSpec& spec : this->variants()) {
    const FormatTraits traits = traits_of(spec);
    const ScaleSource source = this->given(spec, 0.25F);
    const bool real_group_scale =
        traits.has_groups && traits.scale_bits == Bits(0) && traits.is_integer;
    const int group_codes = traits.has_groups && !real_group_scale ? traits.largest_group_code : 0;
    for (int group_code = 0; group_code <= group_codes; ++group_code) {
      for (const std::int16_t code : all_codes(spec)) {
        if (code < -traits.largest_code && traits.is_integer) continue;
        EncodedMatrix original;
        original.format = spec;
        original.rows = 1;
        original.cols = 2;
        const auto top = static_cast<std::int16_t>(
            traits.is_integer || traits.element_bits > Bits(4) ? traits.largest_code : 7);
        original.codes = {code, top};
        if (traits.is_integer) {
          for (const std::int16_t each : original.codes) {
            original.values.push_back(static_cast<std::int16_t>(each * (1 << group_code)));
          }
        }
        original.scales = real_group_scale ? std::vector<float>{0.25F} : source.given;
        if (traits.has_groups && !real_group_scale)
          original.group_codes = {static_cast<std::uint8_t>(group_code)};
        const std::vector<float> numbers = decode(original);
        if (!std::isfinite(numbers[0]) || !std::isfinite(numbers[1])) continue;
        const EncodedMatrix again = encode(spec, row_of(numbers), source);
        ASSERT_EQ(decode(again), numbers)
            << describe(spec) << " code " << code << " group " << group_code;
        if (numbers[1] != 0) {
          ASSERT_EQ(again.codes, original.codes) << describe(spec) << " group " << group_code;
          ASSERT_EQ(again.group_codes, original.group_codes) << describe(spec) << " code " << code;
        }
      }
    }
  }
}

TYPED_TEST(FormatLaws, EncodingTwiceChangesNothing) {
  for (const FormatSpec& spec : this->variants()) {
    if (spec.overflow == Overflow::saturate) continue;  // idempotence is lost by definition
    if (spec.name == "nvfp4")
      continue;  // its block scale need not survive where no element is the largest
    if (spec.granularity == ScaleGranularity::group && traits_of(spec).is_integer)
      continue;  // likewise
    for (unsigned seed = 0; seed < 20; ++seed) {
      const auto source = this->given(spec, 0.5F);
      const std::vector<float> once =
          decode(encode(spec, row_of(this->row_for(spec, seed, 77, 0.5F)), source));
      ASSERT_EQ(decode(encode(spec, row_of(once), source)), once) << describe(spec);
    }
  }
}

TYPED_TEST(FormatLaws, LargerNumbersInAGroupNeverDecodeSmaller) {
  for (const FormatSpec& spec : this->variants()) {
    for (unsigned seed = 0; seed < 30; ++seed) {
      std::vector<float> numbers = this->row_for(spec, seed, spec.group, 0.5F);
      std::ranges::sort(numbers);
      const std::vector<float> decoded =
          decode(encode(spec, row_of(numbers), this->given(spec, 0.5F)));
      ASSERT_TRUE(std::ranges::is_sorted(decoded)) << describe(spec) << " seed " << seed;
    }
  }
}

/// All numbers the group of `encoded` that column `col` lies in can hold.
std::vector<double> grid(const EncodedMatrix& encoded, std::int64_t col) {
  const FormatTraits traits = traits_of(encoded.format);
  EncodedMatrix all;
  all.format = encoded.format;
  all.rows = 1;
  all.codes = all_codes(encoded.format);
  if (encoded.format.name == "fp16") {
    for (const std::int16_t code : all_codes(encoded.format))
      all.codes.push_back(static_cast<std::int16_t>(code | 0x8000));
  }
  all.cols = static_cast<std::int64_t>(all.codes.size());
  const auto group = static_cast<std::size_t>(col / encoded.format.group);
  const int flag =
      traits.is_integer && !encoded.group_codes.empty() ? encoded.group_codes[group] : 0;
  all.format.group = static_cast<int>(all.cols);
  if (traits.is_integer) {
    for (const std::int16_t code : all.codes)
      all.values.push_back(static_cast<std::int16_t>(code * (1 << flag)));
  }
  if (!encoded.group_codes.empty()) all.group_codes = {encoded.group_codes[group]};
  all.scales = encoded.format.granularity == ScaleGranularity::group && traits.is_integer
                   ? std::vector<float>{encoded.scales[group]}
                   : encoded.scales;
  const std::vector<float> numbers = decode(all);
  return {numbers.begin(), numbers.end()};
}

// The bound on the error, as sharp as it gets: no number of the group's grid is nearer. Truncation
// is bounded by one step towards zero instead.
TYPED_TEST(FormatLaws, NoCodeOfTheGroupIsNearer) {
  for (const FormatSpec& spec : this->variants()) {
    if (traits_of(spec).element_bits > Bits(16)) continue;
    const bool own_scales = spec.granularity == ScaleGranularity::group || spec.name == "nvfp4";
    for (unsigned seed = 0; seed < 4; ++seed) {
      const std::vector<float> numbers = this->row_for(spec, seed, 40, 0.5F);
      const EncodedMatrix encoded = encode(spec, row_of(numbers), this->given(spec, 0.5F));
      const std::vector<float> decoded = decode(encoded);
      std::vector<double> codes;
      for (std::int64_t col = 0; col < encoded.cols; ++col) {
        if (col % spec.group == 0) codes = grid(encoded, col);
        const auto at = static_cast<std::size_t>(col);
        const double number = numbers[at];
        const double error = std::fabs(decoded[at] - number);
        double least = INFINITY;
        for (const double code : codes) {
          const bool allowed = spec.rounding != Rounding::truncate ||
                               (std::fabs(code) <= std::fabs(number) && code * number >= 0);
          if (allowed) least = std::min(least, std::fabs(code - number));
        }
        // Where the scale is not a power of two, x / scale itself is rounded to FP32.
        const double slack = own_scales ? std::fabs(number) * 0x1p-22 : 0;
        ASSERT_LE(error, least + slack)
            << describe(spec) << " seed " << seed << " number " << number;
      }
    }
  }
}

TYPED_TEST(FormatLaws, NumbersBeyondAStaticScaleSaturate) {
  for (const FormatSpec& spec : this->variants()) {
    const FormatTraits traits = traits_of(spec);
    const std::vector<float> numbers = {3e38F, -3e38F, 3e38F};
    const EncodedMatrix encoded = encode(spec, row_of(numbers), this->given(spec, 1.0F));
    const std::vector<float> decoded = decode(encoded);
    EXPECT_TRUE(std::isfinite(decoded[0])) << describe(spec);
    EXPECT_EQ(decoded[0], decoded[2]) << describe(spec);
    EXPECT_GT(decoded[0], 0) << describe(spec);
    EXPECT_LT(decoded[1], 0) << describe(spec);
    for (const std::int16_t value : encoded.values)
      EXPECT_LE(std::abs(value), traits.largest_value) << describe(spec);
  }
}

TYPED_TEST(FormatLaws, CodesStayWithinTheirLimits) {
  for (const FormatSpec& spec : this->variants()) {
    const FormatTraits traits = traits_of(spec);
    const EncodedMatrix encoded =
        encode(spec, row_of(this->row_for(spec, 5, 3000, 1.0F)), this->given(spec, 1.0F));
    const auto [low, high] =
        std::ranges::minmax(encoded.codes.empty() ? std::vector<std::int16_t>{0} : encoded.codes);
    if (traits.is_integer || traits.element_bits == Bits(4)) {
      EXPECT_GE(low, traits.smallest_code) << describe(spec);
      EXPECT_LE(high, traits.largest_code) << describe(spec);
    }
    for (const std::uint8_t code : encoded.group_codes)
      ASSERT_LE(code, traits.largest_group_code) << describe(spec);
    for (const std::int16_t value : encoded.values)
      ASSERT_LE(std::abs(value), traits.largest_value) << describe(spec);
  }
}

TYPED_TEST(FormatLaws, ZerosStayZeroWhateverTheScale) {
  for (const FormatSpec& spec : this->variants()) {
    const std::vector<float> zeros = {0.0F, -0.0F, 0.0F};
    for (const float number : decode(encode(spec, row_of(zeros))))
      EXPECT_EQ(number, 0.0F) << describe(spec);
  }
}

TYPED_TEST(FormatLaws, ZeroPaddingChangesNeitherCodesNorFlags) {
  for (const FormatSpec& spec : this->variants()) {
    const std::vector<float> ragged = this->row_for(spec, 9, 2 * spec.group + 3, 1.0F);
    std::vector<float> padded = ragged;
    padded.resize(static_cast<std::size_t>(3 * spec.group));
    EncodedMatrix whole = encode(spec, row_of(padded), this->given(spec, 1.0F));
    const EncodedMatrix part = encode(spec, row_of(ragged), this->given(spec, 1.0F));
    EXPECT_EQ(whole.group_codes, part.group_codes) << describe(spec);
    EXPECT_EQ(whole.scales, part.scales) << describe(spec);
    whole.codes.resize(part.codes.size());
    EXPECT_EQ(whole.codes, part.codes) << describe(spec);
  }
}

TYPED_TEST(FormatLaws, RowsAndStridesDoNotMatter) {
  for (const FormatSpec& spec : this->variants()) {
    const std::vector<float> numbers = this->row_for(spec, 3, 5 * 60, 1.0F);
    const MatrixView<const float> window(numbers.data() + 2, 4, 50, 60);
    const std::vector<float> decoded = decode(encode(spec, window, this->given(spec, 1.0F)));
    for (std::int64_t row = 0; row < 4; ++row) {
      const std::vector<float> alone(window.row(row).begin(), window.row(row).end());
      const std::vector<float> expected =
          decode(encode(spec, row_of(alone), this->given(spec, 1.0F)));
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), decoded.begin() + row * 50))
          << describe(spec);
    }
  }
}

TYPED_TEST(FormatLaws, RefusesWhatIsNoNumber) {
  for (const FormatSpec& spec : this->variants()) {
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
      const std::vector<float> numbers = {1.0F, bad};
      EXPECT_THROW(static_cast<void>(encode(spec, row_of(numbers), this->given(spec, 1.0F))),
                   TraceError)
          << describe(spec);
      EXPECT_THROW(static_cast<void>(encode(spec, row_of(numbers))), TraceError) << describe(spec);
    }
  }
}

TYPED_TEST(FormatLaws, StageOneThenStageTwoIsTheEncoding) {
  for (const FormatSpec& spec : this->variants()) {
    if (!is_integer_format(spec)) continue;
    const std::vector<float> numbers = this->row_for(spec, 4, 200, 0.3F);
    const MatrixView<const float> matrix(numbers.data(), 4, 50);
    BaseIntegers base = base_integers(spec, matrix);
    EXPECT_EQ(encode_integers(spec, base.view(), base.scales), encode(spec, matrix))
        << describe(spec);
  }
}

}  // namespace
}  // namespace razorsim
