// SPDX-License-Identifier: Apache-2.0
// Signals over time, as a waveform viewer takes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace razorsim {

struct WaveSignal {
  std::string scope;  ///< modules around it: "array.pe_0_0"
  std::string name;
  int bits = 1;
};
struct WaveChange {
  Picoseconds time;
  int signal = 0;
  std::int64_t value = 0;
};
struct Waveform {
  std::vector<WaveSignal> signals;  ///< those of a scope side by side
  std::vector<WaveChange> changes;  ///< in order of time
};

/// Puts changes in order of time. Of several of a signal at one instant the last counts, and one
/// that changes nothing goes.
void settle(Waveform& waves);

}  // namespace razorsim
