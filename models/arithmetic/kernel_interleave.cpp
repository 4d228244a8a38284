// SPDX-License-Identifier: Apache-2.0
// Packing at memory speed: the extremes of a matrix, and 16 rows interleaved into a panel by
// register transposes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/kernel_interleave.cpp"
#include <algorithm>
#include <cstdlib>

#include <hwy/foreach_target.h>  // compiles this file once for each target
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/arithmetic/kernel_block.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::kernel_detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

template <class Element>
void interleave_all(const std::int16_t* from, std::int64_t stride, std::int64_t count,
                    Element* to) {
  for (std::int64_t row = 0; row < panel; ++row) {
    for (std::int64_t k = 0; k < count; ++k) {
      to[(k / 2 * panel + row) * 2 + k % 2] = static_cast<Element>(from[row * stride + k]);
    }
  }
}

void interleave_panel(const std::int16_t* from, std::int64_t stride, std::int64_t count,
                      bool narrow, std::byte* to) {
  if (narrow) {
    interleave_all(from, stride, count, reinterpret_cast<std::int8_t*>(to));
  } else {
    interleave_all(from, stride, count, reinterpret_cast<std::int16_t*>(to));
  }
}

#else

using Words = hn::FixedTag<std::int16_t, 8>;
using Bytes = hn::FixedTag<std::int8_t, 16>;
using Lanes16 = hn::FixedTag<std::uint16_t, 8>;
using Lanes32 = hn::FixedTag<std::uint32_t, 4>;
using Lanes64 = hn::FixedTag<std::uint64_t, 2>;

/// Eight vectors of eight 16-bit pairs of bytes, transposed: v[p] = pair p of the eight rows.
HWY_INLINE void transpose_8x8(hn::Vec<Lanes16> (&v)[8]) {
  const Lanes16 d16;
  const Lanes32 d32;
  const Lanes64 d64;
  hn::Vec<Lanes32> two[8];
  for (int i = 0; i < 4; ++i) {
    two[2 * i] = hn::BitCast(d32, hn::InterleaveLower(d16, v[2 * i], v[2 * i + 1]));
    two[2 * i + 1] = hn::BitCast(d32, hn::InterleaveUpper(d16, v[2 * i], v[2 * i + 1]));
  }
  hn::Vec<Lanes64> four[8];  // [pairs 2j, 2j+1][rows 0-3, rows 4-7]
  for (int half = 0; half < 2; ++half) {
    for (int j = 0; j < 2; ++j) {
      const auto above = two[4 * half + j];
      const auto below = two[4 * half + j + 2];
      four[4 * j + half] = hn::BitCast(d64, hn::InterleaveLower(d32, above, below));
      four[4 * j + half + 2] = hn::BitCast(d64, hn::InterleaveUpper(d32, above, below));
    }
  }
  for (int j = 0; j < 4; ++j) {
    const auto left = four[4 * (j / 2) + 2 * (j % 2)];
    const auto right = four[4 * (j / 2) + 2 * (j % 2) + 1];
    v[2 * j] = hn::BitCast(d16, hn::InterleaveLower(d64, left, right));
    v[2 * j + 1] = hn::BitCast(d16, hn::InterleaveUpper(d64, left, right));
  }
}

HWY_INLINE hn::Vec<Lanes16> load_bytes(const std::int16_t* from) {
  const hn::Half<Bytes> half;
  const auto low = hn::DemoteTo(half, hn::LoadU(Words(), from));
  const auto high = hn::DemoteTo(half, hn::LoadU(Words(), from + 8));
  return hn::BitCast(Lanes16(), hn::Combine(Bytes(), high, low));
}

/// 16 elements of k of 16 rows into bytes.
HWY_INLINE void interleave_bytes(const std::int16_t* from, std::int64_t stride, std::byte* to) {
  for (int half = 0; half < 2; ++half) {
    hn::Vec<Lanes16> v[8];
    for (int r = 0; r < 8; ++r) v[r] = load_bytes(from + (8 * half + r) * stride);
    transpose_8x8(v);
    auto* out = reinterpret_cast<std::uint16_t*>(to) + 8 * half;
    for (int pair = 0; pair < 8; ++pair) hn::Store(v[pair], Lanes16(), out + pair * panel);
  }
}

