// SPDX-License-Identifier: Apache-2.0
// The yardstick of a decode step: a product of one row and 4-bit weights that does nothing else.
#pragma once

#include <cstdint>

#include <immintrin.h>

// GCC 12 takes the undefined source of an unmasked intrinsic for an uninitialised variable.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace razorsim {

/// The least a product of one row and 4-bit weights can take: reads n x k nibbles, two a byte, and
/// multiplies them, unsigned, by signed bytes. No flags, no scales, no exactness beyond that.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) inline void bare_nibbles_avx512(
    const std::uint8_t* w, const std::int8_t* a, std::int64_t k, std::int64_t n, std::int32_t* c) {
  const __m512i low = _mm512_set1_epi8(15);
  for (std::int64_t col = 0; col < n; ++col) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    for (std::int64_t i = 0; i < k; i += 128, w += 64) {
      const __m512i two = _mm512_loadu_si512(w);
      even = _mm512_dpbusd_epi32(even, _mm512_and_si512(two, low), _mm512_loadu_si512(a + i));
      odd = _mm512_dpbusd_epi32(odd, _mm512_and_si512(_mm512_srli_epi16(two, 4), low),
                                _mm512_loadu_si512(a + i + 64));
    }
    c[col] = _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd));
  }
}

}  // namespace razorsim

#pragma GCC diagnostic pop
