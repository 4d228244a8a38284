// SPDX-License-Identifier: Apache-2.0
#include "sim/result/waveform.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace razorsim {

void settle(Waveform& waves) {
  const auto place = [](const WaveChange& change) { return std::pair(change.time, change.signal); };
  std::stable_sort(waves.changes.begin(), waves.changes.end(),
                   [&](const WaveChange& a, const WaveChange& b) { return place(a) < place(b); });
  std::vector<std::optional<std::int64_t>> held(waves.signals.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < waves.changes.size(); ++i) {
    const WaveChange& change = waves.changes[i];
    if (i + 1 < waves.changes.size() && place(waves.changes[i + 1]) == place(change)) continue;
    auto& value = held[static_cast<std::size_t>(change.signal)];
    if (value == change.value) continue;
    value = change.value;
    waves.changes[kept++] = change;
  }
  waves.changes.resize(kept);
}

}  // namespace razorsim
