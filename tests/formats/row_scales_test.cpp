// SPDX-License-Identifier: Apache-2.0
#include "models/formats/row_scales.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/formats/scales.h"

namespace razorsim {
namespace {

FormatSpec format(std::string_view name, int group = 16) {
  FormatSpec spec = default_spec(name);
  spec.base_bits = 8;
  spec.flag_bits = 4;
  spec.group = group;
  spec.granularity = ScaleGranularity::row;
  return spec;
}

/// Of one row, decoded as a user would.
double error_of(const FormatSpec& spec, std::vector<float> row, float scale) {
  const auto cols = static_cast<std::int64_t>(row.size());
  const std::vector<float> decoded = decode(encode(spec, {row.data(), 1, cols}, {{scale}}));
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    sum += std::pow(static_cast<double>(row[i]) - static_cast<double>(decoded[i]), 2);
  return sum;
}

std::vector<float> random_rows(std::size_t count) {
  std::mt19937 random(3);
  std::vector<float> numbers(count);
  for (float& each : numbers)
    each = 0.001F * static_cast<float>(static_cast<int>(random() % 2001) - 1000);
  return numbers;
}

TEST(RowScales, NoCandidateIsBetter) {
  constexpr std::size_t rows = 12, cols = 100;  // a ragged last group
  std::vector<float> numbers = random_rows(rows * cols);
  for (std::size_t i = 0; i < rows; ++i) numbers[i * cols + 7] *= 1.0F + static_cast<float>(i);
  for (const FormatSpec& spec :
       {format("sdr"), format("sdr", 64), format("int4"), format("int8"), format("int16")}) {
    const int bits = traits_of(spec).base_bits;
    const std::vector<float> found =
        search_row_scales(spec, {numbers.data(), rows, static_cast<std::int64_t>(cols)});
    ASSERT_EQ(found.size(), rows);
    bool any_differs = false;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::vector<float> row(numbers.begin() + static_cast<std::ptrdiff_t>(i * cols),
                                   numbers.begin() + static_cast<std::ptrdiff_t>((i + 1) * cols));
      const double least = error_of(spec, row, found[i]);
      bool is_candidate = false;
      for (int candidate = smallest_row_scale; candidate <= largest_row_scale; ++candidate) {
        const float scale =
            scale_of_absmax(absmax(row) * (static_cast<float>(candidate) / row_scale_unit), bits);
        is_candidate = is_candidate || scale == found[i];
        EXPECT_LE(least, error_of(spec, row, scale) * (1 + 1e-12)) << spec.name << " row " << i;
      }
      EXPECT_TRUE(is_candidate);
      any_differs = any_differs || found[i] != scale_of_absmax(absmax(row), bits);
    }
    EXPECT_TRUE(any_differs) << spec.name;
  }
}

TEST(RowScales, AnOutlierIsClippedWherePlainIntegersAreFew) {
  // One number of 8 in a row of small ones that 4-bit integers would all round to 0.
  std::vector<float> row(512, 0.5F);
  row[0] = 8;
  const auto found = search_row_scales(format("int4"), {row.data(), 1, 512});
  EXPECT_LT(found[0], scale_of_absmax(8, 4));
}

TEST(RowScales, TheMaximumStaysWhereItIsExact) {
  std::vector<float> row{127, -64, 3, 0, 0, 1, 90, -127};
  EXPECT_EQ(search_row_scales(format("int8"), {row.data(), 1, 8}), std::vector<float>{1});
}

TEST(RowScales, ExtremeRows) {
  constexpr float most = std::numeric_limits<float>::max();
  std::vector<float> rows{0, 0, most, -most / 3};
  const auto found = search_row_scales(format("sdr"), {rows.data(), 2, 2});
  EXPECT_EQ(found[0], scale_of_absmax(0, 8));
  EXPECT_TRUE(std::isfinite(found[1]));
  EXPECT_TRUE(search_row_scales(format("sdr"), {rows.data(), 0, 2}).empty());
  rows[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(search_row_scales(format("sdr"), {rows.data(), 2, 2})),
               TraceError);
}

TEST(RowScales, OnlyWhereARowHasAScale) {
  EXPECT_TRUE(has_row_scales(format("sdr")));
  FormatSpec grouped = format("int4");
  grouped.granularity = ScaleGranularity::group;
  EXPECT_FALSE(has_row_scales(grouped));
  EXPECT_FALSE(has_row_scales(default_spec("nvfp4")));
  EXPECT_THROW(static_cast<void>(search_row_scales(grouped, {})), Defect);
}

}  // namespace
}  // namespace razorsim
