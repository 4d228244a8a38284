// SPDX-License-Identifier: Apache-2.0
// The kernel's block by AVX-512 VNNI where left elements are bytes times a power of two a group:
// vpdpbusd multiplies 64 bytes, twice what vpdpwssd does of words, and each group's sum is shifted
// once. It takes its right factor unsigned: the element and 8 or 128 more. Left words that few rows
// of nibbles are multiplied by are two bytes each.
#include <algorithm>

#include "models/arithmetic/kernel_block.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
// GCC 12 takes the undefined source of an unmasked intrinsic for an uninitialised variable.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include "models/arithmetic/kernel_vnni.h"

namespace razorsim::kernel_detail {
namespace {

/// Four bytes of a left row, the same for all columns.
template <class Byte>
RAZORSIM_VNNI_INLINE __m512i quad_of(const Byte (&row)[k_block], std::int64_t group, int quad) {
  int four;
  __builtin_memcpy(&four, row + group * code_group + 4 * quad, sizeof four);
  return _mm512_set1_epi32(four);
}

/// The nibbles of one group, 16 columns of four k each, and the shifts of the columns.
struct NibbleGroup {
  __m512i quads[quads_per_group];
  __m512i shifts;
};
RAZORSIM_VNNI_INLINE NibbleGroup load_group(const NibbleBlock& block, std::int64_t group) {
  const __m512i low = _mm512_set1_epi8(15);
  const __m512i first = _mm512_load_si512(block.codes[2 * group]);
  const __m512i second = _mm512_load_si512(block.codes[2 * group + 1]);
  const __m512i two = _mm512_cvtepu8_epi32(
      _mm_load_si128(reinterpret_cast<const __m128i*>(block.shifts[group / 2])));
  return {
      {_mm512_and_si512(first, low), _mm512_and_si512(_mm512_srli_epi16(first, 4), low),
       _mm512_and_si512(second, low), _mm512_and_si512(_mm512_srli_epi16(second, 4), low)},
      group % 2 == 0 ? _mm512_and_si512(two, _mm512_set1_epi32(15)) : _mm512_srli_epi32(two, 4)};
}

/// `Rows` x `Panels` sums in registers, and as many of the group under way.
template <int Rows, int Panels>
RAZORSIM_VNNI void sum_quads(const BlockJob& job, std::int64_t row, std::int64_t first) {
  __m512i sums[Rows][Panels];
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) sums[r][p] = _mm512_setzero_si512();
  }
  for (std::int64_t block = 0; block < job.blocks; ++block) {
    const IndexRange groups = groups_of(job, block);
    const CodedRow* a = job.codes + block * job.a_block_stride + row;
    const std::byte* w = job.w + first * job.w_panel_stride + block * job.w_block_bytes;
    for (std::int64_t group = groups.begin; group < groups.end; ++group) {
      __m512i group_sums[Rows][Panels];
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
        for (int p = 0; p < Panels; ++p)
          group_sums[r][p] = _mm512_set1_epi32(a[r].byte_bias[group]);
      }
#pragma GCC unroll 4
      for (int quad = 0; quad < quads_per_group; ++quad) {
        __m512i columns[Panels];
#pragma GCC unroll 4
        for (int p = 0; p < Panels; ++p) {
          columns[p] =
              _mm512_load_si512(w + p * job.w_panel_stride + (group * quads_per_group + quad) * 64);
        }
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r) {
          const __m512i four = quad_of(a[r].codes, group, quad);
#pragma GCC unroll 4
          for (int p = 0; p < Panels; ++p)
            group_sums[r][p] = _mm512_dpbusd_epi32(group_sums[r][p], columns[p], four);
        }
      }
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) {
        const __m512i shift = _mm512_set1_epi32(a[r].shifts[group]);
#pragma GCC unroll 4
        for (int p = 0; p < Panels; ++p) {
          sums[r][p] = _mm512_add_epi32(sums[r][p], _mm512_sllv_epi32(group_sums[r][p], shift));
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r) drain<Panels>(job, sums[r], row + r, first);
}

/// The sums of one group of a row, shifted as its row and its columns are.
RAZORSIM_VNNI_INLINE __m512i sum_group(const CodedRow& a, const NibbleGroup& w,
                                       std::int64_t group) {
  __m512i sum = _mm512_set1_epi32(a.nibble_bias[group]);
#pragma GCC unroll 4
  for (int quad = 0; quad < quads_per_group; ++quad)
    sum = _mm512_dpbusd_epi32(sum, w.quads[quad], quad_of(a.codes, group, quad));
  const __m512i by = _mm512_add_epi32(w.shifts, _mm512_set1_epi32(a.shifts[group]));
  return _mm512_sllv_epi32(sum, by);
}
RAZORSIM_VNNI_INLINE __m512i sum_group(const SplitRow& a, const NibbleGroup& w,
                                       std::int64_t group) {
  __m512i high = _mm512_setzero_si512();
  __m512i low = _mm512_set1_epi32(a.nibble_bias[group]);
#pragma GCC unroll 4
  for (int quad = 0; quad < quads_per_group; ++quad) {
    high = _mm512_dpbusd_epi32(high, w.quads[quad], quad_of(a.high, group, quad));
    low = _mm512_dpbusd_epi32(low, quad_of(a.low, group, quad), w.quads[quad]);
  }
  return _mm512_sllv_epi32(_mm512_add_epi32(_mm512_slli_epi32(high, 8), low), w.shifts);
}

