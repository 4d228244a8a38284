// SPDX-License-Identifier: Apache-2.0
// Memory for matrices that are made once: zeroed, in huge pages where the system gives them. A
// fault for each 4 KiB of a fresh matrix costs more than writing it.
#pragma once

#include <cstddef>
#include <utility>

namespace razorsim {

class Pages {
 public:
  Pages() = default;
  explicit Pages(std::size_t bytes);
  ~Pages();
  Pages(Pages&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  [[nodiscard]] void* data() const { return memory_; }

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace razorsim
