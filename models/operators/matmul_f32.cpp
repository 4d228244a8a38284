// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/operators/matmul_f32.cpp"
#include "models/operators/matmul_f32.h"

#include <algorithm>
#include <cstdint>

#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<float> tag;

// A tile of the output stays in registers, rows x (vectors of columns): with the vectors of the
// right operand and one of the left it fills the 16 registers of SSE and AVX2, the 32 of AVX-512.
constexpr int tile_rows = 6;
constexpr int tile_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;  // Highway's better targets are less

/// `rows` rows of the output against some columns of a panel, of which `count` are wanted.
template <int rows>
void tile(MatrixView<const float> a, std::int64_t first_row, const float* panel, std::int64_t count,
          float* out, std::int64_t stride) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  using Vector = hn::Vec<decltype(tag)>;
  Vector sums[rows][tile_vectors];
  const float* from[rows];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    from[r] = a.data() + (first_row + r) * a.stride();
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v) sums[r][v] = hn::Zero(tag);
  }
  for (std::int64_t k = 0; k < a.cols(); ++k) {
    Vector right[tile_vectors];
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v)
      right[v] = hn::Load(tag, panel + k * PackedF32::panel_columns + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const Vector left = hn::Set(tag, from[r][k]);
      // Not MulAdd: it rounds once where the machine has the instruction and twice where it has
      // not.
#pragma GCC unroll 4
      for (int v = 0; v < tile_vectors; ++v)
        sums[r][v] = hn::Add(sums[r][v], hn::Mul(left, right[v]));
    }
  }
  HWY_ALIGN float edge[tile_vectors * hn::MaxLanes(tag)];
  const bool whole = count >= lanes * tile_vectors;
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    float* to = out + (first_row + r) * stride;
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v) {
      if (whole) {
        hn::StoreU(sums[r][v], tag, to + v * lanes);
      } else {
        hn::Store(sums[r][v], tag, edge + v * lanes);
      }
    }
    if (!whole) std::copy_n(edge, count, to);
  }
}

