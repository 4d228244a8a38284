// SPDX-License-Identifier: Apache-2.0
// The kernel's block by AVX-512 VNNI where left elements are bytes times a power of two a group:
// vpdpbusd multiplies 64 bytes, twice what vpdpwssd does of words, and each group's sum is shifted
// once. It takes its right factor unsigned: the element and 8 or 128 more.
#include <algorithm>

#include "models/arithmetic/kernel_block.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
// GCC 12 takes the undefined source of an unmasked intrinsic for an uninitialised variable.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include "models/arithmetic/kernel_vnni.h"

namespace razorsim::kernel_detail {
namespace {

/// Four codes of a left row, the same for all columns.
RAZORSIM_VNNI_INLINE __m512i quad_of(const CodedRow& row, std::int64_t group, int quad) {
  int four;
  __builtin_memcpy(&four, row.codes + group * code_group + 4 * quad, sizeof four);
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
          const __m512i four = quad_of(a[r], group, quad);
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

/// The same of nibbles, which few rows read: each group's shift is that of its row and its column.
template <int Rows, int Panels>
RAZORSIM_VNNI void sum_nibbles(const BlockJob& job, std::int64_t row, std::int64_t first) {
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
#pragma GCC unroll 4
      for (int p = 0; p < Panels; ++p) {
        const auto& from = *reinterpret_cast<const NibbleBlock*>(w + p * job.w_panel_stride);
        const NibbleGroup columns = load_group(from, group);
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r) {
          __m512i sum = _mm512_set1_epi32(a[r].nibble_bias[group]);
#pragma GCC unroll 4
          for (int quad = 0; quad < quads_per_group; ++quad)
            sum = _mm512_dpbusd_epi32(sum, columns.quads[quad], quad_of(a[r], group, quad));
          const __m512i by =
              _mm512_add_epi32(columns.shifts, _mm512_set1_epi32(a[r].shifts[group]));
          sums[r][p] = _mm512_add_epi32(sums[r][p], _mm512_sllv_epi32(sum, by));
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r) drain<Panels>(job, sums[r], row + r, first);
}

template <int Rows, int Panels>
RAZORSIM_VNNI void sum_tile(const BlockJob& job, std::int64_t row, std::int64_t first) {
  if (job.packing == Packing::nibbles) {
    sum_nibbles<Rows, Panels>(job, row, first);
  } else {
    sum_quads<Rows, Panels>(job, row, first);
  }
}

template <int Panels>
void sum_rows(const BlockJob& job, std::int64_t first) {
  std::int64_t row = 0;
  if constexpr (Panels < 4) {
    for (; row + 4 <= job.rows; row += 4) sum_tile<4, Panels>(job, row, first);
  }
  for (; row + 3 <= job.rows; row += 3) sum_tile<3, Panels>(job, row, first);
  switch (job.rows - row) {
    case 2: return sum_tile<2, Panels>(job, row, first);
    case 1: return sum_tile<1, Panels>(job, row, first);
    default: return;
  }
}

}  // namespace

void sum_codes_vnni512(const BlockJob& job) {
  const std::int64_t widest = panels_at_once(job, 4);
  for (std::int64_t first = 0; first < job.panels; first += widest) {
    switch (std::min(job.panels - first, widest)) {
      case 4: sum_rows<4>(job, first); break;
      case 3: sum_rows<3>(job, first); break;
      case 2: sum_rows<2>(job, first); break;
      default: sum_rows<1>(job, first); break;
    }
  }
}

}  // namespace razorsim::kernel_detail
#pragma GCC diagnostic pop

#else

namespace razorsim::kernel_detail {

void sum_codes_vnni512(const BlockJob&) {}
}  // namespace razorsim::kernel_detail

#endif
