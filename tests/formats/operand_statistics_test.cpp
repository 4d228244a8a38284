// SPDX-License-Identifier: Apache-2.0
#include "models/formats/operand_statistics.h"

#include <gtest/gtest.h>

#include "models/formats/format.h"

namespace razorsim {
namespace {

EncodedMatrix integers(const FormatSpec& spec, std::int64_t rows,
                       const std::vector<std::int16_t>& base) {
  return encode_integers(spec, {base.data(), rows, static_cast<std::int64_t>(base.size()) / rows},
                         {1.0F});
}

// By hand. Codes -1 and 1 are 1001 and 0001 in sign-magnitude, 1111 and 0001 in two's complement.
TEST(OperandStatistics, TogglesFollowTheStoredCode) {
  FormatSpec spec = default_spec("sdr");
  spec.base_bits = 8;
  spec.group = 4;
  const std::vector<std::int16_t> base = {1, -1, 0, 3, -1, -1, 0, 7};
  const OperandStatistics magnitude = statistics_of(integers(spec, 2, base));
  EXPECT_EQ(magnitude.codes, 8);
  EXPECT_EQ(magnitude.zero_codes, 2);
  EXPECT_EQ(magnitude.toggles_along_k, 1 + 2 + 2 + 0 + 2 + 3);
  EXPECT_EQ(magnitude.toggles_across, 1 + 0 + 0 + 1);
  spec.overflow = Overflow::saturate;
  const OperandStatistics complement = statistics_of(integers(spec, 2, base));
  EXPECT_EQ(complement.toggles_along_k, 3 + 4 + 2 + 0 + 4 + 3);
  EXPECT_EQ(complement.toggles_across, 3 + 0 + 0 + 1);
  FormatSpec int8 = default_spec("int8");
  EXPECT_EQ(statistics_of(integers(int8, 2, base)).toggles_across, 7 + 0 + 0 + 1);
}

TEST(OperandStatistics, CountsGroupsFlagsAndCutBits) {
  FormatSpec spec = default_spec("sdr");
  spec.group = 4;
  // Flags: 0 of zeros, 1 of a leading one at bit 3, 5 of one at bit 7; the last group is short.
  const EncodedMatrix operand = integers(spec, 1, {0, 0, 0, 0, 8, 1, 0, 0, 128, 0});
  const OperandStatistics counts = statistics_of(operand);
  EXPECT_EQ(counts.groups, 3);
  EXPECT_EQ(counts.zero_groups, 1);
  EXPECT_EQ(counts.flag_sum, 6);
  EXPECT_EQ(counts.truncated_bits, 4 * 1 + 2 * 5);
  EXPECT_EQ(counts.zero_codes, 7);  // 1 >> 1 rounds up to 1
  std::vector<std::int64_t> expected(13);
  expected[0] = expected[1] = expected[5] = 1;
  EXPECT_EQ(flag_histogram(operand), expected);
}

TEST(OperandStatistics, ANegativeZeroIsAZero) {
  const std::vector<float> numbers = {-0.0F, 0.0F, 1.0F, -1e-30F};
  for (const char* name : {"fp16", "mxfp4", "nvfp4", "fp32"}) {
    const EncodedMatrix operand =
        encode(default_spec(name), MatrixView<const float>(numbers.data(), 1, 4));
    const std::int64_t tiny = std::string_view(name) == "fp32" ? 0 : 1;
    EXPECT_EQ(statistics_of(operand).zero_codes, 2 + tiny) << name;
  }
}

TEST(OperandStatistics, AnEmptyMatrixHasNone) {
  const std::vector<float> nothing;
  for (const FormatName& each : format_names()) {
    const EncodedMatrix operand =
        encode(default_spec(each.name), MatrixView<const float>(nothing.data(), 0, 0));
    EXPECT_EQ(statistics_of(operand), OperandStatistics{}) << each.name;
  }
}

}  // namespace
}  // namespace razorsim
