// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/floating_kernel.cpp"
#include "models/arithmetic/floating_kernel.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <hwy/aligned_allocator.h>
#include <hwy/foreach_target.h>  // compiles this file once for each target
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/arithmetic/fp32_datapath.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::floating_kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Reals = hn::CappedTag<double, columns>;
using Floats = hn::Rebind<float, Reals>;
using Words = hn::CappedTag<std::int32_t, columns>;
using WordFloats = hn::Rebind<float, Words>;

/// Elements of k of a row times their scales.
template <class Store>
HWY_INLINE void scaled_row(const FloatingOperand& from, std::int64_t row, IndexRange k,
                           Store store) {
  const std::int16_t* elements = from.row(row);
  for (std::int64_t at = k.begin; at < k.end;) {
    const std::int64_t end = std::min(k.end, (at / from.group() + 1) * from.group());
    const double scale = from.scale(row, at);
    for (; at < end; ++at) store(at - k.begin, elements[at] * scale);
  }
}

/// `Rows` rows of a panel, all terms.
template <int Rows>
HWY_NOINLINE void scaled_tile(const double* a, std::int64_t depth, const double* panel,
                              std::int64_t term, float* sums) {
  constexpr int lanes = static_cast<int>(hn::MaxLanes(Reals()));
  constexpr int vectors = static_cast<int>(columns) / lanes;
  const Reals reals;
  const Floats floats;
  for (std::int64_t first = 0; first < depth; first += term) {
    // In halves of the panel's vectors, so that the sums stay in registers.
    constexpr int at_once = vectors > 4 ? 4 : vectors;
    for (int from = 0; from < vectors; from += at_once) {
      hn::Vec<Reals> exact[Rows][at_once];
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < at_once; ++v) exact[r][v] = hn::Zero(reals);
      }
      for (std::int64_t k = first; k < std::min(first + term, depth); ++k) {
        const double* right = panel + k * columns + from * lanes;
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
          const auto left = hn::Set(reals, a[r * depth + k]);
#pragma GCC unroll 8
          for (int v = 0; v < at_once; ++v) {
            exact[r][v] = hn::Add(exact[r][v], hn::Mul(left, hn::Load(reals, right + v * lanes)));
          }
        }
      }
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < at_once; ++v) {
          float* sum = sums + r * columns + (from + v) * lanes;
          hn::StoreU(hn::Add(hn::LoadU(floats, sum), hn::DemoteTo(floats, exact[r][v])), floats,
                     sum);
        }
      }
    }
  }
}

void add_scaled(const Job& job) {
  const std::int64_t depth = job.k.size();
  const std::int64_t rows = job.m.size();
  const auto left = hwy::AllocateAligned<double>(static_cast<std::size_t>(rows * depth));
  const auto panel = hwy::AllocateAligned<double>(static_cast<std::size_t>(depth * columns));
  for (std::int64_t row = 0; row < rows; ++row) {
    scaled_row(job.a, job.m.begin + row, job.k,
               [&](std::int64_t k, double value) { left[row * depth + k] = value; });
  }
  std::fill_n(panel.get(), depth * columns, 0.0);
  float* sums = job.sums;
  for (std::int64_t first = job.n.begin; first < job.n.end; first += columns) {
    for (std::int64_t col = 0; col < std::min(columns, job.n.end - first); ++col) {
      scaled_row(job.w, first + col, job.k,
                 [&](std::int64_t k, double value) { panel[k * columns + col] = value; });
    }
    std::int64_t row = 0;
    for (; row + 3 <= rows; row += 3)
      scaled_tile<3>(&left[row * depth], depth, panel.get(), job.term, sums + row * columns);
    for (; row < rows; ++row)
      scaled_tile<1>(&left[row * depth], depth, panel.get(), job.term, sums + row * columns);
    sums += rows * columns;
  }
}

/// Significands and exponents of k of a row; a zero's exponent is one no other product reaches.
template <class Store>
HWY_INLINE void fp16_row(const FloatingOperand& from, std::int64_t row, IndexRange k, Store store) {
  constexpr int of_zero = -100;
  for (std::int64_t at = k.begin; at < k.end; ++at) {
    const datapath::Fp16Parts parts = datapath::fp16_parts(from.row(row)[at]);
    store(at - k.begin, parts.significand, parts.significand == 0 ? of_zero : parts.exponent);
  }
}

