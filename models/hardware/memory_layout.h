// SPDX-License-Identifier: Apache-2.0
// Where tensors lie in DRAM.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/base/units.h"
#include "models/mapping/geometry.h"

namespace razorsim {

/// Each tensor of a layer lies there once, one after the other, at multiples of 4 KiB. Layers lie
/// alike, each in a region of its own that begins with a row of the first bank. Only row numbers
/// tell one region from another, and since each layer starts from closed banks those cost nothing:
/// an address counts from its region's start.
class MemoryLayout {
 public:
  void begin_layer() {
    addresses_.clear();
    next_ = 0;
  }

  [[nodiscard]] std::int64_t address(const std::string& tensor, Bytes size) {
    const auto [entry, added] = addresses_.try_emplace(tensor, next_);
    if (added) next_ += round_up<std::int64_t>(size.count() + page, page);
    return entry->second;
  }

 private:
  static constexpr std::int64_t page = 4096;  ///< chosen

  std::map<std::string, std::int64_t> addresses_;
  std::int64_t next_ = 0;
};

}  // namespace razorsim
