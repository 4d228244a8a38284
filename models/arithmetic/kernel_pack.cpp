// SPDX-License-Identifier: Apache-2.0
// Packing of both operands; the layout is told in kernel_block.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/kernel_block.h"
#include "models/base/units.h"

namespace razorsim {

using namespace kernel_detail;

namespace {

constexpr std::align_val_t alignment{64};  // one cache line, one 512-bit vector

AlignedBytes allocate(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
  auto* memory = static_cast<std::byte*>(::operator new[](size, alignment));
#ifdef MADV_HUGEPAGE
  // A matrix is read from end to end: fewer, larger pages cost fewer misses of their table.
  constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + huge_page - 1) / huge_page * huge_page;
  const std::uintptr_t end = (begin + size) / huge_page * huge_page;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
  return AlignedBytes(memory);
}

void zero(std::byte* memory, std::int64_t bytes) {
  std::memset(memory, 0, static_cast<std::size_t>(bytes));
}

/// One row of a panel, from element `begin` of a block: pairs go to every 16th pair of `to`.
template <class Element>
void interleave_row(const std::int16_t* from, std::int64_t begin, std::int64_t end, Element* to) {
  for (std::int64_t k = begin; k < end; ++k) {
    to[(k / 2) * 2 * kernel_panel + k % 2] = static_cast<Element>(from[k]);
  }
}

/// `rows` rows of one k block: whole panels by vectors, what is ragged element by element.
void interleave(MatrixView<const std::int16_t> block, bool narrow, std::byte* to) {
  const std::int64_t whole = block.rows() == kernel_panel ? block.cols() / 16 * 16 : 0;
  if (whole > 0) interleave_panel(block.data(), block.stride(), whole, narrow, to);
  for (std::int64_t row = 0; row < block.rows(); ++row) {
    if (narrow) {
      interleave_row(&block(row, 0), whole, block.cols(),
                     reinterpret_cast<std::int8_t*>(to) + 2 * row);
    } else {
      interleave_row(&block(row, 0), whole, block.cols(),
                     reinterpret_cast<std::int16_t*>(to) + 2 * row);
    }
  }
}

}  // namespace

void FreeAligned::operator()(std::byte* memory) const { ::operator delete[](memory, alignment); }

PackedLeft::PackedLeft(MatrixView<const std::int16_t> matrix)
    : rows_(matrix.rows()), k_(matrix.cols()), largest_(extremes_of(matrix).magnitude()) {
  const std::int64_t blocks = ceil_div(k_, kernel_k_block);
  memory_ = allocate(blocks * rows_ * kernel_k_block * 2);
  auto* to = reinterpret_cast<std::int16_t*>(memory_.get());
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = block * kernel_k_block;
    const std::int64_t count = std::min(kernel_k_block, k_ - begin);
    for (std::int64_t row = 0; row < rows_; ++row, to += kernel_k_block) {
      std::copy_n(&matrix(row, begin), count, to);
      std::fill(to + count, to + kernel_k_block, std::int16_t{0});
    }
  }
}

PackedRight::PackedRight(MatrixView<const std::int16_t> matrix)
    : rows_(matrix.rows()), k_(matrix.cols()), panel_blocks_(ceil_div(k_, kernel_k_block)) {
  const Extremes extremes = extremes_of(matrix);
  largest_ = extremes.magnitude();
  narrow_ = extremes.smallest >= -128 && extremes.largest <= 127;
  memory_ = allocate(ceil_div(rows_, kernel_panel) * panel_bytes());
  for (std::int64_t row = 0; row < rows_; row += kernel_panel) {
    const std::int64_t rows = std::min(kernel_panel, rows_ - row);
    for (std::int64_t block = 0; block < panel_blocks_; ++block) {
      const std::int64_t begin = block * kernel_k_block;
      const std::int64_t count = std::min(kernel_k_block, k_ - begin);
      std::byte* to = memory_.get() + row / kernel_panel * panel_bytes() + block * block_bytes();
      if (rows < kernel_panel || count < kernel_k_block) zero(to, block_bytes());
      interleave(matrix.block(row, begin, rows, count), narrow_, to);
    }
  }
}

}  // namespace razorsim