/// One row of a panel, all terms.
HWY_NOINLINE void fp16_tile(const std::int32_t* a, const std::int32_t* a_exponents,
                            std::int64_t depth, const std::int32_t* panel,
                            const std::int32_t* exponents, std::int64_t term, float* sums) {
  const Words words;
  const WordFloats floats;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(words));
  constexpr int bias = 127 + datapath::fp16_product_exponent - datapath::fp16_guard_bits;
  for (std::int64_t first = 0; first < depth; first += term) {
    const std::int64_t end = std::min(first + term, depth);
    for (std::int64_t at = 0; at < columns; at += lanes) {
      auto largest = hn::Zero(words);
      for (std::int64_t k = first; k < end; ++k) {
        largest = hn::Max(largest, hn::Add(hn::Set(words, a_exponents[k]),
                                           hn::Load(words, exponents + k * columns + at)));
      }
      auto sum = hn::Zero(words);
      for (std::int64_t k = first; k < end; ++k) {
        const auto exponent =
            hn::Add(hn::Set(words, a_exponents[k]), hn::Load(words, exponents + k * columns + at));
        const auto distance = hn::Min(hn::Sub(largest, exponent), hn::Set(words, 31));
        const auto product =
            hn::Mul(hn::Set(words, a[k]), hn::Load(words, panel + k * columns + at));
        const auto sign = hn::BroadcastSignBit(product);
        const auto aligned =
            hn::Shr(hn::ShiftLeft<datapath::fp16_guard_bits>(hn::Abs(product)), distance);
        sum = hn::Add(sum, hn::Sub(hn::Xor(aligned, sign), sign));
      }
      const auto power =
          hn::BitCast(floats, hn::ShiftLeft<23>(hn::Add(largest, hn::Set(words, bias))));
      const auto value = hn::Mul(hn::ConvertTo(floats, sum), power);
      hn::StoreU(hn::Add(hn::LoadU(floats, sums + at), value), floats, sums + at);
    }
  }
}

void add_fp16(const Job& job) {
  const std::int64_t depth = job.k.size();
  const auto size = static_cast<std::size_t>(depth * columns);
  const auto panel = hwy::AllocateAligned<std::int32_t>(size);
  const auto exponents = hwy::AllocateAligned<std::int32_t>(size);
  std::vector<std::int32_t> left(static_cast<std::size_t>(depth));
  std::vector<std::int32_t> left_exponents(left.size());
  std::fill_n(panel.get(), size, 0);
  std::fill_n(exponents.get(), size, 0);
  float* sums = job.sums;
  for (std::int64_t first = job.n.begin; first < job.n.end; first += columns) {
    for (std::int64_t col = 0; col < std::min(columns, job.n.end - first); ++col) {
      fp16_row(job.w, first + col, job.k, [&](std::int64_t k, std::int32_t value, int exponent) {
        panel[k * columns + col] = value;
        exponents[k * columns + col] = exponent;
      });
    }
    for (std::int64_t row = 0; row < job.m.size(); ++row, sums += columns) {
      fp16_row(job.a, job.m.begin + row, job.k,
               [&](std::int64_t k, std::int32_t value, int exponent) {
                 left[static_cast<std::size_t>(k)] = value;
                 left_exponents[static_cast<std::size_t>(k)] = exponent;
               });
      fp16_tile(left.data(), left_exponents.data(), depth, panel.get(), exponents.get(), job.term,
                sums);
    }
  }
}

}  // namespace razorsim::floating_kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim::floating_kernel {

HWY_EXPORT(add_scaled);
HWY_EXPORT(add_fp16);
void add_scaled(const Job& job) { HWY_DYNAMIC_DISPATCH(add_scaled)(job); }
void add_fp16(const Job& job) { HWY_DYNAMIC_DISPATCH(add_fp16)(job); }

}  // namespace razorsim::floating_kernel
#endif
