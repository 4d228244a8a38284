// SPDX-License-Identifier: Apache-2.0
// Inside the kernel: the packed layout and the one job that each instruction set does. Not for
// users.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/arithmetic/kernel.h"

namespace razorsim::kernel_detail {

// Left operand:  [k block][row][256 elements], int16. The fixed row stride keeps neighbouring rows
// in
//                different cache sets whatever k is, and is a constant in the address.
// Right operand: [panel of 16 rows][k block][128 pairs][16 rows][2 elements], int16 or int8: a
// vector
//                holds two consecutive k of 16 output columns, as the pair-sum instructions want
//                them.
// Both are zero beyond their edges.
inline constexpr std::int64_t k_block = kernel_k_block;
inline constexpr std::int64_t pairs_per_block = k_block / 2;
inline constexpr std::int64_t panel = kernel_panel;

/// c[row, col] (+)= (sum over k of a[row, k] * w[col, k]) << shift, for rows x panels, over
/// `blocks` k blocks whose sums fit int32.
struct BlockJob {
  const std::int16_t* a = nullptr;  ///< of the first row and k block
  std::int64_t a_block_stride = 0;  ///< elements from one k block to the next
  std::int64_t rows = 0;
  const std::byte* w = nullptr;     ///< of the first panel and k block
  std::int64_t w_panel_stride = 0;  ///< bytes from one panel to the next
  std::int64_t w_block_bytes = 0;   ///< bytes of one k block of a panel
  bool narrow = false;              ///< w is int8
  std::int64_t panels = 0;
  std::int64_t blocks = 0;
  std::int64_t first_pair = 0;  ///< of the first block
  std::int64_t last_pair = 0;   ///< end of the pairs of the last block
  std::int64_t* c = nullptr;    ///< of the first row and valid column
  std::int64_t c_stride = 0;
  std::int64_t skip_cols = 0;  ///< columns of the first panel that lie before `c`
  std::int64_t cols = 0;       ///< valid columns
  int shift = 0;
  bool accumulate = false;
};

using BlockFunction = void (*)(const BlockJob& job);

/// Columns of output that one visit of `count` panels from `first` touches: those of c that are
/// valid.
struct ValidColumns {
  std::int64_t skip = 0;  ///< lanes of the visit before the first valid one
  std::int64_t size = 0;
  std::int64_t offset = 0;  ///< in c

  [[nodiscard]] bool whole(std::int64_t count) const { return skip == 0 && size == count * panel; }
};
[[nodiscard]] inline ValidColumns valid_columns(const BlockJob& job, std::int64_t first,
                                                std::int64_t count) {
  const std::int64_t begin = first * panel;
  const std::int64_t end = begin + count * panel;
  const std::int64_t from = begin > job.skip_cols ? begin : job.skip_cols;
  const std::int64_t valid_end = job.skip_cols + job.cols;
  const std::int64_t to = end < valid_end ? end : valid_end;
  return {from - begin, to - from, from - job.skip_cols};
}

/// Pairs of block `index` to multiply: [begin, end).
[[nodiscard]] inline IndexRange pairs_of(const BlockJob& job, std::int64_t index) {
  return {index == 0 ? job.first_pair : 0,
          index + 1 == job.blocks ? job.last_pair : pairs_per_block};
}

/// Adds int32 sums of one row to c where a visit covers only some of its columns.
inline void drain_row(const BlockJob& job, const std::int32_t* sums, std::int64_t row,
                      const ValidColumns& valid) {
  std::int64_t* c = job.c + row * job.c_stride + valid.offset;
  for (std::int64_t i = 0; i < valid.size; ++i) {
    const std::int64_t sum = std::int64_t{sums[valid.skip + i]} * (std::int64_t{1} << job.shift);
    c[i] = job.accumulate ? c[i] + sum : sum;
  }
}

/// Smallest and largest element; both include 0.
struct Extremes {
  int smallest = 0;
  int largest = 0;

  void take(int element) {
    smallest = element < smallest ? element : smallest;
    largest = element > largest ? element : largest;
  }
  [[nodiscard]] int magnitude() const { return -smallest > largest ? -smallest : largest; }
};
[[nodiscard]] Extremes extremes_of(MatrixView<const std::int16_t> matrix);

/// `count` elements of k (a multiple of 16) of 16 rows into a block of a panel; aligned to 16
/// bytes.
void interleave_panel(const std::int16_t* from, std::int64_t stride, std::int64_t count,
                      bool narrow, std::byte* to);

void sum_blocks_plain(const BlockJob& job);
void sum_blocks_simd(const BlockJob& job);     // Highway, best target in use
void sum_blocks_vnni512(const BlockJob& job);  // only where has_vnni512()
[[nodiscard]] bool has_vnni512();

}  // namespace razorsim::kernel_detail
