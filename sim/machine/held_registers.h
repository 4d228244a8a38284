// SPDX-License-Identifier: Apache-2.0
// Registers of an operand that stays: each element has a second set, into which the next fold is
// shifted from the top of its column while it works on the first.
#pragma once

#include <cstdint>

#include "models/hardware/operation_counters.h"
#include "models/hardware/schedule.h"
#include "models/hardware/specs.h"

namespace razorsim {

/// Bits of the whole array that no unit's own figures hold: the second set, flags included, and
/// what an element that holds several beats keeps beyond the operand of one. 0 where sums stay.
[[nodiscard]] std::int64_t second_register_bits(const ArraySpec& array,
                                                const ScheduledOperation& operation);

/// Bits clocked into them: each word passes on average half the registers of its column on its way
/// down, then is taken over. Registers that nothing enters are not clocked. `weights` and
/// `activations` are what the operation read of both buffers; `k` is its reduction.
[[nodiscard]] std::int64_t register_writes(const ArraySpec& array,
                                           const ScheduledOperation& operation, std::int64_t k,
                                           const PanelBytes& weights,
                                           const PanelBytes& activations);

}  // namespace razorsim
