// SPDX-License-Identifier: Apache-2.0
// The fast exact integer matrix product. One definition (int64 sums of int16 products), several
// instruction sets, the same result bit for bit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/base/tensor_view.h"

namespace razorsim {

/// K is packed in blocks of this many elements; k ranges that are multiples of it are fastest.
inline constexpr std::int64_t kernel_k_block = 256;
/// Rows of the right operand (columns of the output) packed side by side; likewise fastest.
inline constexpr std::int64_t kernel_panel = 16;

/// Half-open range [begin, end) of rows or of k.
struct IndexRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] std::int64_t size() const { return end - begin; }
  bool operator==(const IndexRange&) const = default;
};

/// Memory aligned for vector loads.
template <class T>
struct AlignedFree {
  void operator()(T* memory) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedFree<std::byte>>;

/// A left operand (m x k), packed once and multiplied often.
class PackedLeft {
 public:
  PackedLeft() = default;
  explicit PackedLeft(MatrixView<const std::int16_t> matrix);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t k() const { return k_; }
  [[nodiscard]] int largest() const { return largest_; }  ///< max |element|
  [[nodiscard]] const std::int16_t* block(std::int64_t k_block) const;

 private:
  std::int64_t rows_ = 0;
  std::int64_t k_ = 0;
  int largest_ = 0;
  AlignedBytes memory_;
};

/// A right operand (n x k, rows are output columns). Elements in -128..127 are held in one byte.
class PackedRight {
 public:
  PackedRight() = default;
  explicit PackedRight(MatrixView<const std::int16_t> matrix, int threads = 1);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t k() const { return k_; }
  [[nodiscard]] int largest() const { return largest_; }
  [[nodiscard]] bool narrow() const { return narrow_; }
  [[nodiscard]] const std::byte* block(std::int64_t panel, std::int64_t k_block) const;

 private:
  std::int64_t rows_ = 0;
  std::int64_t k_ = 0;
  int largest_ = 0;
  bool narrow_ = false;
  AlignedBytes memory_;
};

/// c (m.size() x n.size()) = sum over k of a[m, k] * w[n, k], or += with `accumulate`. Exact for all
/// int16 values and every range; `threads` changes the time only.
void multiply(const PackedLeft& a, IndexRange m, const PackedRight& w, IndexRange n, IndexRange k,
              MatrixView<std::int64_t> c, bool accumulate = false, int threads = 1);
/// The whole product.
void multiply(const PackedLeft& a, const PackedRight& w, MatrixView<std::int64_t> c, int threads = 1);

/// The definition, in plain C++: what every other path is compared with.
void multiply_plain(MatrixView<const std::int16_t> a, MatrixView<const std::int16_t> w,
                    MatrixView<std::int64_t> c, bool accumulate = false);

/// Instruction sets, for tests and benchmarks. `automatic` takes the best of this machine.
enum class KernelTarget { automatic, vnni512, avx512, avx2, sse4, plain };
/// False, changing nothing, where the machine or the build lacks it. Not for use between threads.
bool use_kernel_target(KernelTarget target);
/// Name of the instruction set in use.
[[nodiscard]] std::string_view kernel_target_name();

}  // namespace razorsim
