// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/operators/matmul_f32.cpp"
#include "models/operators/matmul_f32.h"

#include <algorithm>
#include <cstdint>

#include <hwy/aligned_allocator.h>
#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<float> tag;

// A tile of the output stays in registers, rows x (vectors of columns): with two vectors of the
// right operand and one of the left it fills the 16 registers of SSE and AVX2.
constexpr int tile_rows = 6;
constexpr int tile_vectors = 2;

/// Columns first .. first + width of the product's right operand, side by side: panel[k][column],
/// columns beyond `count` zero.
template <bool transposed>
void pack(MatrixView<const float> w, std::int64_t first, std::int64_t count, std::int64_t width,
          float* panel) {
  const std::int64_t depth = transposed ? w.cols() : w.rows();
  if constexpr (transposed) {
    // A few k at a time, so that the lines written stay in the first-level cache.
    constexpr std::int64_t step = 32;
    for (std::int64_t k0 = 0; k0 < depth; k0 += step) {
      const std::int64_t k1 = std::min(k0 + step, depth);
      for (std::int64_t column = 0; column < count; ++column) {
        const float* from = &w(first + column, 0);
        for (std::int64_t k = k0; k < k1; ++k) panel[k * width + column] = from[k];
      }
    }
    for (std::int64_t column = count; column < width; ++column) {
      for (std::int64_t k = 0; k < depth; ++k) panel[k * width + column] = 0;
    }
  } else {
    for (std::int64_t k = 0; k < depth; ++k) {
      const float* from = &w(k, first);
      for (std::int64_t column = 0; column < width; ++column)
        panel[k * width + column] = column < count ? from[column] : 0;
    }
  }
}

/// `rows` rows of the output against one panel.
template <int rows>
void tile(MatrixView<const float> a, std::int64_t first_row, const float* panel, std::int64_t count,
          float* out, std::int64_t stride) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const std::int64_t width = lanes * tile_vectors;
  using Vector = hn::Vec<decltype(tag)>;
  Vector sums[rows][tile_vectors];
  const float* from[rows];
  for (int r = 0; r < rows; ++r) {
    from[r] = a.data() + (first_row + r) * a.stride();
    for (int v = 0; v < tile_vectors; ++v) sums[r][v] = hn::Zero(tag);
  }
  for (std::int64_t k = 0; k < a.cols(); ++k) {
    Vector right[tile_vectors];
    for (int v = 0; v < tile_vectors; ++v) right[v] = hn::Load(tag, panel + k * width + v * lanes);
    for (int r = 0; r < rows; ++r) {
      const Vector left = hn::Set(tag, from[r][k]);
      // Not MulAdd: it rounds once where the machine has the instruction and twice where it has
      // not.
      for (int v = 0; v < tile_vectors; ++v)
        sums[r][v] = hn::Add(sums[r][v], hn::Mul(left, right[v]));
    }
  }
  HWY_ALIGN float edge[tile_vectors * hn::MaxLanes(tag)];
  for (int r = 0; r < rows; ++r) {
    float* to = out + (first_row + r) * stride;
    for (int v = 0; v < tile_vectors; ++v) {
      if (count == width) {
        hn::StoreU(sums[r][v], tag, to + v * lanes);
      } else {
        hn::Store(sums[r][v], tag, edge + v * lanes);
      }
    }
    if (count != width) std::copy_n(edge, count, to);
  }
}

template <bool transposed>
void columns(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
             std::int64_t begin, std::int64_t end) {
  const auto width = static_cast<std::int64_t>(hn::Lanes(tag)) * tile_vectors;
  const auto panel = hwy::AllocateAligned<float>(
      static_cast<std::size_t>(std::max<std::int64_t>(a.cols(), 1) * width));
  for (std::int64_t first = begin; first < end; first += width) {
    const std::int64_t count = std::min(width, end - first);
    pack<transposed>(w, first, count, width, panel.get());
    float* to = out.data() + first;
    std::int64_t row = 0;
    for (; row + tile_rows <= a.rows(); row += tile_rows)
      tile<tile_rows>(a, row, panel.get(), count, to, out.stride());
    for (; row + 2 <= a.rows(); row += 2) tile<2>(a, row, panel.get(), count, to, out.stride());
    for (; row < a.rows(); ++row) tile<1>(a, row, panel.get(), count, to, out.stride());
  }
}

void columns_of_transposed(MatrixView<const float> a, MatrixView<const float> w,
                           MatrixView<float> out, std::int64_t begin, std::int64_t end) {
  columns<true>(a, w, out, begin, end);
}
void columns_of_plain(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
                      std::int64_t begin, std::int64_t end) {
  columns<false>(a, w, out, begin, end);
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

HWY_EXPORT(columns_of_transposed);
HWY_EXPORT(columns_of_plain);

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

// Multiple of every vector width, so that a thread's share starts at a panel.
constexpr std::int64_t share_step = 64;

template <class Columns>
void share(std::int64_t n, int threads, Columns columns) {
  promise(threads >= 1, "a product needs a thread");
  const std::int64_t part = round_up(ceil_div<std::int64_t>(n, threads), share_step);
  std::vector<std::jthread> helpers;
  for (std::int64_t begin = part; begin < n; begin += part) {
    helpers.emplace_back([=] { columns(begin, std::min(begin + part, n)); });
  }
  columns(0, std::min(part, n));
}

}  // namespace

void matmul_f32(MatrixView<const float> a, MatrixView<const float> w, MatrixView<float> out,
                int threads) {
  promise(a.cols() == w.cols() && out.rows() == a.rows() && out.cols() == w.rows(),
          "matmul_f32: m x k by n x k is m x n");
  constexpr std::int64_t few_rows = 4;
  const auto columns = a.rows() < few_rows ? narrow : HWY_DYNAMIC_DISPATCH(columns_of_transposed);
  share(out.cols(), threads,
        [=](std::int64_t begin, std::int64_t end) { columns(a, w, out, begin, end); });
}

void matmul_f32_untransposed(MatrixView<const float> a, MatrixView<const float> b,
                             MatrixView<float> out, int threads) {
  promise(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols(),
          "matmul_f32: m x k by k x n is m x n");
  const auto columns = HWY_DYNAMIC_DISPATCH(columns_of_plain);
  share(out.cols(), threads,
        [=](std::int64_t begin, std::int64_t end) { columns(a, b, out, begin, end); });
}

}  // namespace razorsim
#endif  // HWY_ONCE