/// The sums of one panel of nibbles, which few rows read.
template <class Left, int Rows>
RAZORSIM_VNNI void sum_nibbles(const BlockJob& job, const Left* left, std::int64_t row,
                               std::int64_t first) {
  __m512i sums[Rows][1];
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r) sums[r][0] = _mm512_setzero_si512();
  for (std::int64_t block = 0; block < job.blocks; ++block) {
    const IndexRange groups = groups_of(job, block);
    const Left* a = left + block * job.a_block_stride + row;
    const auto& w = *reinterpret_cast<const NibbleBlock*>(job.w + first * job.w_panel_stride +
                                                          block * job.w_block_bytes);
    for (std::int64_t group = groups.begin; group < groups.end; ++group) {
      const NibbleGroup columns = load_group(w, group);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r)
        sums[r][0] = _mm512_add_epi32(sums[r][0], sum_group(a[r], columns, group));
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r) drain<1>(job, sums[r], row + r, first);
}

/// Few rows of one panel of nibbles, four at a time.
template <class Left>
void sum_panel_of_nibbles(const BlockJob& job, const Left* left, std::int64_t first) {
  std::int64_t row = 0;
  for (; row + 4 <= job.rows; row += 4) sum_nibbles<Left, 4>(job, left, row, first);
  switch (job.rows - row) {
    case 3: return sum_nibbles<Left, 3>(job, left, row, first);
    case 2: return sum_nibbles<Left, 2>(job, left, row, first);
    case 1: return sum_nibbles<Left, 1>(job, left, row, first);
    default: return;
  }
}

template <int Panels>
void sum_panels_of_quads(const BlockJob& job, std::int64_t first) {
  std::int64_t row = 0;
  for (; row + 4 <= job.rows; row += 4) sum_quads<4, Panels>(job, row, first);
  switch (job.rows - row) {
    case 3: return sum_quads<3, Panels>(job, row, first);
    case 2: return sum_quads<2, Panels>(job, row, first);
    case 1: return sum_quads<1, Panels>(job, row, first);
    default: return;
  }
}

}  // namespace

void sum_codes_vnni512(const BlockJob& job) {
  if (job.packing == Packing::nibbles) {
    for (std::int64_t first = 0; first < job.panels; ++first)
      sum_panel_of_nibbles(job, job.codes, first);
    return;
  }
  const std::int64_t widest = panels_at_once(job);
  for (std::int64_t first = 0; first < job.panels; first += widest) {
    switch (std::min(job.panels - first, widest)) {
      case 3: sum_panels_of_quads<3>(job, first); break;
      case 2: sum_panels_of_quads<2>(job, first); break;
      default: sum_panels_of_quads<1>(job, first); break;
    }
  }
}

void sum_halves_vnni512(const BlockJob& job) {
  for (std::int64_t first = 0; first < job.panels; ++first)
    sum_panel_of_nibbles(job, job.halves, first);
}

RAZORSIM_VNNI void split_row_vnni512(const std::int16_t* words, SplitRow& to) {
  for (std::int64_t group = 0; group < groups_per_block; ++group) {
    const std::int64_t k = group * code_group;
    const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words + k));
    _mm_store_si128(reinterpret_cast<__m128i*>(to.high + k),
                    _mm256_cvtepi16_epi8(_mm256_srai_epi16(all, 8)));
    _mm_store_si128(reinterpret_cast<__m128i*>(to.low + k), _mm256_cvtepi16_epi8(all));
    __m256i pairs = _mm256_madd_epi16(all, _mm256_set1_epi16(-8));
    pairs = _mm256_hadd_epi32(pairs, pairs);
    pairs = _mm256_hadd_epi32(pairs, pairs);
    to.nibble_bias[group] = _mm256_extract_epi32(pairs, 0) + _mm256_extract_epi32(pairs, 4);
  }
}

}  // namespace razorsim::kernel_detail
#pragma GCC diagnostic pop

#else

namespace razorsim::kernel_detail {

void sum_codes_vnni512(const BlockJob&) {}
void sum_halves_vnni512(const BlockJob&) {}
void split_row_vnni512(const std::int16_t*, SplitRow&) {}

}  // namespace razorsim::kernel_detail

#endif
