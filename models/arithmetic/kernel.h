// SPDX-License-Identifier: Apache-2.0
// The fast exact integer matrix product. One definition (int64 sums of int16 products), several
// instruction sets, the same result bit for bit for all int16 values and any k.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "models/base/index_range.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// K is packed in blocks of this many elements: 256 products of a 16-bit and an 8-bit operand
/// always fit an int32 sum. Ranges of k that are multiples of it are fastest.
inline constexpr std::int64_t kernel_k_block = 256;
/// Rows of the right operand (columns of the output) packed side by side; likewise fastest.
inline constexpr std::int64_t kernel_panel = 16;
/// Neighbours along k of an operand held as bytes or nibbles that share a power of two.
inline constexpr std::int64_t kernel_group = 16;

/// Fewer left rows than this take a right operand's nibbles as they are.
inline constexpr std::int64_t kernel_few_rows = 8;

/// Bytes aligned for vector loads.
struct FreeAligned {
  void operator()(std::byte* memory) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;

namespace kernel_detail {
struct CodedRow;
struct Extremes;
}  // namespace kernel_detail

/// How a packed operand holds its elements. The instruction set in use when it is packed decides
/// too: only AVX-512 VNNI multiplies shifted bytes by nibbles and quads, and all others take words
/// and bytes.
enum class Packing {
  nibbles,  ///< 4 bits an element, times a power of two that 16 neighbours along k share
  quads,    ///< bytes of a right operand as left bytes are multiplied by them
  bytes,    ///< of a left operand with such powers of two, of a right one without
  words
};

/// A left operand (m x k: activations), packed once and multiplied often: as bytes where these hold
/// it, else as words.
class PackedLeft {
 public:
  PackedLeft() = default;
  explicit PackedLeft(MatrixView<const std::int16_t> matrix);
  /// The same of a matrix whose elements are known to be `codes` of 8 bits << `flags`, of which
  /// each kernel_group of a row has one.
  PackedLeft(MatrixView<const std::int16_t> matrix, MatrixView<const std::int16_t> codes,
             const std::uint8_t* flags);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t k() const { return k_; }
  [[nodiscard]] int largest() const { return largest_; }  ///< max |element|
  /// The largest sum of a row's |elements|.
  [[nodiscard]] std::int64_t heaviest_row() const { return heaviest_row_; }
  [[nodiscard]] Packing packing() const { return packing_; }
  /// Words of block `index` of k: rows() x kernel_k_block, zero beyond k.
  [[nodiscard]] const std::int16_t* words(std::int64_t index) const {
    return reinterpret_cast<const std::int16_t*>(memory_.get()) + index * rows_ * kernel_k_block;
  }
  /// Bytes of block `index` of k: rows(), zero beyond k.
  [[nodiscard]] const kernel_detail::CodedRow* codes(std::int64_t index) const;

 private:
  PackedLeft(std::int64_t rows, std::int64_t k, const kernel_detail::Extremes& extremes);
  /// Each row of each block by `code(row, first k, count, CodedRow&)`; false where one of them is.
  template <class Code>
  [[nodiscard]] bool pack_codes(const Code& code);
  void pack_words(MatrixView<const std::int16_t> matrix);

  std::int64_t rows_ = 0;
  std::int64_t k_ = 0;
  int largest_ = 0;
  std::int64_t heaviest_row_ = 0;
  Packing packing_ = Packing::words;
  AlignedBytes memory_;
};

/// Memory of right operands that are read one after the other, as the heads of a cache are by a
/// decode step: in huge pages, and each is packed as an operand of all their elements would be.
class PackedRoom {
 public:
  explicit PackedRoom(std::int64_t elements) : elements_(elements) {}

  [[nodiscard]] std::int64_t elements() const { return elements_; }
  /// Room for the next one.
  [[nodiscard]] std::shared_ptr<std::byte[]> take(std::int64_t bytes);

 private:
  std::int64_t elements_;
  std::shared_ptr<std::byte[]> memory_;
  std::int64_t used_ = 0;
  std::int64_t size_ = 0;
};

/// A right operand (n x k: weights, K, V; its rows are output columns), which a product of few rows
/// reads at memory speed: in the least packing, from `least` on, that holds it. Left words are
/// multiplied faster by bytes than by nibbles.
class PackedRight {
 public:
  PackedRight() = default;
  explicit PackedRight(MatrixView<const std::int16_t> matrix, Packing least = Packing::nibbles,
                       PackedRoom* room = nullptr);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t k() const { return k_; }
  [[nodiscard]] int largest() const { return largest_; }
  [[nodiscard]] Packing packing() const { return packing_; }
  /// Layout: kernel_block.h.
  [[nodiscard]] std::int64_t block_bytes() const;
  [[nodiscard]] std::int64_t panel_bytes() const;
  [[nodiscard]] const std::byte* panel(std::int64_t index) const {
    return memory_.get() + index * panel_bytes();
  }

 private:
  std::int64_t rows_ = 0;
  std::int64_t k_ = 0;
  int largest_ = 0;
  Packing packing_ = Packing::words;
  std::shared_ptr<std::byte[]> memory_;
};

/// c (m.size() x n.size()) = sum over k of a[m, k] * w[n, k], or += with `accumulate`. Any ranges
/// inside the operands; `threads` changes the time only, and so does `beside`, of the shape of c:
/// what the caller reads beside the sums afterwards is asked for from memory meanwhile.
void multiply(const PackedLeft& a, IndexRange m, const PackedRight& w, IndexRange n, IndexRange k,
              MatrixView<std::int64_t> c, bool accumulate = false, int threads = 1,
              MatrixView<const float> beside = {});
/// The whole product.
void multiply(const PackedLeft& a, const PackedRight& w, MatrixView<std::int64_t> c,
              int threads = 1);

/// The definition, in plain C++: what every other path is compared with.
void multiply_plain(MatrixView<const std::int16_t> a, MatrixView<const std::int16_t> w,
                    MatrixView<std::int64_t> c, bool accumulate = false);

/// Instruction sets, for tests and benchmarks; `automatic` takes the best this machine has.
enum class KernelTarget { automatic, vnni512, avx512, avx2, sse4, plain };
/// False, changing nothing, where the machine or the build lacks it. Call from one thread only.
bool use_kernel_target(KernelTarget target);
/// Name of the instruction set in use.
[[nodiscard]] std::string_view kernel_target_name();

}  // namespace razorsim
