// SPDX-License-Identifier: Apache-2.0
// Packing of both operands; the layout is told in kernel_block.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/kernel_block.h"
#include "models/base/aligned_memory.h"
#include "models/base/units.h"

namespace razorsim {

using namespace kernel_detail;

namespace {

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

AlignedBytes kernel_detail::allocate_bytes(std::int64_t bytes) {
  return AlignedBytes(allocate_aligned(static_cast<std::size_t>(bytes)));
}

void FreeAligned::operator()(std::byte* memory) const { free_aligned(memory); }

const CodedRow* PackedLeft::codes(std::int64_t index) const {
  return reinterpret_cast<const CodedRow*>(memory_.get()) + index * rows_;
}

PackedLeft::PackedLeft(std::int64_t rows, std::int64_t k, const Extremes& extremes)
    : rows_(rows), k_(k), largest_(extremes.magnitude()), heaviest_row_(extremes.heaviest_row) {}

PackedLeft::PackedLeft(MatrixView<const std::int16_t> matrix)
    : PackedLeft(matrix.rows(), matrix.cols(), extremes_of(matrix)) {
  const bool packed =
      pack_codes([&](std::int64_t row, std::int64_t begin, std::int64_t count, CodedRow& to) {
        return code_row(&matrix(row, begin), count, to);
      });
  if (!packed) pack_words(matrix);
}

PackedLeft::PackedLeft(MatrixView<const std::int16_t> matrix, MatrixView<const std::int16_t> codes,
                       const std::uint8_t* flags)
    : PackedLeft(matrix.rows(), matrix.cols(), extremes_of(matrix)) {
  const std::int64_t groups = ceil_div(k_, code_group);
  const bool packed =
      pack_codes([&](std::int64_t row, std::int64_t begin, std::int64_t count, CodedRow& to) {
        take_codes(&codes(row, begin), flags + row * groups + begin / code_group, count, to);
        return true;
      });
  if (!packed) pack_words(matrix);
}

template <class Code>
bool PackedLeft::pack_codes(const Code& code) {
  if (!multiplies_bytes() || rows_ == 0 || k_ == 0) return false;
  // Words mostly show in the first few: no room is made for them.
  if (CodedRow first; !code(0, 0, std::min(k_block, k_), first)) return false;
  const std::int64_t blocks = ceil_div(k_, k_block);
  memory_ = allocate_bytes(blocks * rows_ * static_cast<std::int64_t>(sizeof(CodedRow)));
  auto* to = reinterpret_cast<CodedRow*>(memory_.get());
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = block * k_block;
    const std::int64_t count = std::min(k_block, k_ - begin);
    for (std::int64_t row = 0; row < rows_; ++row, ++to) {
      if (!code(row, begin, count, *to)) return false;
    }
  }
  packing_ = Packing::bytes;
  return true;
}

void PackedLeft::pack_words(MatrixView<const std::int16_t> matrix) {
  const std::int64_t blocks = ceil_div(k_, k_block);
  memory_ = allocate_bytes(blocks * rows_ * k_block * 2);
  auto* to = reinterpret_cast<std::int16_t*>(memory_.get());
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = block * k_block;
    const std::int64_t count = std::min(k_block, k_ - begin);
    for (std::int64_t row = 0; row < rows_; ++row, to += k_block) {
      std::copy_n(&matrix(row, begin), count, to);
      std::fill(to + count, to + k_block, std::int16_t{0});
    }
  }
}

