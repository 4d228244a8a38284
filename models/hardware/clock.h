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
  return {static_cast<double>(span.count()), sc_core::SC_PS};
}

class CoreClockDomain {
 public:
  explicit CoreClockDomain(Picoseconds period) : period_(period) {}

  [[nodiscard]] Picoseconds period() const { return period_; }
  [[nodiscard]] Picoseconds span(CoreCycles cycles) const {
    return Picoseconds(cycles.count() * period_.count());
  }
  void wait_cycles(CoreCycles cycles) const {
    if (cycles.count() > 0) sc_core::wait(as_time(span(cycles)));
  }
  /// Waits for the next edge, unless at one: how a signal of another clock crosses.
  void wait_edge() const {
    const std::int64_t past = now().count() % period_.count();
    if (past != 0) sc_core::wait(as_time(Picoseconds(period_.count() - past)));
  }

 private:
  Picoseconds period_;
};

}  // namespace razorsim
