// SPDX-License-Identifier: Apache-2.0
#include "traces/io/dequantise.h"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/fp16.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

constexpr std::int64_t block = 32;         // elements of the simple encodings
constexpr std::int64_t super_block = 256;  // elements of the K encodings

float half_at(const std::byte* bytes) { return from_fp16(load<std::uint16_t>(bytes)); }

int low(std::byte b) { return static_cast<int>(b & std::byte{15}); }
int high(std::byte b) { return static_cast<int>(b >> 4); }

/// Nibbles of 4- and 5-bit blocks: element j in the low half of byte j, j + 16 in its high half;
/// the fifth bit of element j is bit j of `fifths`.
template <class Value>
void nibbles(const std::byte* codes, std::uint32_t fifths, float* out, Value value) {
  for (std::size_t j = 0; j < 16; ++j) {
    out[j] = value(low(codes[j]) | static_cast<int>(fifths >> j & 1) << 4);
    out[j + 16] = value(high(codes[j]) | static_cast<int>(fifths >> (j + 16) & 1) << 4);
  }
}

void q4_0(const std::byte* in, float* out) {
  const float scale = half_at(in);
  nibbles(in + 2, 0, out, [=](int q) { return static_cast<float>(q - 8) * scale; });
}

void q4_1(const std::byte* in, float* out) {
  const float scale = half_at(in);
  const float minimum = half_at(in + 2);
  nibbles(in + 4, 0, out, [=](int q) { return static_cast<float>(q) * scale + minimum; });
}

void q5_0(const std::byte* in, float* out) {
  const float scale = half_at(in);
  nibbles(in + 6, load<std::uint32_t>(in + 2), out,
          [=](int q) { return static_cast<float>(q - 16) * scale; });
}

void q5_1(const std::byte* in, float* out) {
  const float scale = half_at(in);
  const float minimum = half_at(in + 2);
  nibbles(in + 8, load<std::uint32_t>(in + 4), out,
          [=](int q) { return static_cast<float>(q) * scale + minimum; });
}

void q8_0(const std::byte* in, float* out) {
  const float scale = half_at(in);
  for (std::size_t j = 0; j < 32; ++j) {
    out[j] = static_cast<float>(load<std::int8_t>(in + 2 + j)) * scale;
  }
}

void q4_k(const std::byte* in, float* out) {
  const float scale = half_at(in);
  const float minimum = half_at(in + 2);
  const std::byte* packed = in + 4;  // eight 6-bit scales and eight 6-bit minima in 12 bytes
  const auto six = [&](std::size_t j, std::size_t offset) {
    if (j < 4) return static_cast<int>(packed[j + offset] & std::byte{63});
    const int bottom = offset == 0 ? low(packed[j + 4]) : high(packed[j + 4]);
    return bottom | static_cast<int>(packed[j - 4 + offset] >> 6) << 4;
  };
  const std::byte* codes = in + 16;
  for (std::size_t part = 0; part < 8; ++part) {
    const float step = scale * static_cast<float>(six(part, 0));
    const float base = minimum * static_cast<float>(six(part, 4));
    for (std::size_t j = 0; j < 32; ++j) {
      const std::byte pair = codes[part / 2 * 32 + j];
      out[part * 32 + j] = step * static_cast<float>(part % 2 == 0 ? low(pair) : high(pair)) - base;
    }
  }
}

void q6_k(const std::byte* in, float* out) {
  const std::byte* scales = in + 192;
  const float scale = half_at(in + 208);
  for (std::size_t half = 0; half < 2; ++half) {
    const std::byte* lows = in + 64 * half;
    const std::byte* tops = in + 128 + 32 * half;
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
      for (std::size_t j = 0; j < 32; ++j) {
        const std::byte pair = lows[quarter % 2 * 32 + j];
        const int four = quarter < 2 ? low(pair) : high(pair);
        const int two = static_cast<int>(tops[j] >> (2 * quarter) & std::byte{3});
        const float step =
            scale * static_cast<float>(load<std::int8_t>(scales + half * 8 + quarter * 2 + j / 16));
        out[half * 128 + quarter * 32 + j] = step * static_cast<float>((four | two << 4) - 32);
      }
    }
  }
}

void f32(const std::byte* in, float* out) { *out = load<float>(in); }
void f16(const std::byte* in, float* out) { *out = half_at(in); }
void bf16(const std::byte* in, float* out) {
  *out = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(in)) << 16);
}

struct Decoder {
  Encoding encoding;
  BlockLayout layout;
  void (*decode)(const std::byte* in, float* out);
};

constexpr auto decoders = std::to_array<Decoder>({
    {Encoding::f32, {1, 4}, f32},
    {Encoding::f16, {1, 2}, f16},
    {Encoding::bf16, {1, 2}, bf16},
    {Encoding::q4_0, {block, 18}, q4_0},
    {Encoding::q4_1, {block, 20}, q4_1},
    {Encoding::q5_0, {block, 22}, q5_0},
    {Encoding::q5_1, {block, 24}, q5_1},
    {Encoding::q8_0, {block, 34}, q8_0},
    {Encoding::q4_k, {super_block, 144}, q4_k},
    {Encoding::q6_k, {super_block, 210}, q6_k},
});

const Decoder& decoder_of(Encoding encoding) {
  for (const Decoder& each : decoders) {
    if (each.encoding == encoding) return each;
  }
  throw Defect("unknown encoding");
}

}  // namespace

BlockLayout block_of(Encoding encoding) { return decoder_of(encoding).layout; }

std::int64_t row_bytes(Encoding encoding, std::int64_t cols) {
  const BlockLayout layout = block_of(encoding);
  std::int64_t bytes = 0;
  if (cols < 0 || cols % layout.elements != 0 ||
      !multiply(cols / layout.elements, layout.bytes, bytes)) {
    throw TraceError(fmt::format("a row of {} elements is no whole number of {} blocks of {}", cols,
                                 name_of(encoding), layout.elements));
  }
  return bytes;
}

Encoding encoding_named(std::string_view name) {
  for (const auto& each : enum_names<Encoding>) {
    if (each.name == name) return each.value;
  }
  throw TraceError(fmt::format("the weight encoding {} is unknown", in_quotes(name)));
}

void dequantise_row(Encoding encoding, std::span<const std::byte> encoded, std::span<float> row) {
  const Decoder& decoder = decoder_of(encoding);
  promise(std::cmp_equal(row_bytes(encoding, std::ssize(row)), encoded.size()),
          "an encoded row has the bytes its elements need");
  const std::byte* in = encoded.data();
  for (std::size_t i = 0; i < row.size(); i += static_cast<std::size_t>(decoder.layout.elements)) {
    decoder.decode(in, row.data() + i);
    in += decoder.layout.bytes;
  }
}

std::vector<float> dequantise(Encoding encoding, std::span<const std::byte> bytes,
                              std::int64_t rows, std::int64_t cols) {
  const std::int64_t pitch = row_bytes(encoding, cols);
  std::int64_t whole = 0;
  if (!multiply(rows, pitch, whole) || std::cmp_not_equal(whole, bytes.size())) {
    throw TraceError(fmt::format("{} x {} elements of {} do not fill {} bytes", rows, cols,
                                 name_of(encoding), bytes.size()));
  }
  std::vector<float> numbers(static_cast<std::size_t>(rows * cols));
  const auto width = static_cast<std::size_t>(cols);
  const auto step = static_cast<std::size_t>(pitch);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    dequantise_row(encoding, bytes.subspan(row * step, step),
                   std::span(numbers).subspan(row * width, width));
  }
  return numbers;
}

}  // namespace razorsim
