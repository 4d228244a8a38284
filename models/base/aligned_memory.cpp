// SPDX-License-Identifier: Apache-2.0
#include "models/base/aligned_memory.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "models/base/units.h"

namespace razorsim {

std::byte* allocate_aligned(std::size_t bytes) {
  constexpr std::size_t line = 64;  // one cache line, one 512-bit vector
  constexpr std::size_t huge_page = std::size_t{2} << 20;
  const std::size_t least = std::max<std::size_t>(bytes, 1);
  const std::size_t alignment = least < huge_page ? line : huge_page;
  const std::size_t size = round_up(least, alignment);
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, size));
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (alignment == huge_page) ::madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_aligned(std::byte* memory) { std::free(memory); }

}  // namespace razorsim
