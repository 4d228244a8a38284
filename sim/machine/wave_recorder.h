// SPDX-License-Identifier: Apache-2.0
// Records the registers of an array that is stepped, as signals over time.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/unit_spec.h"
#include "models/hardware/pe_observer.h"
#include "models/hardware/specs.h"
#include "sim/result/waveform.h"

namespace razorsim {

class WaveRecorder : public PeObserver {
 public:
  /// The first `cycles` cycles, each `period` long, from the first that is seen.
  WaveRecorder(const ArraySpec& array, const UnitSpec& unit, Picoseconds period,
               std::int64_t cycles);

  /// Only the tiles of this operation; else all.
  void follow(int operation) { operation_ = operation; }

  [[nodiscard]] bool wants(int operation) const override;
  void start(const UnitPlan& plan) override;
  void clock(std::int64_t cycle, const PeSnapshot& array) override;
  /// Without it a tile starts at 0 ps. Tiles overlap in time: while the last rows still work on
  /// one, the first have begun the next.
  void placed(Picoseconds cycle_0, std::int64_t row, std::int64_t col) override;

  /// What was recorded, in order of time. Sums stand as many cycles behind their operands as the
  /// unit has register stages.
  [[nodiscard]] Waveform take();

 private:
  void put(std::int64_t cycle, int signal, std::int64_t value);
  void declare();
  [[nodiscard]] int signals_of_element() const { return 11 + 2 * unit_.lanes; }
  [[nodiscard]] Picoseconds at(std::int64_t cycle) const {
    return Picoseconds(cycle * period_.count());
  }

  const ArraySpec array_;
  const UnitSpec unit_;
  Picoseconds period_;
  std::int64_t cycles_;
  int operation_ = -1;
  UnitPlan plan_;
  std::vector<WaveSignal> signals_;
  std::vector<WaveChange> tile_;        ///< of the tile under way, from its own cycle 0
  std::vector<WaveChange> tile_falls_;  ///< of "works"
  std::vector<WaveChange> changes_;
  std::vector<WaveChange> falls_;
  std::vector<std::int64_t> held_;  ///< what each signal was last put to, in this tile
  std::vector<bool> known_;
  Picoseconds first_{-1};  ///< cycle 0 of the first tile
};

}  // namespace razorsim
