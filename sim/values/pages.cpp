// SPDX-License-Identifier: Apache-2.0
#include "sim/values/pages.h"

#include <new>

#include <sys/mman.h>

namespace razorsim {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;  // of x86-64

}  // namespace

Pages::Pages(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  memory_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    throw std::bad_alloc();
  }
#ifdef MADV_HUGEPAGE
  if (bytes_ >= huge_page) (void)::madvise(memory_, bytes_, MADV_HUGEPAGE);  // a hint, no promise
#endif
}

Pages::~Pages() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

}  // namespace razorsim
