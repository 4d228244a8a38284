// SPDX-License-Identifier: Apache-2.0
// A quantity of a module that changes at instants, for waveforms. Nobody reads it, it costs a
// comparison.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/hardware/clock.h"

namespace razorsim {

class Gauge {
 public:
  using Readings = std::vector<std::pair<Picoseconds, std::int64_t>>;

  /// From here on, changes are written to `readings`, which outlives the module.
  void record_to(Readings* readings) { readings_ = readings; }
  void show(std::int64_t value) {
    if (readings_ != nullptr) readings_->emplace_back(now(), value);
  }

 private:
  Readings* readings_ = nullptr;
};

}  // namespace razorsim
