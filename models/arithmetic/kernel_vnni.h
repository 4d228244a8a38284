// SPDX-License-Identifier: Apache-2.0
// What the AVX-512 VNNI block functions share. Included by their sources alone, with intrinsics.
#pragma once

#include <immintrin.h>

#include "models/arithmetic/kernel_block.h"

#define RAZORSIM_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define RAZORSIM_VNNI_INLINE inline __attribute__((always_inline)) RAZORSIM_VNNI

namespace razorsim::kernel_detail {

RAZORSIM_VNNI_INLINE void add_to(std::int64_t* c, __m512i sums, const BlockJob& job) {
  if (job.shift > 0) sums = _mm512_slli_epi64(sums, static_cast<unsigned>(job.shift));
  if (job.accumulate) sums = _mm512_add_epi64(sums, _mm512_loadu_si512(c));
  _mm512_storeu_si512(c, sums);
}

/// Panels that a tile multiplies. Few rows read them at memory speed: one after the other they are
/// one stream, which the prefetchers follow best.
inline std::int64_t panels_at_once(const BlockJob& job) {
  return job.rows < kernel_few_rows ? 1 : 3;
}

/// Adds the sums of `row` and panels from `first` on to c.
template <int Panels>
RAZORSIM_VNNI_INLINE void drain(const BlockJob& job, const __m512i (&sums)[Panels],
                                std::int64_t row, std::int64_t first) {
  const ValidColumns valid = valid_columns(job, first, Panels);
  if (job.beside != nullptr) {
    const float* beside = job.beside + row * job.beside_stride + valid.offset;
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) __builtin_prefetch(beside + p * panel);
  }
  if (valid.whole(Panels)) {
    std::int64_t* c = job.c + row * job.c_stride + valid.offset;
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) {
      add_to(c + p * panel, _mm512_cvtepi32_epi64(_mm512_castsi512_si256(sums[p])), job);
      add_to(c + p * panel + 8, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(sums[p], 1)), job);
    }
    return;
  }
  alignas(64) std::int32_t spilled[Panels * panel];
#pragma GCC unroll 4
  for (int p = 0; p < Panels; ++p) _mm512_store_si512(spilled + p * panel, sums[p]);
  drain_row(job, spilled, row, valid);
}

}  // namespace razorsim::kernel_detail
