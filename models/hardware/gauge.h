// SPDX-License-Identifier: Apache-2.0
// A quantity of a module that changes at instants, for waveforms. Nobody reads it, it costs a
// comparison.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/base/units.h"

namespace razorsim {

class Gauge {
 public:
  /// Instants and by how much the quantity grew then; in no order, for its two sides may be at
  /// times of their own.
  using Changes = std::vector<std::pair<Picoseconds, std::int64_t>>;

  /// From here on, changes are written to `changes`, which outlives the module.
  void record_to(Changes* changes) { changes_ = changes; }
  void grow(Picoseconds at, std::int64_t by) {
    if (changes_ != nullptr) changes_->emplace_back(at, by);
  }

 private:
  Changes* changes_ = nullptr;
};

}  // namespace razorsim
