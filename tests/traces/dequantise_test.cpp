// SPDX-License-Identifier: Apache-2.0
#include "traces/io/dequantise.h"

#include <cmath>

#include <gmock/gmock.h>

#include "tests/traces/support.h"

namespace razorsim {
namespace {

using test::Bytes;
using testing::HasSubstr;

constexpr std::uint16_t half_of_2 = 0x4000;
constexpr std::uint16_t half_of_minus_half = 0xb800;

std::vector<float> decode(Encoding encoding, const Bytes& block) {
  std::vector<float> row(static_cast<std::size_t>(block_of(encoding).elements));
  dequantise_row(encoding, std::as_bytes(std::span(block.str())), row);
  return row;
}

/// Bytes 0x10, 0x32, 0x54, ...: low halves 0 2 4 .., high halves 1 3 5 .. (mod 16).
Bytes with_nibbles(Bytes bytes, int count) {
  for (int i = 0; i < count; ++i)
    bytes.put(static_cast<std::uint8_t>((2 * i & 15) | ((2 * i + 1) & 15) << 4));
  return bytes;
}

TEST(Dequantise, FourBits) {
  const std::vector<float> q4_0 = decode(Encoding::q4_0, with_nibbles(Bytes().put(half_of_2), 16));
  const std::vector<float> q4_1 =
      decode(Encoding::q4_1, with_nibbles(Bytes().put(half_of_2).put(half_of_minus_half), 16));
  for (int j = 0; j < 32; ++j) {
    const int q = j < 16 ? 2 * j & 15 : (2 * (j - 16) + 1) & 15;
    EXPECT_EQ(q4_0[static_cast<std::size_t>(j)], static_cast<float>(q - 8) * 2.0F) << j;
    EXPECT_EQ(q4_1[static_cast<std::size_t>(j)], static_cast<float>(q) * 2.0F - 0.5F) << j;
  }
}

TEST(Dequantise, FiveBits) {
  const std::uint32_t fifths = 0x80000005;  // elements 0, 2 and 31
  const std::vector<float> q5_0 =
      decode(Encoding::q5_0, with_nibbles(Bytes().put(half_of_2).put(fifths), 16));
  const std::vector<float> q5_1 = decode(
      Encoding::q5_1, with_nibbles(Bytes().put(half_of_2).put(half_of_minus_half).put(fifths), 16));
  for (int j = 0; j < 32; ++j) {
    const int q =
        (j < 16 ? 2 * j & 15 : (2 * (j - 16) + 1) & 15) + (j == 0 || j == 2 || j == 31 ? 16 : 0);
    EXPECT_EQ(q5_0[static_cast<std::size_t>(j)], static_cast<float>(q - 16) * 2.0F) << j;
    EXPECT_EQ(q5_1[static_cast<std::size_t>(j)], static_cast<float>(q) * 2.0F - 0.5F) << j;
  }
}

TEST(Dequantise, EightBitsAndPlainNumbers) {
  Bytes bytes = Bytes().put(half_of_minus_half);
  for (int i = 0; i < 32; ++i) bytes.put(static_cast<std::int8_t>(i * 8 - 128));
  const std::vector<float> row = decode(Encoding::q8_0, bytes);
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(row[static_cast<std::size_t>(i)], static_cast<float>(i * 8 - 128) * -0.5F);
  EXPECT_EQ(decode(Encoding::f16, Bytes().put(half_of_2)), std::vector<float>{2});
  EXPECT_EQ(decode(Encoding::bf16, Bytes().put<std::uint16_t>(0xbf80)), std::vector<float>{-1});
  EXPECT_EQ(decode(Encoding::f32, Bytes().put<float>(0.1F)), std::vector<float>{0.1F});
}

// A block with every scale and minimum different; the values are computed from the layout as
// ggml-common.h describes it: 6-bit scales, the upper four split over two bytes.
TEST(Dequantise, FourBitsWithScalesPer32) {
  std::array<int, 8> scales{1, 17, 33, 63, 5, 22, 47, 60};
  std::array<int, 8> minima{2, 18, 34, 62, 9, 25, 40, 51};
  std::array<std::uint8_t, 12> packed{};
  for (std::size_t j = 0; j < 4; ++j) {
    packed[j] = static_cast<std::uint8_t>(scales[j] | (scales[j + 4] >> 4) << 6);
    packed[j + 4] = static_cast<std::uint8_t>(minima[j] | (minima[j + 4] >> 4) << 6);
    packed[j + 8] = static_cast<std::uint8_t>((scales[j + 4] & 15) | (minima[j + 4] & 15) << 4);
  }
  Bytes bytes = Bytes().put(half_of_2).put(half_of_minus_half);
  for (const std::uint8_t each : packed) bytes.put(each);
  const std::vector<float> row = decode(Encoding::q4_k, with_nibbles(bytes, 128));
  for (std::size_t i = 0; i < 256; ++i) {
    const std::size_t part = i / 32;
    const int byte = static_cast<int>(part / 2 * 32 + i % 32);
    const int q = part % 2 == 0 ? 2 * byte & 15 : (2 * byte + 1) & 15;
    EXPECT_EQ(row[i],
              2.0F * static_cast<float>(scales[part] * q) + 0.5F * static_cast<float>(minima[part]))
        << i;
  }
}

TEST(Dequantise, SixBits) {
  Bytes bytes = with_nibbles(Bytes(), 128);
  for (int i = 0; i < 64; ++i) bytes.put(static_cast<std::uint8_t>(i * 5));
  for (int i = 0; i < 16; ++i) bytes.put(static_cast<std::int8_t>(i - 8));
  bytes.put(half_of_2);
  const std::vector<float> row = decode(Encoding::q6_k, bytes);
  for (int i = 0; i < 256; ++i) {
    const int half = i / 128;
    const int quarter = i % 128 / 32;
    const int byte = half * 64 + quarter % 2 * 32 + i % 32;
    const int low = quarter < 2 ? 2 * byte & 15 : (2 * byte + 1) & 15;
    const int high = static_cast<std::uint8_t>((half * 32 + i % 32) * 5) >> 2 * quarter & 3;
    EXPECT_EQ(row[static_cast<std::size_t>(i)],
              2.0F * static_cast<float>((i / 16 - 8) * ((low | high << 4) - 32)))
        << i;
  }
}

TEST(Dequantise, RowsMustFitTheirBlocks) {
  EXPECT_EQ(row_bytes(Encoding::q4_1, 576), 360);
  EXPECT_THAT(test::trace_error_of([] { static_cast<void>(row_bytes(Encoding::q4_k, 576)); }),
              HasSubstr("Q4_K"));
  EXPECT_THAT(test::trace_error_of([] { static_cast<void>(encoding_named("IQ2_XS")); }),
              HasSubstr("'IQ2_XS'"));
  const std::vector<std::byte> bytes(40);
  EXPECT_EQ(dequantise(Encoding::q4_1, bytes, 2, 32).size(), 64U);
  EXPECT_THROW(static_cast<void>(dequantise(Encoding::q4_1, bytes, 3, 32)), TraceError);
}

}  // namespace
}  // namespace razorsim
