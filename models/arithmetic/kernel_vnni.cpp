// SPDX-License-Identifier: Apache-2.0
// The kernel's block by AVX-512 VNNI: vpdpwssd multiplies 32 pairs and adds them to 16 int32 sums
// in one instruction, where other instruction sets need two.
#include "models/arithmetic/kernel_block.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
// GCC 12 takes the undefined source of an unmasked intrinsic for an uninitialised variable.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include "models/arithmetic/kernel_vnni.h"

namespace razorsim::kernel_detail {
namespace {

/// Two k of 16 output columns.
template <bool narrow>
RAZORSIM_VNNI_INLINE __m512i load_pairs(const std::byte* at) {
  if constexpr (narrow) {
    return _mm512_cvtepi8_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(at)));
  } else {
    return _mm512_load_si512(at);
  }
}

/// `Rows` x `Panels` sums in registers: at 8 x 3 they take 24 of 32, the panel's pairs 3, the
/// broadcast pair of the row 1. A single row keeps two sets of sums to hide the latency.
template <int Rows, int Panels, bool narrow>
RAZORSIM_VNNI void sum_tile(const BlockJob& job, std::int64_t row, std::int64_t first) {
  constexpr int sets = Rows * Panels < 5 ? 2 : 1;
  constexpr std::int64_t pair_bytes = panel * (narrow ? 2 : 4);
  __m512i sums[sets][Rows][Panels];
#pragma GCC unroll 2
  for (int s = 0; s < sets; ++s) {
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < Panels; ++p) sums[s][r][p] = _mm512_setzero_si512();
    }
  }
  for (std::int64_t block = 0; block < job.blocks; ++block) {
    const IndexRange pairs = pairs_of(job, block);
    const std::int16_t* a = job.a + block * job.a_block_stride + row * k_block;
    const std::byte* w = job.w + first * job.w_panel_stride + block * job.w_block_bytes;
    std::int64_t pair = pairs.begin;
    for (; pair + sets <= pairs.end; pair += sets) {
#pragma GCC unroll 2
      for (int s = 0; s < sets; ++s) {
        __m512i columns[Panels];
#pragma GCC unroll 4
        for (int p = 0; p < Panels; ++p) {
          columns[p] = load_pairs<narrow>(w + p * job.w_panel_stride + (pair + s) * pair_bytes);
        }
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
          int two;
          __builtin_memcpy(&two, a + r * k_block + 2 * (pair + s), sizeof two);
          const __m512i both = _mm512_set1_epi32(two);
#pragma GCC unroll 4
          for (int p = 0; p < Panels; ++p) {
            sums[s][r][p] = _mm512_dpwssd_epi32(sums[s][r][p], both, columns[p]);
          }
        }
      }
    }
    for (; pair < pairs.end; ++pair) {
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        int two;
        __builtin_memcpy(&two, a + r * k_block + 2 * pair, sizeof two);
#pragma GCC unroll 4
        for (int p = 0; p < Panels; ++p) {
          sums[0][r][p] = _mm512_dpwssd_epi32(
              sums[0][r][p], _mm512_set1_epi32(two),
              load_pairs<narrow>(w + p * job.w_panel_stride + pair * pair_bytes));
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    if constexpr (sets == 2) {
#pragma GCC unroll 4
      for (int p = 0; p < Panels; ++p)
        sums[0][r][p] = _mm512_add_epi32(sums[0][r][p], sums[1][r][p]);
    }
    drain<Panels>(job, sums[0][r], row + r, first);
  }
}

template <int Panels, bool narrow>
RAZORSIM_VNNI void sum_rows(const BlockJob& job, std::int64_t first) {
  std::int64_t row = 0;
  for (; row + 8 <= job.rows; row += 8) sum_tile<8, Panels, narrow>(job, row, first);
  for (; row + 4 <= job.rows; row += 4) sum_tile<4, Panels, narrow>(job, row, first);
  switch (job.rows - row) {
    case 3: return sum_tile<3, Panels, narrow>(job, row, first);
    case 2: return sum_tile<2, Panels, narrow>(job, row, first);
    case 1: return sum_tile<1, Panels, narrow>(job, row, first);
    default: return;
  }
}

template <bool narrow>
void sum_panels(const BlockJob& job) {
  const std::int64_t widest = panels_at_once(job);
  for (std::int64_t first = 0; first < job.panels;) {
    const std::int64_t count = job.panels - first < widest ? job.panels - first : widest;
    switch (count) {
      case 3: sum_rows<3, narrow>(job, first); break;
      case 2: sum_rows<2, narrow>(job, first); break;
      default: sum_rows<1, narrow>(job, first); break;
    }
    first += count;
  }
}

}  // namespace

void sum_blocks_vnni512(const BlockJob& job) {
  if (job.packing == Packing::bytes) {
    sum_panels<true>(job);
  } else {
    sum_panels<false>(job);
  }
}

bool has_vnni512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni");
}

}  // namespace razorsim::kernel_detail
#pragma GCC diagnostic pop

#else

namespace razorsim::kernel_detail {

void sum_blocks_vnni512(const BlockJob& job) { sum_blocks_plain(job); }
bool has_vnni512() { return false; }

}  // namespace razorsim::kernel_detail

#endif
