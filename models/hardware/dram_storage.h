// SPDX-License-Identifier: Apache-2.0
// The bytes of a DRAM, where a run wants them kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <unordered_map>

namespace razorsim {

/// Sparse: pages exist once written; bytes never written read as zero.
class DramStorage {
 public:
  void read(std::uint64_t address, std::uint8_t* to, std::uint64_t bytes) const {
    each_page(address, bytes,
              [&](std::uint64_t page, std::uint64_t offset, std::uint64_t at, std::uint64_t count) {
                const auto found = pages_.find(page);
                if (found == pages_.end()) {
                  std::memset(to + at, 0, count);
                } else {
                  std::memcpy(to + at, found->second.data() + offset, count);
                }
              });
  }
  void write(std::uint64_t address, const std::uint8_t* from, std::uint64_t bytes) {
    each_page(address, bytes,
              [&](std::uint64_t page, std::uint64_t offset, std::uint64_t at, std::uint64_t count) {
                std::memcpy(pages_[page].data() + offset, from + at, count);
              });
  }

 private:
  static constexpr std::uint64_t page_bytes = 4096;  // chosen: the host's own

  template <class Visit>
  static void each_page(std::uint64_t address, std::uint64_t bytes, Visit&& visit) {
    for (std::uint64_t at = 0; at < bytes;) {
      const std::uint64_t offset = (address + at) % page_bytes;
      const std::uint64_t count = std::min(bytes - at, page_bytes - offset);
      visit((address + at) / page_bytes, offset, at, count);
      at += count;
    }
  }

  std::unordered_map<std::uint64_t, std::array<std::uint8_t, page_bytes>> pages_;
};

}  // namespace razorsim
