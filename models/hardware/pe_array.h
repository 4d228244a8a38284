// SPDX-License-Identifier: Apache-2.0
// The array at `pe` fidelity: every operand register and every sum of every processing element,
// stepped each cycle. It exists to prove the closed forms of `tile`: same cycles, same bits.
#pragma once

#include "models/hardware/array.h"
#include "models/hardware/pe_product.h"
#include "models/hardware/schedule.h"
#include "models/hardware/specs.h"
#include "models/hardware/value_path.h"

namespace razorsim {

class PeArray : public ArrayModel {
 public:
  /// `values` may be null: all codes are zero, the cycles are the same.
  PeArray(const ArraySpec& array, const Schedule& schedule, ValuePath* values,
          PeObserver* observer = nullptr);
  [[nodiscard]] TileTiming run(const Job& job) override;
  void placed(const Job& job, Picoseconds cycle_0) override;

 private:
  const ArraySpec array_;
  const Schedule& schedule_;
  ValuePath* values_;
  PeObserver* observer_;
  bool shown_ = false;  ///< the last tile, to the observer
};

}  // namespace razorsim
