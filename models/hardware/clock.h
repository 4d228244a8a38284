// SPDX-License-Identifier: Apache-2.0
// The core clock as seen by modules that wait whole spans of it instead of toggling it.
#pragma once

#include <systemc>

#include "models/base/units.h"

namespace razorsim {

/// SystemC time in whole picoseconds, the kernel's default resolution.
[[nodiscard]] inline Picoseconds now() {
  return Picoseconds(static_cast<std::int64_t>(sc_core::sc_time_stamp().value()));
}
[[nodiscard]] inline sc_core::sc_time as_time(Picoseconds span) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(span.count()));
}
/// Waits until `time`, if that is still to come.
inline void wait_until(Picoseconds time) {
  if (time > now()) sc_core::wait(as_time(time - now()));
}

class CoreClockDomain {
 public:
  explicit CoreClockDomain(Picoseconds period) : period_(period) {}

  [[nodiscard]] Picoseconds period() const { return period_; }
  [[nodiscard]] Picoseconds span(CoreCycles cycles) const {
    return Picoseconds(cycles.count() * period_.count());
  }
  /// First edge at or after `time`: when a signal of another clock is seen.
  [[nodiscard]] Picoseconds edge(Picoseconds time) const {
    return Picoseconds(round_up(time.count(), period_.count()));
  }

 private:
  Picoseconds period_;
};

}  // namespace razorsim
