// SPDX-License-Identifier: Apache-2.0
// Packing of both operands; the layout is told in kernel_block.h.
#include <algorithm>
#include <cstring>
#include <new>

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/kernel_block.h"
#include "models/base/units.h"

namespace razorsim {
namespace {

constexpr std::align_val_t alignment{64};  // one cache line, one 512-bit vector

AlignedBytes allocate_zeroed(std::int64_t bytes) {
  auto* memory = static_cast<std::byte*>(
      ::operator new[](static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1)), alignment));
  std::memset(memory, 0, static_cast<std::size_t>(bytes));
  return AlignedBytes(memory);
}

struct Extremes {
  int smallest = 0;
  int largest = 0;

  [[nodiscard]] int magnitude() const { return std::max(-smallest, largest); }
};

Extremes extremes_of(MatrixView<const std::int16_t> matrix) {
  Extremes found;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    std::int16_t smallest = 0;
    std::int16_t largest = 0;
    for (const std::int16_t each : matrix.row(row)) {
      smallest = std::min(smallest, each);
      largest = std::max(largest, each);
    }
    found.smallest = std::min<int>(found.smallest, smallest);
    found.largest = std::max<int>(found.largest, largest);
  }
  return found;
}

/// One row of a panel, one k block: element pairs go to every 16th pair of `to`.
template <class Element>
void interleave(const std::int16_t* from, std::int64_t count, Element* to) {
  for (std::int64_t k = 0; k < count; ++k) {
    to[(k / 2) * 2 * kernel_panel + k % 2] = static_cast<Element>(from[k]);
  }
}

}  // namespace

void FreeAligned::operator()(std::byte* memory) const { ::operator delete[](memory, alignment); }

PackedLeft::PackedLeft(MatrixView<const std::int16_t> matrix)
    : rows_(matrix.rows()), k_(matrix.cols()), largest_(extremes_of(matrix).magnitude()) {
  const std::int64_t blocks = ceil_div(k_, kernel_k_block);
  memory_ = allocate_zeroed(blocks * rows_ * kernel_k_block * 2);
  auto* to = reinterpret_cast<std::int16_t*>(memory_.get());
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = block * kernel_k_block;
    const std::int64_t count = std::min(kernel_k_block, k_ - begin);
    for (std::int64_t row = 0; row < rows_; ++row) {
      std::copy_n(&matrix(row, begin), count, to + (block * rows_ + row) * kernel_k_block);
    }
  }
}

PackedRight::PackedRight(MatrixView<const std::int16_t> matrix)
    : rows_(matrix.rows()), k_(matrix.cols()), panel_blocks_(ceil_div(k_, kernel_k_block)) {
  const Extremes extremes = extremes_of(matrix);
  largest_ = extremes.magnitude();
  narrow_ = extremes.smallest >= -128 && extremes.largest <= 127;
  const std::int64_t panels = ceil_div(rows_, kernel_panel);
  memory_ = allocate_zeroed(panels * panel_bytes());
  for (std::int64_t row = 0; row < rows_; ++row) {
    for (std::int64_t block = 0; block < panel_blocks_; ++block) {
      const std::int64_t begin = block * kernel_k_block;
      const std::int64_t count = std::min(kernel_k_block, k_ - begin);
      std::byte* to = memory_.get() + row / kernel_panel * panel_bytes() + block * block_bytes();
      const std::int64_t lane = row % kernel_panel * 2;
      if (narrow_) {
        interleave(&matrix(row, begin), count, reinterpret_cast<std::int8_t*>(to) + lane);
      } else {
        interleave(&matrix(row, begin), count, reinterpret_cast<std::int16_t*>(to) + lane);
      }
    }
  }
}

}  // namespace razorsim
