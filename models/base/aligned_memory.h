// SPDX-License-Identifier: Apache-2.0
// Memory of matrices: aligned for vectors and, where a matrix is large, in huge pages. It is read
// from end to end, and fewer pages cost fewer misses of their table.
#pragma once

#include <cstddef>
#include <vector>

namespace razorsim {

/// Of a cache line's alignment at least. Throws std::bad_alloc.
[[nodiscard]] std::byte* allocate_aligned(std::size_t bytes);
void free_aligned(std::byte* memory);

/// An allocator of it.
template <class T>
struct AlignedMemory {
  using value_type = T;

  AlignedMemory() = default;
  template <class Other>
  AlignedMemory(const AlignedMemory<Other>& /*other*/) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return reinterpret_cast<T*>(allocate_aligned(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t /*count*/) {
    free_aligned(reinterpret_cast<std::byte*>(memory));
  }
  bool operator==(const AlignedMemory&) const = default;
};

/// The elements of a matrix that is read as a whole.
template <class T>
using MatrixElements = std::vector<T, AlignedMemory<T>>;

}  // namespace razorsim