namespace {

// Elements from which nibbles pay: as bytes they no longer lie in a level 2 cache, and a product of
// few rows waits for memory. Smaller ones are spared the way back to bytes.
constexpr std::int64_t worth_nibbles = std::int64_t{1} << 20;

/// The packing that a right operand takes, one of `together` elements; the shifts of its groups, if
/// it is nibbles.
Packing packing_of(MatrixView<const std::int16_t> matrix, Packing least, std::int64_t together,
                   const Extremes& extremes, std::vector<std::uint8_t>& shifts) {
  if (extremes.smallest < -128 || extremes.largest > 127) return Packing::words;
  if (least > Packing::quads || !multiplies_bytes()) return Packing::bytes;
  if (least != Packing::nibbles || together < worth_nibbles) return Packing::quads;
  const std::int64_t groups = ceil_div(matrix.cols(), code_group);
  shifts.resize(static_cast<std::size_t>(matrix.rows() * groups));
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    if (!group_shifts(matrix.row(row).data(), matrix.cols(), 4, shifts.data() + row * groups))
      return Packing::quads;
  }
  return Packing::nibbles;
}

}  // namespace

std::int64_t PackedRight::block_bytes() const {
  switch (packing_) {
    case Packing::nibbles: return sizeof(NibbleBlock);
    case Packing::quads:
    case Packing::bytes: return kernel_panel * k_block;
    default: return 2 * kernel_panel * k_block;
  }
}

std::int64_t PackedRight::panel_bytes() const {
  if (packing_ == Packing::nibbles) {
    return k_ / k_block * block_bytes() +
           (k_ % k_block > 0 ? NibbleBlock::bytes_of(ceil_div(k_ % k_block, code_group)) : 0);
  }
  return round_up(k_, code_group) * (block_bytes() / k_block);
}

std::shared_ptr<std::byte[]> PackedRoom::take(std::int64_t bytes) {
  if (used_ + bytes > size_) {
    size_ = std::max(bytes, elements_);
    used_ = 0;
    memory_ = allocate_bytes(size_);
  }
  std::byte* const first = memory_.get() + used_;
  used_ += round_up<std::int64_t>(bytes, 64);
  return {memory_, first};
}

PackedRight::PackedRight(MatrixView<const std::int16_t> matrix, Packing least, PackedRoom* room)
    : rows_(matrix.rows()), k_(matrix.cols()) {
  const Extremes extremes = extremes_of(matrix);
  largest_ = extremes.magnitude();
  std::vector<std::uint8_t> shifts;
  packing_ = packing_of(matrix, least, room == nullptr ? matrix.size() : room->elements(), extremes,
                        shifts);
  const std::int64_t bytes = ceil_div(rows_, kernel_panel) * panel_bytes();
  memory_ = room == nullptr ? allocate_bytes(bytes) : room->take(bytes);
  const bool narrow = packing_ != Packing::words;
  const std::int64_t groups = ceil_div(k_, code_group);
  alignas(64) std::byte block_of_bytes[kernel_panel * k_block];
  for (std::int64_t row = 0; row < rows_; row += kernel_panel) {
    const std::int64_t rows = std::min(kernel_panel, rows_ - row);
    for (std::int64_t block = 0; block * k_block < k_; ++block) {
      const std::int64_t begin = block * k_block;
      const std::int64_t count = std::min(k_block, k_ - begin);
      std::byte* const place =
          memory_.get() + row / kernel_panel * panel_bytes() + block * block_bytes();
      const bool nibbles = packing_ == Packing::nibbles;
      std::byte* const to = nibbles ? block_of_bytes : place;
      if (rows < kernel_panel || count < k_block) {
        const std::int64_t filled = nibbles ? k_block : round_up(count, code_group);
        zero(to, filled * kernel_panel * (narrow ? 1 : 2));
      }
      interleave(matrix.block(row, begin, rows, count), narrow, to);
      if (packing_ == Packing::quads) to_quads(to, {0, ceil_div(count, code_group)}, to);
      if (!nibbles) continue;
      std::uint8_t here[kernel_panel][groups_per_block] = {};
      for (std::int64_t i = 0; i < rows; ++i) {
        std::copy_n(shifts.data() + (row + i) * groups + begin / code_group,
                    ceil_div(count, code_group), here[i]);
      }
      to_nibbles(block_of_bytes, here, ceil_div(count, code_group),
                 *reinterpret_cast<NibbleBlock*>(place));
    }
  }
}

}  // namespace razorsim