/// All rows of `a` against one panel; `out` has the columns of it that are wanted.
void panel_product(MatrixView<const float> a, const float* panel, MatrixView<float> out) {
  const auto width = static_cast<std::int64_t>(hn::Lanes(tag)) * tile_vectors;
  // Chosen by measurement: so many rows stay in the level 2 cache beside the panel.
  constexpr std::int64_t rows_per_visit = 96;
  for (std::int64_t top = 0; top < a.rows(); top += rows_per_visit) {
    const std::int64_t bottom = std::min(top + rows_per_visit, a.rows());
    for (std::int64_t first = 0; first < out.cols(); first += width) {
      const std::int64_t count = out.cols() - first;
      float* to = out.data() + first;
      std::int64_t row = top;
      for (; row + tile_rows <= bottom; row += tile_rows)
        tile<tile_rows>(a, row, panel + first, count, to, out.stride());
      for (; row + 2 <= bottom; row += 2) tile<2>(a, row, panel + first, count, to, out.stride());
      for (; row < bottom; ++row) tile<1>(a, row, panel + first, count, to, out.stride());
    }
  }
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <thread>
#include <vector>

#include "models/base/errors.h"
#include "models/base/units.h"

namespace razorsim {
namespace {

HWY_EXPORT(panel_product);

constexpr std::int64_t panel_columns = PackedF32::panel_columns;

hwy::AlignedFreeUniquePtr<float[]> panels(std::int64_t k, std::int64_t count) {
  return hwy::AllocateAligned<float>(
      static_cast<std::size_t>(std::max<std::int64_t>(k * count, 1) * panel_columns));
}

/// Rows first .. of w (n x k), side by side.
void pack_transposed(MatrixView<const float> w, std::int64_t first, float* panel) {
  const std::int64_t count = std::min(panel_columns, w.rows() - first);
  if (count < panel_columns) std::fill_n(panel, w.cols() * panel_columns, 0.0F);
  // A few k at a time, so that the lines written stay in the first-level cache.
  constexpr std::int64_t step = 32;
  for (std::int64_t k0 = 0; k0 < w.cols(); k0 += step) {
    const std::int64_t k1 = std::min(k0 + step, w.cols());
    for (std::int64_t column = 0; column < count; ++column) {
      const float* from = &w(first + column, 0);
      for (std::int64_t k = k0; k < k1; ++k) panel[k * panel_columns + column] = from[k];
    }
  }
}

/// Columns first .. of b (k x n).
void pack_plain(MatrixView<const float> b, std::int64_t first, float* panel) {
  const std::int64_t count = std::min(panel_columns, b.cols() - first);
  for (std::int64_t k = 0; k < b.rows(); ++k, panel += panel_columns) {
    std::copy_n(&b(k, first), count, panel);
    std::fill(panel + count, panel + panel_columns, 0.0F);
  }
}

/// Few rows: packing would cost more than the product, so a handful of chains run side by side on
/// the right operand where it lies (decode: one row).
void narrow(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
            std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t chains = 8;  // two additions a cycle, each four cycles long
  for (std::int64_t row = 0; row < a.rows(); ++row) {
    const float* left = a.data() + row * a.stride();
    for (std::int64_t first = begin; first < end; first += chains) {
      const std::int64_t count = std::min(chains, end - first);
      const float* right[chains];
      // Beyond the edge the last row is computed again, and thrown away.
      for (std::int64_t i = 0; i < chains; ++i)
        right[i] = w.data() + (first + std::min(i, count - 1)) * w.stride();
      float sums[chains] = {};
      for (std::int64_t k = 0; k < a.cols(); ++k) {
        for (std::int64_t i = 0; i < chains; ++i) sums[i] += left[k] * right[i][k];
      }
      for (std::int64_t i = 0; i < count; ++i) out(row, first + i) = sums[i];
    }
  }
}

/// Gives each thread columns [begin, end), a whole number of panels but for the last.
template <class Columns>
void share(std::int64_t n, int threads, Columns columns) {
  promise(threads >= 1, "a product needs a thread");
  const std::int64_t part = round_up(ceil_div<std::int64_t>(n, threads), panel_columns);
  std::vector<std::jthread> helpers;
  for (std::int64_t begin = part; begin < n; begin += part) {
    helpers.emplace_back([=] { columns(begin, std::min(begin + part, n)); });
  }
  columns(0, std::min(part, n));
}

/// Packs a panel at a time and multiplies it.
template <class Pack>
void by_panels(MatrixView<const float> a, MatrixView<float> out, int threads, Pack pack) {
  share(out.cols(), threads, [=](std::int64_t begin, std::int64_t end) {
    const auto panel = panels(a.cols(), 1);
    for (std::int64_t first = begin; first < end; first += panel_columns) {
      pack(first, panel.get());
      HWY_DYNAMIC_DISPATCH(panel_product)
      (a, panel.get(), out.block(0, first, out.rows(), std::min(panel_columns, end - first)));
    }
  });
}

}  // namespace

PackedF32::PackedF32(std::int64_t k, std::int64_t n)
    : k_(k), n_(n), memory_(panels(k, ceil_div(n, panel_columns))) {}

PackedF32 PackedF32::transposed(MatrixView<const float> w) {
  PackedF32 packed(w.cols(), w.rows());
  for (std::int64_t first = 0; first < w.rows(); first += panel_columns)
    pack_transposed(w, first, packed.memory_.get() + first * w.cols());
  return packed;
}

PackedF32 PackedF32::plain(MatrixView<const float> b) {
  PackedF32 packed(b.rows(), b.cols());
  for (std::int64_t first = 0; first < b.cols(); first += panel_columns)
    pack_plain(b, first, packed.memory_.get() + first * b.rows());
  return packed;
}

void matmul_f32(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
                int threads) {
  promise(a.cols() == w.cols() && out.rows() == a.rows() && out.cols() == w.rows(),
          "matmul_f32: m x k by n x k is m x n");
  constexpr std::int64_t few_rows = 4;
  if (a.rows() < few_rows) {
    share(out.cols(), threads,
          [=](std::int64_t begin, std::int64_t end) { narrow(a, w, out, begin, end); });
    return;
  }
  by_panels(a, out, threads,
            [=](std::int64_t first, float* panel) { pack_transposed(w, first, panel); });
}

void matmul_f32_untransposed(MatrixView<const float> a, MatrixView<const float> b,
                             MatrixView<float> out, int threads) {
  promise(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols(),
          "matmul_f32: m x k by k x n is m x n");
  by_panels(a, out, threads,
            [=](std::int64_t first, float* panel) { pack_plain(b, first, panel); });
}

void matmul_f32(MatrixView<const float> a, const PackedF32& w, MatrixView<float> out) {
  promise(a.cols() <= w.k() && out.rows() == a.rows() && out.cols() <= w.n(),
          "matmul_f32: a packed operand covers the product");
  for (std::int64_t first = 0; first < out.cols(); first += panel_columns) {
    const std::int64_t count = std::min(panel_columns, out.cols() - first);
    HWY_DYNAMIC_DISPATCH(panel_product)
    (a, w.panel(first / panel_columns), out.block(0, first, out.rows(), count));
  }
}

}  // namespace razorsim
#endif  // HWY_ONCE
