// SPDX-License-Identifier: Apache-2.0
// Divides a run's time among its operations, every instant to exactly one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/base/cause.h"
#include "models/base/operation.h"
#include "models/base/units.h"
#include "models/hardware/ledger.h"

namespace razorsim {

/// Time of one operation. busy + stalls = total.
struct OperationTime {
  Picoseconds total;
  Picoseconds busy;
  ByCause<Picoseconds> stalls;
};

/// A pass that ran from `begin` to `end`; instants in which no module has anything to do go to
/// `last`.
struct PassSpan {
  Picoseconds begin;
  Picoseconds end;
  int last = 0;
};

/// An instant belongs to the operation that the first module of the path with something to do
/// (array, vector unit, razor unit, accumulator, write-back, in this order) works or waits for. It
/// is busy time if that module works and is the operation's main one (the array for products, the
/// vector unit else); otherwise it is a stall: by the cause of the wait, or by the name of the
/// module that works. `path` has the slices of those five modules in that order, each in order of
/// time and without overlap.
[[nodiscard]] std::vector<OperationTime> attribute(const std::vector<Operation>& operations,
                                                   std::span<const std::span<const Slice>> path,
                                                   const std::vector<PassSpan>& passes);

}  // namespace razorsim
