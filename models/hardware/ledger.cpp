// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/ledger.h"

#include <algorithm>

#include "models/base/errors.h"

namespace razorsim {

void Ledger::close(Picoseconds now, Activity activity, Cause cause, int operation) {
  promise(now >= covered_, name_, ": time ran backwards");
  const Picoseconds span = now - covered_;
  if (span.count() == 0) return;
  switch (activity) {
    case Activity::busy: time_.busy += span; break;
    case Activity::waiting_in: time_.waiting_in[cause] += span; break;
    case Activity::waiting_out: time_.waiting_out[cause] += span; break;
  }
  if (keep_slices_) slices_.push_back({covered_, now, activity, cause, operation});
  covered_ = now;
}

void Ledger::waited_in_until(Picoseconds now, Picoseconds issued, Cause cause, int operation) {
  idle_until(std::clamp(issued, covered_, std::max(now, covered_)));
  close(now, Activity::waiting_in, cause, operation);
}

void Ledger::idle_until(Picoseconds now) {
  promise(now >= covered_, name_, ": time ran backwards");
  time_.idle += now - covered_;
  covered_ = now;
}

}  // namespace razorsim
