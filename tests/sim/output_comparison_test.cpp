// SPDX-License-Identifier: Apache-2.0
#include "sim/values/output_comparison.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

std::vector<float> numbers(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> all(static_cast<std::size_t>(count));
  for (float& each : all) each = static_cast<float>(static_cast<std::int32_t>(random())) * 3e-8F;
  return all;
}

void expect_same(const OutputComparison& a, const OutputComparison& b) {
  EXPECT_EQ(a.elements, b.elements);
  EXPECT_EQ(a.signal_power, b.signal_power);
  EXPECT_EQ(a.noise_power, b.noise_power);
  EXPECT_EQ(a.largest_error, b.largest_error);
  EXPECT_EQ(a.cross_power, b.cross_power);
  EXPECT_EQ(a.output_power, b.output_power);
}

TEST(OutputComparison, SumsWhatItsNamesSay) {
  const std::vector<float> wanted = {1, -2, 3};
  const std::vector<float> got = {1, -4, 2.5F};
  const OutputComparison row = compare_row(wanted, got);
  EXPECT_EQ(row.elements, 3);
  EXPECT_EQ(row.signal_power, 14);
  EXPECT_EQ(row.noise_power, 4.25);
  EXPECT_EQ(row.largest_error, 2);
  EXPECT_EQ(row.cross_power, 16.5);
  EXPECT_EQ(row.output_power, 23.25);
  EXPECT_THROW((void)compare_row(wanted, std::span(got).first(2)), Defect);
}

TEST(OutputComparison, PartsOfARowAddUpToTheWhole) {
  const auto wanted = numbers(211, 1);
  const auto got = numbers(211, 2);
  RowComparison parts;
  for (const auto& [begin, size] : {std::pair(0, 8), std::pair(8, 192), std::pair(200, 11)}) {
    const auto of = [&, first = static_cast<std::size_t>(begin),
                     count = static_cast<std::size_t>(size)](const std::vector<float>& whole) {
      return std::span(whole).subspan(first, count);
    };
    parts.add(of(wanted), of(got), 0);
  }
  expect_same(parts.result(), compare_row(wanted, got));
  EXPECT_THROW(parts.add(wanted, got, 0), Defect);  // the last part was not of eights
}

TEST(OutputComparison, TakesRowsThatAreComparedAlready) {
  const auto wanted = numbers(3 * 20, 1);
  auto got = numbers(3 * 20, 2);
  const MatrixView<const float> reference(wanted.data(), 3, 20);
  const MatrixView<const float> output(got.data(), 3, 20);
  const OutputComparison once = compare(reference, output, 1);
  std::vector<OutputComparison> rows(3);
  rows[1] = compare_row(reference.row(1), output.row(1));
  std::fill(got.begin() + 20, got.begin() + 40, 0.0F);  // and no longer there
  expect_same(compare(reference, output, 1, rows), once);
}

// Threads and vectors change the order of the work, not the order of the additions.
TEST(OutputComparison, IsTheSameOnAnyThreadsAndInstructionSet) {
  constexpr std::int64_t rows = 77;
  constexpr std::int64_t cols = 211;
  const auto wanted = numbers(rows * cols, 1);
  const auto got = numbers(rows * cols, 2);
  const MatrixView<const float> reference(wanted.data(), rows, cols);
  const MatrixView<const float> output(got.data(), rows, cols);
  const OutputComparison once = compare(reference, output, 1);
  double noise = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    noise += (double{got[i]} - double{wanted[i]}) * (double{got[i]} - double{wanted[i]});
  }
  EXPECT_NEAR(once.noise_power, noise, 1e-12 * noise);
  for (const int threads : {2, 5, 64}) expect_same(compare(reference, output, threads), once);
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    expect_same(compare(reference, output, 1), once);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace
}  // namespace razorsim
