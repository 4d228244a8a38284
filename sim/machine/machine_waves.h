// SPDX-License-Identifier: Apache-2.0
// A whole machine over its own time: what each module does, what fills its channels and buffers,
// and the registers of the array.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "models/hardware/gauge.h"
#include "sim/machine/accelerator.h"
#include "sim/result/waveform.h"

namespace razorsim {

/// Asked of a run at pe fidelity.
struct WaveRequest {
  int operation = -1;       ///< whose registers are shown, -1 for any
  std::int64_t cycles = 0;  ///< for how long, from its first tile on
};

/// Quantities read off modules while a machine runs.
class MachineGauges {
 public:
  void add(Gauge& gauge, std::string scope, std::string name, std::int64_t largest) {
    readings_.push_back({std::move(scope), std::move(name), largest, {}});
    gauge.record_to(&readings_.back().changes);
  }
  struct Readings {
    std::string scope;
    std::string name;
    std::int64_t largest = 0;
    Gauge::Changes changes;
  };
  [[nodiscard]] const std::deque<Readings>& all() const { return readings_; }

 private:
  std::deque<Readings> readings_;  ///< gauges point into it
};

/// `registers` of the array with everything else around them.
[[nodiscard]] Waveform machine_waves(const Measurement& measured, const MachineGauges& gauges,
                                     Waveform registers);

}  // namespace razorsim
