// SPDX-License-Identifier: Apache-2.0
// The kernel's block for every instruction set Highway knows, chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/kernel_simd.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each target
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/arithmetic/kernel_block.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::kernel_detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // a machine without SSSE3

void sum_blocks(const BlockJob& job) { sum_blocks_plain(job); }

#else

using Pairs = hn::CappedTag<std::int16_t, 2 * panel>;  // elements: two k of up to 16 columns
using Sums = hn::Repartition<std::int32_t, Pairs>;
using Wide = hn::Repartition<std::int64_t, Sums>;
using PairVector = hn::Vec<Pairs>;
using SumVector = hn::Vec<Sums>;

HWY_INLINE PairVector load_pairs(const std::int16_t* at) { return hn::Load(Pairs(), at); }
HWY_INLINE PairVector load_pairs(const std::int8_t* at) {
  return hn::PromoteTo(Pairs(), hn::Load(hn::Rebind<std::int8_t, Pairs>(), at));
}

/// Adds 32-bit sums of whole panels to c.
HWY_INLINE void drain_whole(const BlockJob& job, const std::int32_t* sums, std::int64_t* c,
                            std::int64_t count) {
  const Wide wide;
  const hn::Rebind<std::int32_t, Wide> half;
  const auto step = static_cast<std::int64_t>(hn::Lanes(wide));
  for (std::int64_t i = 0; i < count; i += step) {
    auto sum = hn::PromoteTo(wide, hn::Load(half, sums + i));
    if (job.shift > 0) sum = hn::ShiftLeftSame(sum, job.shift);
    if (job.accumulate) sum = hn::Add(sum, hn::LoadU(wide, c + i));
    hn::StoreU(sum, wide, c + i);
  }
}

/// `Rows` x `Panels` panels of sums in registers. The second sum of each is what targets without a
/// pair-sum instruction need; elsewhere the compiler drops it.
template <int Rows, int Panels, class Element>
HWY_NOINLINE void sum_tile(const BlockJob& job, std::int64_t row, std::int64_t first) {
  constexpr int lanes = static_cast<int>(hn::MaxLanes(Sums()));
  constexpr int per_panel = static_cast<int>(panel) / lanes;
  constexpr int vectors = Panels * per_panel;
  const Pairs pairs_tag;
  const Sums sums_tag;
  SumVector even[Rows][vectors];
  SumVector odd[Rows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) even[r][v] = odd[r][v] = hn::Zero(sums_tag);
  }
  for (std::int64_t block = 0; block < job.blocks; ++block) {
    const IndexRange pairs = pairs_of(job, block);
    const std::int16_t* a = job.a + block * job.a_block_stride + row * k_block;
    const std::byte* w = job.w + first * job.w_panel_stride + block * job.w_block_bytes;
    for (std::int64_t pair = pairs.begin; pair < pairs.end; ++pair) {
      PairVector columns[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        const auto* at = reinterpret_cast<const Element*>(w + v / per_panel * job.w_panel_stride);
        columns[v] = load_pairs(at + pair * 2 * panel + v % per_panel * 2 * lanes);
      }
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        std::int32_t two;
        __builtin_memcpy(&two, a + r * k_block + 2 * pair, sizeof two);
        const PairVector both = hn::BitCast(pairs_tag, hn::Set(sums_tag, two));
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) {
          even[r][v] =
              hn::ReorderWidenMulAccumulate(sums_tag, both, columns[v], even[r][v], odd[r][v]);
        }
      }
    }
  }
  const ValidColumns valid = valid_columns(job, first, Panels);
  HWY_ALIGN std::int32_t spilled[Panels * panel];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      hn::Store(hn::RearrangeToOddPlusEven(even[r][v], odd[r][v]), sums_tag, spilled + v * lanes);
    }
    if (valid.whole(Panels)) {
      drain_whole(job, spilled, job.c + (row + r) * job.c_stride + valid.offset, valid.size);
    } else {
      drain_row(job, spilled, row + r, valid);
    }
  }
}

/// Tile heights and widths that fill the registers: 32 of 512 bits, 16 of 256, 16 of 128.
constexpr int registers_hold = static_cast<int>(hn::MaxLanes(Sums()));  // 16, 8, 4
constexpr int tallest = registers_hold == 16 ? 8 : registers_hold == 8 ? 6 : 2;
constexpr int widest = registers_hold == 16 ? 3 : 1;

template <int Panels, class Element>
void sum_rows(const BlockJob& job, std::int64_t first) {
  std::int64_t row = 0;
  for (; row + tallest <= job.rows; row += tallest) {
    sum_tile<tallest, Panels, Element>(job, row, first);
  }
  for (; row + 2 <= job.rows; row += 2) sum_tile<2, Panels, Element>(job, row, first);
  if (row < job.rows) sum_tile<1, Panels, Element>(job, row, first);
}

template <class Element>
void sum_panels(const BlockJob& job) {
  std::int64_t first = 0;
  for (; first + widest <= job.panels; first += widest) sum_rows<widest, Element>(job, first);
  for (; first < job.panels; ++first) sum_rows<1, Element>(job, first);
}

void sum_blocks(const BlockJob& job) {
  if (job.packing == Packing::bytes) {
    sum_panels<std::int8_t>(job);
  } else {
    sum_panels<std::int16_t>(job);
  }
}

#endif

}  // namespace razorsim::kernel_detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim::kernel_detail {

HWY_EXPORT(sum_blocks);
void sum_blocks_simd(const BlockJob& job) { HWY_DYNAMIC_DISPATCH(sum_blocks)(job); }

}  // namespace razorsim::kernel_detail
#endif
