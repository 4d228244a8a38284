// SPDX-License-Identifier: Apache-2.0
#include "traces/io/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <cpuid.h>
#include <immintrin.h>

#include "traces/io/mapped_file.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

// FIPS 180-4, 4.2.2: fractional parts of the cube roots of the first 64 primes.
alignas(16) constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

__attribute__((target("sha,sse4.1"))) void blocks_native(std::uint32_t* state,
                                                         const std::byte* blocks,
                                                         std::size_t count) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  // The instructions want the state as (a b e f) and (c d g h), highest word first.
  __m128i abef = _mm_set_epi32(static_cast<int>(state[0]), static_cast<int>(state[1]),
                               static_cast<int>(state[4]), static_cast<int>(state[5]));
  __m128i cdgh = _mm_set_epi32(static_cast<int>(state[2]), static_cast<int>(state[3]),
                               static_cast<int>(state[6]), static_cast<int>(state[7]));
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i words[4];
    for (int i = 0; i < 4; ++i) {
      words[i] = _mm_shuffle_epi8(load<__m128i>(blocks + 16 * i), swap);
    }
    for (std::size_t four = 0; four < 16; ++four) {
      const __m128i now = words[four % 4];
      const __m128i sum = _mm_add_epi32(
          now,
          load<__m128i>(reinterpret_cast<const std::byte*>(round_constants.data() + 4 * four)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
      // w[t] = s1(w[t-2]) + w[t-7] + s0(w[t-15]) + w[t-16], four at a time.
      const __m128i next = words[(four + 1) % 4];
      const __m128i last = words[(four + 3) % 4];
      const __m128i seven = _mm_alignr_epi8(last, words[(four + 2) % 4], 4);
      words[four % 4] =
          _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, next), seven), last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  state[0] = static_cast<std::uint32_t>(_mm_extract_epi32(abef, 3));
  state[1] = static_cast<std::uint32_t>(_mm_extract_epi32(abef, 2));
  state[4] = static_cast<std::uint32_t>(_mm_extract_epi32(abef, 1));
  state[5] = static_cast<std::uint32_t>(_mm_extract_epi32(abef, 0));
  state[2] = static_cast<std::uint32_t>(_mm_extract_epi32(cdgh, 3));
  state[3] = static_cast<std::uint32_t>(_mm_extract_epi32(cdgh, 2));
  state[6] = static_cast<std::uint32_t>(_mm_extract_epi32(cdgh, 1));
  state[7] = static_cast<std::uint32_t>(_mm_extract_epi32(cdgh, 0));
}

bool has_sha_instructions() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  // Leaf 7: EBX bit 29 is SHA; GCC 12's __builtin_cpu_supports does not know it.
  return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
         (b >> 29 & 1) != 0;
}

const detail::Sha256Blocks digest_blocks = detail::sha256_blocks_fastest();

}  // namespace

void detail::sha256_blocks_portable(std::uint32_t* state, const std::byte* blocks,
                                    std::size_t count) {
  for (; count > 0; --count, blocks += 64) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t t = 0; t < 16; ++t) {
      w[t] = __builtin_bswap32(load<std::uint32_t>(blocks + 4 * t));
    }
    for (std::size_t t = 16; t < 64; ++t) {
      const std::uint32_t x = w[t - 15];
      const std::uint32_t y = w[t - 2];
      w[t] = w[t - 16] + w[t - 7] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) +
             (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = std::to_array(
        {state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]});
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t one = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
      const std::uint32_t two =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
    }
    const auto after = std::to_array({a, b, c, d, e, f, g, h});
    for (std::size_t i = 0; i < 8; ++i) state[i] += after[i];
  }
}

detail::Sha256Blocks detail::sha256_blocks_fastest() {
  return has_sha_instructions() ? blocks_native : sha256_blocks_portable;
}

void Sha256::update(std::span<const std::byte> bytes) {
  total_ += bytes.size();
  if (filled_ > 0) {
    const std::size_t part = std::min(bytes.size(), block_.size() - filled_);
    std::copy_n(bytes.begin(), part, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += part;
    bytes = bytes.subspan(part);
    if (filled_ < block_.size()) return;
    digest_blocks(state_.data(), block_.data(), 1);
    filled_ = 0;
  }
  const std::size_t whole = bytes.size() / 64;
  if (whole > 0) digest_blocks(state_.data(), bytes.data(), whole);
  bytes = bytes.subspan(whole * 64);
  std::copy(bytes.begin(), bytes.end(), block_.begin());
  filled_ = bytes.size();
}

void Sha256::update(std::string_view text) {
  update(std::as_bytes(std::span<const char>(text.data(), text.size())));
}

std::string Sha256::hex() {
  const std::uint64_t bits = total_ * 8;
  std::array<std::byte, 72> tail{std::byte{0x80}};
  // One 1 bit, zeros to 8 bytes short of a block, then the length, big endian.
  const std::size_t zeros = (filled_ < 56 ? 56 : 120) - filled_;
  for (std::size_t i = 0; i < 8; ++i) tail[zeros + i] = std::byte(bits >> (56 - 8 * i) & 0xff);
  update(std::span<const std::byte>(tail.data(), zeros + 8));
  std::string text;
  for (const std::uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  }
  return text;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

std::string sha256_of_file(const std::string& path) { return sha256_hex(MappedFile(path).bytes()); }

}  // namespace razorsim