/// 8 elements of k of 16 rows into words.
HWY_INLINE void interleave_words(const std::int16_t* from, std::int64_t stride, std::byte* to) {
  const Lanes32 d32;
  const Lanes64 d64;
  for (int quarter = 0; quarter < 4; ++quarter) {
    hn::Vec<Lanes32> v[4];
    for (int r = 0; r < 4; ++r) {
      v[r] = hn::BitCast(d32, hn::LoadU(Words(), from + (4 * quarter + r) * stride));
    }
    auto* out = reinterpret_cast<std::uint32_t*>(to) + 4 * quarter;
    for (int upper = 0; upper < 2; ++upper) {
      const auto above = hn::BitCast(d64, upper == 0 ? hn::InterleaveLower(d32, v[0], v[1])
                                                     : hn::InterleaveUpper(d32, v[0], v[1]));
      const auto below = hn::BitCast(d64, upper == 0 ? hn::InterleaveLower(d32, v[2], v[3])
                                                     : hn::InterleaveUpper(d32, v[2], v[3]));
      hn::Store(hn::BitCast(d32, hn::InterleaveLower(d64, above, below)), d32,
                out + 2 * upper * panel);
      hn::Store(hn::BitCast(d32, hn::InterleaveUpper(d64, above, below)), d32,
                out + (2 * upper + 1) * panel);
    }
  }
}

void interleave_panel(const std::int16_t* from, std::int64_t stride, std::int64_t count,
                      bool narrow, std::byte* to) {
  const std::int64_t step = narrow ? 16 : 8;
  for (std::int64_t k = 0; k < count; k += step) {
    if (narrow) {
      interleave_bytes(from + k, stride, to + k * panel);
    } else {
      interleave_words(from + k, stride, to + 2 * k * panel);
    }
  }
}

#endif

/// Of at most 2^15 elements, whose magnitudes' sum fits int32 in any lane. Returns that sum.
std::int64_t extremes(const std::int16_t* from, std::int64_t count, Extremes* found) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::int16_t, decltype(d)> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto smallest = hn::Zero(d);
  auto largest = hn::Zero(d);
  auto weight = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto v = hn::PromoteTo(d, hn::LoadU(narrow, from + i));
    smallest = hn::Min(smallest, v);
    largest = hn::Max(largest, v);
    weight = hn::Add(weight, hn::Abs(v));
  }
  found->take(hn::GetLane(hn::MinOfLanes(d, smallest)));
  found->take(hn::GetLane(hn::MaxOfLanes(d, largest)));
  std::int64_t sum = hn::GetLane(hn::SumOfLanes(d, weight));
  for (; i < count; ++i) {
    found->take(from[i]);
    sum += std::abs(std::int32_t{from[i]});
  }
  return sum;
}

}  // namespace razorsim::kernel_detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim::kernel_detail {

HWY_EXPORT(interleave_panel);
HWY_EXPORT(extremes);

void interleave_panel(const std::int16_t* from, std::int64_t stride, std::int64_t count,
                      bool narrow, std::byte* to) {
  HWY_DYNAMIC_DISPATCH(interleave_panel)(from, stride, count, narrow, to);
}

Extremes extremes_of(MatrixView<const std::int16_t> matrix) {
  Extremes found;
  constexpr std::int64_t at_once = 1 << 15;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    std::int64_t weight = 0;
    for (std::int64_t first = 0; first < matrix.cols(); first += at_once) {
      weight += HWY_DYNAMIC_DISPATCH(extremes)(&matrix(row, first),
                                               std::min(at_once, matrix.cols() - first), &found);
    }
    found.heaviest_row = std::max(found.heaviest_row, weight);
  }
  return found;
}

}  // namespace razorsim::kernel_detail
#endif
