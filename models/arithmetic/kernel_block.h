// SPDX-License-Identifier: Apache-2.0
// Inside the kernel: the packed layout and the one job that each instruction set does. Not for
// users.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/arithmetic/kernel.h"

namespace razorsim::kernel_detail {

// Left operand, words: [k block][row][256 elements], int16. The fixed row stride keeps neighbouring
//                      rows in different cache sets whatever k is, and is a constant in the
//                      address.
// Left operand, bytes: [k block][row], a CodedRow.
// Right operand, words and bytes: [panel of 16 rows][k block][128 pairs][16 rows][2 elements],
// int16
//                      or int8: a vector holds two consecutive k of 16 output columns, as the
//                      pair-sum instructions want them. The last block ends with its last group.
// Right operand, quads: [panel of 16 rows][k block][64 quads][16 rows][4 elements], uint8: 128 more
//                      than the element, since the byte products take it unsigned.
// Right operand, nibbles: [panel of 16 rows][k block], a NibbleBlock.
// All are zero beyond their edges.
inline constexpr std::int64_t k_block = kernel_k_block;
inline constexpr std::int64_t pairs_per_block = k_block / 2;
inline constexpr std::int64_t panel = kernel_panel;
inline constexpr std::int64_t code_group = kernel_group;
inline constexpr std::int64_t groups_per_block = k_block / code_group;
inline constexpr std::int64_t pairs_per_group = code_group / 2;
inline constexpr std::int64_t quads_per_group = code_group / 4;

/// 256 elements of a left row: codes << shift of their group. The byte products take an unsigned
/// right factor, which is its element plus 8 or 128; a bias takes that back from a group's sum.
struct alignas(64) CodedRow {
  std::int8_t codes[k_block];
  std::int32_t shifts[groups_per_block];
  std::int32_t nibble_bias[groups_per_block];  ///< -8 times the sum of the group's codes
  std::int32_t byte_bias[groups_per_block];    ///< -128 times the sum

  void to_words(std::int16_t (&words)[k_block]) const {
    for (std::int64_t group = 0; group < groups_per_block; ++group) {
      const int factor = 1 << shifts[group];
      for (std::int64_t k = group * code_group; k < (group + 1) * code_group; ++k)
        words[k] = static_cast<std::int16_t>(codes[k] * factor);
    }
  }
};

/// 256 elements of a left row of words, 256 * high + low: what few rows multiply nibbles by. A
/// nibble is unsigned beside `high` and signed beside `low`; it is the same.
struct alignas(64) SplitRow {
  std::int8_t high[k_block];
  std::uint8_t low[k_block];
  std::int32_t nibble_bias[groups_per_block];  ///< -8 times the sum of the group's words
};

/// 256 elements of 16 right rows: (nibble - 8) << shift of their group. A byte holds element k in
/// its low half, k + 4 in its high one, a shift those of group 2i and 2i + 1: [eighths of 8 k][16
/// rows][4 bytes]. The last block of a panel ends with its last group.
struct alignas(64) NibbleBlock {
  std::uint8_t shifts[groups_per_block / 2][panel];
  std::uint8_t codes[k_block / 8][panel][4];

  /// Of a block that ends after so many groups.
  [[nodiscard]] static constexpr std::int64_t bytes_of(std::int64_t groups) {
    return static_cast<std::int64_t>(sizeof shifts) + groups * code_group / 2 * panel;
  }
};

/// c[row, col] (+)= (sum over k of a[row, k] * w[col, k]) << shift, for rows x panels, over
/// `blocks` k blocks whose sums fit int32.
struct BlockJob {
  const std::int16_t* a = nullptr;   ///< of the first row and k block
  const CodedRow* codes = nullptr;   ///< the same as bytes
  const SplitRow* halves = nullptr;  ///< or as words cut in two; one of the three is there
  std::int64_t a_block_stride = 0;   ///< of that, from one k block to the next
  std::int64_t rows = 0;
  const std::byte* w = nullptr;      ///< of the first panel and k block
  std::int64_t w_panel_stride = 0;   ///< bytes from one panel to the next
  std::int64_t w_block_bytes = 0;    ///< bytes of one k block of a panel
  Packing packing = Packing::words;  ///< of w: nibbles or quads beside codes, nibbles beside
                                     ///< halves, bytes or words beside words
  std::int64_t panels = 0;
  std::int64_t blocks = 0;
  std::int64_t first_pair = 0;  ///< of the first block
  std::int64_t last_pair = 0;   ///< end of the pairs of the last block
  std::int64_t* c = nullptr;    ///< of the first row and valid column
  std::int64_t c_stride = 0;
  const float* beside = nullptr;  ///< elements beside those of c to ask for, or null
  std::int64_t beside_stride = 0;
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

/// Groups of block `index` to multiply, of a job whose pairs begin and end with groups.
[[nodiscard]] inline IndexRange groups_of(const BlockJob& job, std::int64_t index) {
  const IndexRange pairs = pairs_of(job, index);
  return {pairs.begin / pairs_per_group, (pairs.end + pairs_per_group - 1) / pairs_per_group};
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

[[nodiscard]] AlignedBytes allocate_bytes(std::int64_t bytes);

/// Smallest and largest element, both include 0, and the largest sum of a row's |elements|.
struct Extremes {
  int smallest = 0;
  int largest = 0;
  std::int64_t heaviest_row = 0;

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

/// For each group of a row the least shift that leaves codes of `bits` bits; false where an element
/// is no multiple of 2^shift. `shifts` has an entry a group.
[[nodiscard]] bool group_shifts(const std::int16_t* row, std::int64_t count, int bits,
                                std::uint8_t* shifts);
/// `count` elements of a row, zero beyond; false where they are no shifted bytes.
[[nodiscard]] bool code_row(const std::int16_t* from, std::int64_t count, CodedRow& to);
/// The same of `count` codes and the shift of each group, known already.
void take_codes(const std::int16_t* codes, const std::uint8_t* shifts, std::int64_t count,
                CodedRow& to);
/// The first groups of a block of bytes of 16 rows as nibbles, by the shifts of each row's groups.
void to_nibbles(const std::byte* bytes, const std::uint8_t (&shifts)[panel][groups_per_block],
                std::int64_t groups, NibbleBlock& to);
/// Groups of a block as quads, at their places in a block of these.
void to_quads(const NibbleBlock& from, IndexRange groups, std::byte* quads);
/// Groups of bytes as quads and back, in place or not.
void to_quads(const std::byte* bytes, IndexRange groups, std::byte* quads);
void to_bytes(const std::byte* quads, IndexRange groups, std::byte* bytes);

/// Whether the instruction set in use multiplies left bytes.
[[nodiscard]] bool multiplies_bytes();

// Words times words or bytes:
void sum_blocks_plain(const BlockJob& job);
void sum_blocks_simd(const BlockJob& job);     // Highway, best target in use
void sum_blocks_vnni512(const BlockJob& job);  // only where has_vnni512()
// Bytes times nibbles or quads, and words cut in two times nibbles; only where has_vnni512():
void sum_codes_vnni512(const BlockJob& job);
void sum_halves_vnni512(const BlockJob& job);
void split_row_vnni512(const std::int16_t* words, SplitRow& to);
[[nodiscard]] bool has_vnni512();

}  // namespace razorsim::kernel_detail
