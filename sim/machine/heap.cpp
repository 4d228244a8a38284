// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/heap.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace razorsim {

void keep_heap() {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__)
  constexpr std::size_t room = std::size_t{512} << 20;  // of address space, not of memory
  constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20;
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  ::mallopt(M_TOP_PAD, 64 << 20);
  ::mallopt(M_ARENA_MAX, 1);
  const auto begin = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* volatile grown = std::malloc(room);
  std::free(grown);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::uintptr_t first = (begin + huge_page - 1) / huge_page * huge_page;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

}  // namespace razorsim
