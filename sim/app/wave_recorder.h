// SPDX-License-Identifier: Apache-2.0
// Records the registers of an array that is stepped, as signals over time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/arithmetic/unit_spec.h"
#include "models/hardware/pe_observer.h"
#include "models/hardware/specs.h"
#include "sim/result/waveform.h"

namespace razorsim {

class WaveRecorder : public PeObserver {
 public:
  /// The first `cycles` cycles, each `period` long.
  WaveRecorder(const ArraySpec& array, const UnitSpec& unit, Picoseconds period,
               std::int64_t cycles);

  void start(const UnitPlan& plan) override { plan_ = plan; }
  void clock(std::int64_t cycle, const PeSnapshot& array) override;

  /// What was recorded, in order of time. Sums stand as many cycles behind
  /// their operands as the unit has register stages.
  [[nodiscard]] Waveform take();

 private:
  void put(std::int64_t cycle, int signal, std::int64_t value);
  void declare();

  const ArraySpec array_;
  const UnitSpec unit_;
  Picoseconds period_;
  std::int64_t cycles_;
  UnitPlan plan_;
  Waveform waves_;
  std::vector<std::optional<std::int64_t>> held_;  ///< the last value of each signal
};

}  // namespace razorsim
